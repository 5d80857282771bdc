"""Which modules are alike: the same layers in the same wiring, up to numbers and layers that some leave out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archspec.importers.composing.layers import Layer, Output
from archspec.importers.composing.tree import Group, Leaf

Label = tuple[int, str, int]  # a leaf of the family, its argument, and the place in a list (-1 for a number)
Row = tuple[Any, ...]


@dataclass(eq=False)
class Body:
    """What a module holds: its leaves, what it reads from outside, and its wiring without the numbers."""

    leaves: list[Leaf]
    inputs: list[Output]
    rows: list[Row]  # a leaf, or the beginning or end of a group
    values: dict[Label, Any]

    @property
    def key(self) -> tuple[Row, ...]:
        """What alike modules have in common."""
        return tuple(self.rows)


@dataclass(eq=False)
class Family:
    """Modules alike: the fullest of them, and the leaves of it that each has, None for those it leaves out."""

    model: Group
    body: Body
    members: dict[Group, list[Leaf | None]] = field(default_factory=dict)

    @property
    def optional(self) -> set[int]:
        """The leaves that some leave out."""
        return {place for leaves in self.members.values() for place, leaf in enumerate(leaves) if leaf is None}


class Likeness:
    """The families of a tree's modules."""

    def __init__(self, layers: list[Layer], ties: dict[int, int]) -> None:
        self.layers = layers
        self.ties = ties
        self.bodies: dict[Group, Body] = {}
        self.families: dict[tuple[Row, ...], Family] = {}
        self.of: dict[Group, Family] = {}

    def add(self, group: Group) -> None:
        """Take in a group and all below it."""
        for child in group.children:
            if isinstance(child, Group):
                self.add(child)
        body = self.bodies[group] = self.body(group)
        family = self.families.setdefault(body.key, Family(group, body))
        family.members[group] = list(body.leaves)
        self.of[group] = family

    def body(self, group: Group) -> Body:
        """What a group holds."""
        leaves = list(group.leaves())
        local = {leaf.number: place for place, leaf in enumerate(leaves)}
        body = Body(leaves, [], [], {})
        self._rows(group, body, local)
        return body

    def _rows(self, group: Group, body: Body, local: dict[int, int]) -> None:
        for child in group.children:
            if isinstance(child, Group):
                body.rows.append(("[", child.name, repr(child.copies)))
                self._rows(child, body, local)
                body.rows.append(("]",))
                continue
            layer = self.layers[child.number]
            refs: list[tuple[str, int, int]] = []
            for source in layer.inputs:
                if source[0] in local:
                    refs.append(("own", local[source[0]], source[1]))
                    continue
                if source not in body.inputs:
                    body.inputs.append(source)
                refs.append(("in", body.inputs.index(source), 0))
            tie = child.number if child.number in self.ties or child.number in self.ties.values() else None
            skeleton = tuple(self._skeleton(local[child.number], layer, body))
            weights = tuple(layer.weights) if layer.kind != "parameter" else ()
            body.rows.append(
                (layer.kind, child.name, skeleton, tuple(refs), len(weights), tie, layer.batched, repr(layer.keys))
            )

    def _skeleton(self, place: int, layer: Layer, body: Body) -> Any:
        for name, value in layer.arguments.items():
            if isinstance(value, (list, tuple)):
                for spot, item in enumerate(value):
                    body.values[place, name, spot] = item
                yield name, len(value)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                body.values[place, name, -1] = value
                yield name, "#"
            else:
                yield name, value

    def merge(self, groups: list[Group]) -> bool:
        """Make one family of the families of these groups, where the fullest has all that the others have."""
        families = list(dict.fromkeys(self.of[group] for group in groups))
        families.sort(key=lambda family: len(family.body.leaves), reverse=True)
        full = families[0]
        found = []
        for family in families[1:]:
            kept = reduced(full.body, family.body, self.layers)
            if kept is None:
                return False
            found.append((family, kept))
        for family, kept in found:
            self._merge_below(full.model, family.model)
            for group, leaves in family.members.items():
                full.members[group] = [None if place is None else leaves[place] for place in kept]
                self.of[group] = full
            self.families[family.body.key] = full
        return True

    def _merge_below(self, full: Group, part: Group) -> None:
        """Merge the families of modules of one name in alike ones, as far as they can be."""
        named = {child.name: child for child in part.children if isinstance(child, Group)}
        for child in full.children:
            other = named.get(child.name)
            if not isinstance(child, Group) or other is None or self.of[child] is self.of[other]:
                continue
            if len(self.bodies[child].leaves) >= len(self.bodies[other].leaves):
                self.merge([child, other])


def reduced(full: Body, part: Body, layers: list[Layer]) -> list[int | None] | None:
    """For each leaf of the full body its place in the other one; None for a leaf that stands for its first input there.

    None where the other one is something else.
    """
    if len(full.inputs) != len(part.inputs):
        return None
    kept: list[int | None] = []
    stands: dict[tuple[str, int, int], tuple[str, int, int] | None] = {}
    rows = [row for row in part.rows if row[0] not in ("[", "]")]
    place = 0
    for row in (row for row in full.rows if row[0] not in ("[", "]")):
        refs = tuple([ref if ref[0] == "in" else stands.get(ref, ref) for ref in row[3]])
        number = len(kept)
        outputs = len(layers[full.leaves[number].number].shapes)
        if place < len(rows) and (*row[:3], refs, *row[4:]) == rows[place]:
            kept.append(place)
            for output in range(outputs):
                stands["own", number, output] = ("own", place, output)
            place += 1
            continue
        if outputs != 1 or row[5] is not None:
            return None
        kept.append(None)
        stands["own", number, 0] = refs[0] if refs else None
    ends_alike = stands.get(("own", len(kept) - 1, 0)) == ("own", len(rows) - 1, 0)
    return kept if place == len(rows) and ends_alike else None
