"""What stands behind a layer without an entry of its own: the normalisation and activation that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import show, suggestion
from archspec.expr import Expr
from archspec.kinds import kinds
from archspec.language.building import expressions, make_layer, shorthand
from archspec.language.nodes import ChosenNode, LayerNode
from archspec.language.validate import fail, show_name

Defaults = Mapping[str, Mapping[str, Any]]
_TAKEN_OVER = ("named", "span", "path", "file", "data", "freeze", "train", "unused", "call", "copies")


def follower(value: Any, role: str, node: LayerNode, defaults: Defaults) -> LayerNode | ChosenNode:
    """What `norm: batchnorm`, `act: {leaky_relu: {slope: 0.2}}` or `act: $act` stands for behind ``node``."""
    common = {"name": f"{node.name}_{role}", "keys": (*node.keys, role), **_taken_over(node)}
    if isinstance(value, Expr):
        return ChosenNode(**common, choice=value, defaults=defaults)
    return _layer(value, common, defaults)


def chosen(node: ChosenNode, value: Any) -> LayerNode:
    """The layer for the kind that the expression of a choice gives. Raises SpecError."""
    return _layer(value, {"name": node.name, "keys": node.keys, **_taken_over(node)}, node.defaults)


def _taken_over(node: LayerNode | ChosenNode) -> dict[str, Any]:
    return {name: getattr(node, name) for name in _TAKEN_OVER}


def _layer(value: Any, common: dict[str, Any], defaults: Defaults) -> LayerNode:
    keys, data, path = common["keys"], common["data"], common["path"]
    role = keys[-1]
    if not isinstance(value, str) and not (isinstance(value, dict) and len(value) == 1):
        raise fail(f"`{role}` takes a kind or {{kind: arguments}}, got {show(value)}", data, *keys, path=path)
    name, arguments = (value, None) if isinstance(value, str) else next(iter(value.items()))
    if name not in kinds():
        hint = suggestion(name, kinds())
        raise fail(f"`{role}` names no kind: `{show_name(name)}`", data, *keys, path=path, hint=hint)
    if isinstance(value, dict):
        keys = (*keys, name)
    stated = expressions(dict(defaults.get(name, {})))
    stated.update(shorthand(kinds()[name], arguments, data, path, keys))
    return make_layer(kinds()[name], stated, path, {**common, "keys": keys})
