"""Configs inside a config (`text_config`, `vision_config`): each a network of its own, which becomes a block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archspec.errors import SpecError, show
from archspec.importers.folding import redirected

Data = dict[str, Any]
EMBEDDED = "embedded"  # the id of words with what stands between or behind them


def block_of(made: Data, name: str, extra: Mapping[str, Any]) -> tuple[dict[str, Data], dict[str, Any]]:
    """A specialised network as blocks, its own under ``name``, and the variables that they see.

    Its variables and blocks get the name in front: `hidden_size` of `text_config` is `text_hidden_size`. Its dims are
    those of the whole. ``extra`` may say ``inputs`` that it takes beside its own, and ``layers`` to put in
    ``after`` one of its layers.
    """
    names = {variable: f"{name}_{variable}" for variable in made["vars"]}
    blocks = {block: f"{name}_{block}" for block in made["blocks"]}
    layers = made["layers"]
    if "after" in extra and not inserted(layers, extra["after"], extra["layers"]):
        raise SpecError(f"`{name}` has no layer {show(extra['after'])} to put in what is told about images or sounds")
    block: Data = {"inputs": [*made["inputs"], *extra.get("inputs", [])], "layers": layers}
    first = layers[0]
    while "seq" in first:
        first = first["seq"][0]
    if len(block["inputs"]) > 1:
        first.setdefault("from", block["inputs"][0])
    if made.get("outputs"):
        block["outputs"] = made["outputs"]
    inner = {blocks[key]: renamed(value, names, blocks) for key, value in made["blocks"].items()}
    values = {names[variable]: value for variable, value in made["vars"].items()}
    return {**inner, name: renamed(block, names, blocks)}, values


def renamed(data: Any, names: Mapping[str, str], blocks: Mapping[str, str]) -> Any:
    """A block with other names of variables and of the blocks it calls; its parameters keep theirs."""
    if isinstance(data, dict):
        own = {name: new for name, new in names.items() if name not in data["params"]} if "params" in data else names
        use = {"use": called(data["use"], own, blocks)} if "use" in data else {}
        return {**{key: renamed(value, own, blocks) for key, value in data.items()}, **use}
    if isinstance(data, list):
        return [renamed(item, names, blocks) for item in data]
    if isinstance(data, str) and "$" in data:
        return re.sub(r"\$([A-Za-z_]\w*)", lambda found: "$" + names.get(found[1], found[1]), data)
    return data


def called(use: str, names: Mapping[str, str], blocks: Mapping[str, str]) -> str:
    """What a `use` says, with other names of blocks: one, or an expression that chooses between texts."""
    if "$" not in use:
        return blocks.get(use, use)
    chosen: str = renamed(use, names, {})
    return re.sub(r"'([\w-]+)'", lambda found: f"'{blocks.get(found[1], found[1])}'", chosen)


def inserted(layers: list[Any], after: str, more: list[Any]) -> bool:
    """Put layers in behind the one with an id, in this list or in a structure of it; whether it is there. What stands
    behind them and asks for that layer by its id asks for the last of them instead."""
    for index, layer in enumerate(layers):
        if not isinstance(layer, dict):
            continue
        if layer.get("id") == after:
            behind = redirected(layers[index + 1 :], {after: EMBEDDED})
            if more[-1].get("unused"):
                behind = layers[index + 1 :]
            elif behind != layers[index + 1 :]:
                more = [*more[:-1], {**more[-1], "id": EMBEDDED}]
            layers[index + 1 :] = [*more, *behind]
            return True
        if isinstance(layer.get("seq"), list) and inserted(layer["seq"], after, more):
            return True
    return False
