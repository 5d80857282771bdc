"""Whose the weights are that several layers have, by their full names: the path of a layer and what it calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.graph.graph import Graph, Item, Layer
from archspec.graph.ties import weights as weights_of
from archspec.graph.walk import UNROLLED, Step, owner, walk
from archspec.kinds.base import Weight
from archspec.records import NamedTuple


class Name(NamedTuple):
    """A weight or buffer of a layer."""

    path: str
    weight: str


def owners(graph: Graph) -> dict[Name, Name]:
    """Of each weight that a layer shares the one that is its owner's, repeats written out.

    A layer shares by name; a group all it has, in order, whatever its layers are called and however either is repeated.
    """
    found: dict[Name, Name] = {}
    for step in walk(graph, UNROLLED):
        if step.item.tie is None:
            continue
        owned = owner(step.place, step.item.tie)
        if isinstance(step.item, Layer):
            pairs = [(Name(step.path, name), Name(owned.path, name)) for name in step.item.shared]
        else:
            first: dict[int, Name] = {}
            for name, number in _numbered(owned.item, owned.path):
                first.setdefault(number, name)
            pairs = [(name, first[number]) for name, number in _numbered(step.item, step.path)]
        found.update((name, found.get(there, there)) for name, there in pairs)
    return found


def owned(step: Step) -> list[Weight]:
    """The weights and buffers that a layer owns."""
    layer: Any = step.item
    return [] if step.state.shared else [each for each in layer.traits.weights if each.name not in layer.shared]


def _numbered(item: Item, path: str, start: int = 0) -> Iterator[tuple[Name, int]]:
    """The weights of an item's instance, each with its place in the order that ties go by: instances below have one."""
    if isinstance(item, Layer):
        yield from ((Name(path, weight.name), start + at) for at, weight in enumerate(item.traits.weights))
        return
    for inner in item.body.items:
        repeat: Any = inner.repeat
        for turn in range(repeat):
            yield from _numbered(inner, f"{path}.{(inner.first or 0) + turn if turn else inner.name}", start)
        start += sum(1 for _ in weights_of(inner))
