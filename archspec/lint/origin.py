"""Where a value was written: back from an argument, through blocks' parameters, to the number in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from archspec.errors import Span
from archspec.expr import Expr
from archspec.expr.tree import Ref
from archspec.graph.graph import Group
from archspec.language.blocks import block_called
from archspec.language.nodes import LayerNode, Node, UseNode
from archspec.lint.context import Context, Run
from archspec.lint.editing import fix
from archspec.lint.flow import Use
from archspec.text.edits import Edit, Fix


class Written(NamedTuple):
    """A place in the file and the value there: a plain one, or the expression that could not be followed.

    ``terms`` are the variables in such an expression, each with its own place, where it has no other names.
    """

    span: Span
    path: tuple[str | int, ...]
    value: Any
    terms: tuple[tuple[str, Written], ...] = ()


def rewritten(places: Iterable[Written], number: int, rounded: Any) -> Fix | None:
    """The fix that rounds a number wherever it is written; None where that is nowhere, or a place says it otherwise."""
    by_span = {place.span: place for place in places}
    edits = [Edit(span, str(rounded)) if by_span[span].value == number else None for span in sorted(by_span)]
    return fix(f"write {rounded}", *edits, safe=False) if edits else None


def argument_path(context: Context, node: LayerNode, name: str) -> tuple[str | int, ...] | None:
    """Where a layer's argument stands: in the layer, or in the file's `defaults`; None where it is nowhere."""
    path = (*context.steps(node.path), *node.keys)
    value = context.at(path)
    if isinstance(value, dict) and name in value:
        return (*path, name)
    if value is not None and not isinstance(value, dict) and name == node.kind.main:
        return path
    defaults = context.at(("defaults", node.kind.kind))
    return ("defaults", node.kind.kind, name) if isinstance(defaults, dict) and name in defaults else None


def origin(context: Context, run: Run, use: Use, name: str) -> Written | None:
    """Where the value of a layer's argument was written in this file, None where it was not."""
    node = use.call.node
    if name not in node.arguments:
        return None
    path = argument_path(context, node, name) if node.file == context.file else None
    written = Written(context.span(path), path, node.arguments[name]) if path else None
    return _follow(context, run, node.arguments[name], use.groups, written)


def terms(context: Context, run: Run, value: Expr, groups: tuple[Group, ...]) -> list[tuple[str, Written]]:
    """The names in an expression that stand for something written in this file, each with its place."""
    places = [(ref, _of(context, run, ref, groups, None)) for ref in value.refs]
    return [(".".join(map(str, ref)), place) for ref, place in places if place]


def _follow(
    context: Context, run: Run, value: Any, groups: tuple[Group, ...], written: Written | None
) -> Written | None:
    """Follow a reference through the blocks around it, innermost last in ``groups``."""
    if not isinstance(value, Expr):
        return written
    if not isinstance(value.tree, Ref):
        known = terms(context, run, value, groups) if written else []
        return written and written._replace(terms=tuple(known) if len(known) == len(value.refs) else ())
    return _of(context, run, value.tree.path, groups, written)


def _of(
    context: Context, run: Run, ref: tuple[str | int, ...], groups: tuple[Group, ...], written: Written | None
) -> Written | None:
    """Follow a name."""
    name, *rest = ref
    calls = [group for group in groups if isinstance(group.node, UseNode) and not group.several]
    if calls:
        call = calls[-1]
        node = call.node
        assert isinstance(node, UseNode)
        block = block_called(call.label, node)
        if name in block.params:
            outer = groups[: groups.index(call)]
            if name in node.arguments:
                here = _written(context, node, ("with", str(name)), node.arguments[str(name)])
                return _follow(context, run, node.arguments[str(name)], outer, here or written)
            path = ("blocks", block.name, "params", str(name))
            own = block.home is context.home
            default = block.params[str(name)].default
            here = Written(context.span(path), path, default) if own and not rest else written
            return _follow(context, run, default, groups[: groups.index(call) + 1], here)
    return _variable(context, run, (name, *rest)) or written


def _written(context: Context, node: Node, keys: tuple[str, ...], value: Any) -> Written | None:
    if node.file != context.file:
        return None
    path = (*context.steps(node.path), *keys)
    return Written(context.span(path), path, value)


def _variable(context: Context, run: Run, steps: tuple[str | int, ...]) -> Written | None:
    """A variable's or dim's value in the variant, or its default."""
    for around in (("variants", run.variant or ""), ("vars",), ("dims",)):
        value = context.at((*around, *steps))
        if value is not None:
            path = (*around, *steps)
            return Written(context.span(path), path, value)
    return None
