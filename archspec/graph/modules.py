"""Blocks whose calls are one module, wherever they are called from."""

from __future__ import annotations

from typing import Any

from archspec.graph.addresses import Entry
from archspec.graph.graph import Item, Tie
from archspec.graph.places import tied
from archspec.language.nodes import UseNode
from archspec.records import NamedTuple


class Owner(NamedTuple):
    """The first call of a module, and its names from the network down."""

    item: Item
    names: tuple[str, ...]


class Modules:
    """The modules met so far, by block and arguments."""

    def __init__(self) -> None:
        self.owners: dict[tuple[Any, ...], Owner] = {}
        self.trail: list[str] = []  # names of the groups around the layer at hand

    def again(self, key: tuple[Any, ...], entry: Entry, node: UseNode, name: str) -> bool:
        """Make a call of a module one of its owner's, unless it is the first; whether it is not. Raises SpecError."""
        assert entry.item is not None
        item = entry.body.items[entry.item]
        owner = self.owners.setdefault(key, Owner(item, (*self.trail, name)))
        if owner.item is item:
            return False
        tie = Tie(-1, owner.names)
        entry.body.items[entry.item] = tied(item, owner.item, tie, node, ".".join(owner.names), "use")
        return True
