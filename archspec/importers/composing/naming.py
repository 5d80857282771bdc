"""What a layer is called where another one reads it, and ids for those that have none from their source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from archspec.importers.composing.layers import Layer, Output
from archspec.importers.composing.likeness import Family, Likeness
from archspec.importers.composing.tree import Group, Leaf, output_of
from archspec.kinds import kinds

Entry = dict[str, Any]
Number = Callable[[Leaf, str, int], Any]
Node = Leaf | Group


class Place:
    """A list of layers while it is written: what surrounds it, what it reads under which names, its numbers."""

    def __init__(self, group: Group, around: Place | None, number: Number, flags: dict[Leaf, str]) -> None:
        self.group = group
        self.around = around
        self.number = number  # of a leaf, as it is written here
        self.flags = flags  # conditions of leaves
        self.inputs: dict[Output, str] = {}
        self.previous: Output | None = None
        self.written: list[tuple[Node, Entry]] = []
        self.entries: list[Entry] = []
        self.first: Output | None = None  # what stood before the list


class Hidden(Exception):
    """An id that is needed inside a module has another meaning there."""


class Names:
    """The names of a tree's layers, in lists that are written one after the other."""

    def __init__(self, root: Group, layers: list[Layer], like: Likeness, repeats: set[Group]) -> None:
        self.root = root
        self.layers = layers
        self.like = like
        self.repeats = repeats
        self.blocks: dict[str, Entry] = {}
        self.names: dict[Family, str] = {}
        self.entries: dict[Leaf, Entry] = {}
        self.ways: dict[int, list[Node]] = {}
        self.lists: list[Place] = []
        self.named: Counter[Leaf] = Counter()  # how often a leaf is read by its name
        self.taken: dict[Group, set[str]] = {}
        self.given: set[Leaf] = set()  # leaves whose id was made up for that

    def walk(self, group: Group, above: list[Node]) -> None:
        """Take down the way to every layer."""
        for child in group.children:
            way = [*above, child]
            if isinstance(child, Leaf):
                self.ways[child.number] = way
            else:
                self.walk(child, way)

    def reference(self, source: Output, place: Place, *, layer: bool = False) -> str:
        """What an output is called in a list; with ``layer`` the layer that makes it."""
        at: Place | None = place
        hidden: set[str] = set()
        while at is not None:
            if source in at.inputs and not layer:
                return at.inputs[source]
            way = self.ways.get(source[0], [])  # of the network's inputs there is none
            if at.group in way or not at.group.name:  # the list of the whole network has no name
                below = way[way.index(at.group) + 1 :] if at.group in way else way
                address = self._address(below, source, layer=layer)
                if address.partition(".")[0] in hidden or address in hidden:
                    raise Hidden
                return address
            hidden |= {child.name for child in at.group.children} | {
                child.name.partition(".")[0] for child in at.group.children
            }
            at = at.around
        raise Hidden

    def _address(self, way: list[Node], source: Output, *, layer: bool) -> str:
        parts: list[str] = []
        for node in way:
            if isinstance(node, Group):
                parts.append(node.name)
                if output_of(node) == source[0] and source[1] == 0 and not layer:
                    return ".".join(parts)
                continue
            model = self.written_as(node)
            if not model.name:
                self._name(model)
            self.named[model] += 1
            parts.append(model.name)
        if len(self.layers[source[0]].shapes) > 1 and not layer:
            parts.append(str(source[1]))
        return ".".join(parts)

    def written_as(self, leaf: Leaf) -> Leaf:
        """The leaf whose entry stands for this one, in a block of alike ones."""
        begin = 0
        while True:
            way = self.ways[leaf.number]
            for node in way[begin:]:
                if not isinstance(node, Group) or node in self.repeats:
                    continue
                family = self.like.of[node]
                if family in self.names and family.model is not node:
                    leaf = family.body.leaves[family.members[node].index(leaf)]
                    begin = self.ways[leaf.number].index(family.model) + 1
                    break
            else:
                return leaf

    def _name(self, leaf: Leaf) -> None:
        """Give a leaf an id that nothing else has in the block, or the network, that it is written in."""
        body = self.root
        for node in self.ways[leaf.number]:
            if isinstance(node, Group) and node not in self.repeats and self.like.of[node] in self.names:
                body = node
        if body not in self.taken:
            self.taken[body] = {name for place in self.lists for name in place.inputs.values()} | {"in"}
            self.taken[body] |= {part for node in nodes(body) for part in (node.name, node.name.partition(".")[0])}
        stem = self.layers[leaf.number].kind
        number, name = 1, stem
        while name in self.taken[body]:
            number += 1
            name = f"{stem}_{number}"
        self.taken[body].add(name)
        leaf.name = name
        self.given.add(leaf)
        if leaf in self.entries:
            self.entries[leaf]["id"] = name

    def block_name(self, family: Family) -> str:
        """A free name for a family's block: its module's."""
        way = self.ways[next(family.model.leaves()).number]
        above = [node.name for node in way[: way.index(family.model) + 1] if isinstance(node, Group)]
        words = [part for name in above for part in name.split(".") if not part.isdigit()]
        stem = re.sub(r"\d+$", "", words[-1]).rstrip("_-") if words else "block"
        stem = re.sub(r"\W", "_", stem[:-1] if stem.endswith("s") and not stem.endswith("ss") else stem) or "block"
        stem = f"{stem}_block" if stem in kinds() or not stem.isidentifier() else stem
        number, name = 1, stem
        while name in self.blocks:
            number += 1
            name = f"{stem}_{number}"
        return name


def nodes(group: Group) -> Iterator[Node]:
    """Everything in a group."""
    for child in group.children:
        yield child
        if isinstance(child, Group):
            yield from nodes(child)
