"""`moved`: ids of layers that were renamed, checked against the layers that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archspec.errors import suggestion
from archspec.language.nodes import Node, UseNode
from archspec.language.scope import NUMBER
from archspec.language.validate import fail, show_name


def renamed_ids(stated: Mapping[str, str], nodes: tuple[Node, ...], data: Mapping[str, Any]) -> Mapping[str, str]:
    """New addresses by old ones: the new one leads to a layer or group, the old one to none. Raises SpecError."""
    if not stated:
        return stated
    names = Names(nodes)
    for old, new in stated.items():
        if names.lead(new) is False:
            hint = suggestion(new, names.top) if "." not in new else "an instance of a repeat by its number: `stage.0`"
            message = f"`moved` names `{show_name(new)}`, which leads to no layer"
            raise fail(message, data, "moved", old, path="", hint=hint)
        if names.lead(old):
            message, hint = f"`{show_name(old)}` is said to be moved and is still there", "old ids stand before the `:`"
            raise fail(message, data, "moved", old, path="", hint=hint, of_key=True)
    return stated


class Names:
    """The nodes of each level by their names, worked out once."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.top = {node.name: node for node in flat(nodes)}
        self.levels: dict[int, dict[str, Node] | None] = {}

    def lead(self, address: str) -> bool | None:
        """Whether an address leads to something; None where that is not known."""
        level: dict[str, Node] | None = self.top
        parts = address.split(".")
        while parts:
            if level is None:
                return None
            node = level.get(parts.pop(0))
            if node is None or (node.each is not None and parts and not parts.pop(0)):
                return False
            if node.repeat is not None and parts and not instance(parts.pop(0)):
                return False
            level = self.below(node)
        return True

    def below(self, node: Node) -> dict[str, Node] | None:
        """The level inside a node; None where it is not known."""
        if id(node) not in self.levels:
            nodes = inside(node)
            self.levels[id(node)] = None if nodes is None else {inner.name: inner for inner in flat(nodes)}
        return self.levels[id(node)]


def instance(step: str) -> bool:
    """Whether a step of an address is the number of an instance, counted from the first."""
    return NUMBER.fullmatch(step) is not None and not step.startswith("-")


def inside(node: Node) -> tuple[Node, ...] | None:
    """The nodes one level below; None where that is not known: of a standard block, or one that an expression names."""
    if isinstance(node, UseNode):
        block = node.home.blocks.get(node.block) if isinstance(node.block, str) else None
        return None if block is None else block.layers
    return node.parts


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes of one level: those inside structures that add none to paths, too."""
    for node in nodes:
        if getattr(node, "inline", False) and not node.several:
            yield from flat(inside(node) or ())
        else:
            yield node
