"""Blocks that are kept expanded for the analyses to come, in which most bodies are as they were before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.graph.addresses import Entry
from archspec.graph.graph import Body, Group
from archspec.records import NamedTuple

MOST = 4096  # layers in all; beyond it all are forgotten


class Expanded(NamedTuple):
    """A block expanded for its arguments and input shapes: its body, the ids in it, the layers, each counted once."""

    body: Body
    inside: Mapping[str, Entry]
    layers: int
    fresh: bool  # a module was called in it for the first time, so that another call of the block is not the same


class Kept:
    """Blocks by themselves, what is around them, their arguments and what they are called on."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[Any, ...], Expanded] = {}
        self.layers = 0

    def keep(self, key: tuple[Any, ...], expanded: Expanded) -> None:
        """Keep a block of plain numbers that shares no module with what is outside: its bodies change no more."""
        layers = expanded.layers + 1  # an empty one takes room as well
        if self.layers + layers > MOST:
            self.blocks.clear()
            self.layers = 0
        if layers <= MOST:
            _seal(expanded.body)
            self.blocks[key] = expanded
            self.layers += layers


KEPT = Kept()


def _seal(body: Body) -> None:
    if body.known is None:
        body.known = {}
        for item in body.items:
            if isinstance(item, Group):
                _seal(item.body)
