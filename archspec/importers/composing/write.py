"""The layers of a model as the data of a spec: modules as groups, alike ones as blocks and repeats."""

from __future__ import annotations

from collections import Counter
from typing import Any

from archspec.importers.composing.figures import Figures, by_index
from archspec.importers.composing.layers import Layer, Output
from archspec.importers.composing.likeness import Family, Likeness
from archspec.importers.composing.naming import Entry, Names, Place
from archspec.importers.composing.residuals import residuals
from archspec.importers.composing.tree import Group, Leaf, output_of
from archspec.kinds import kinds


class Writer(Names):
    """One run over a tree of modules whose families are known."""

    def __init__(
        self, root: Group, layers: list[Layer], like: Likeness, repeats: set[Group], ties: dict[int, int]
    ) -> None:
        super().__init__(root, layers, like, repeats)
        self.ties = ties
        self.figures: dict[Family, Figures] = {}
        self.sites: Counter[Family] = Counter()

    def run(self, inputs: dict[Output, str], outputs: list[Output]) -> Entry:
        """The layers, blocks and outputs of the spec."""
        root = self.root
        self.walk(root, [])
        self._count(root)
        place = Place(root, None, self._plain, {})
        place.inputs = inputs
        place.previous = next(iter(inputs))
        layers = self.written(place)
        spec: Entry = {"layers": layers}
        if outputs != [(output_of(root), 0)]:
            spec["outputs"] = [self.reference(output, place) for output in outputs]
        for listed in reversed(self.lists):
            residuals(self, listed)
        if self.blocks:
            spec["blocks"] = dict(reversed(self.blocks.items()))
        return spec

    def _plain(self, leaf: Leaf, name: str, spot: int) -> Any:
        value = self.layers[leaf.number].arguments[name]
        return value if spot < 0 else value[spot]

    def _count(self, group: Group) -> None:
        """How often each family would be written."""
        for child in group.children:
            if isinstance(child, Group):
                inner = child.children[0] if child in self.repeats else child
                assert isinstance(inner, Group)
                family = self.like.of[inner]
                self.sites[family] += 2 if child in self.repeats else 1
                if self.sites[family] <= 2:
                    self._count(family.model)

    def is_block(self, family: Family) -> bool:
        """Whether a family is written as a block."""
        if self.sites[family] < 2:
            return False
        return len(self.figure(family).params) <= len(family.body.leaves) + 2

    def figure(self, family: Family) -> Figures:
        """The parameters of a family."""
        if family not in self.figures:
            self.figures[family] = Figures(family, self.layers)
        return self.figures[family]

    # Lists of layers.

    def written(self, place: Place) -> list[Entry]:
        """The entries of a list; the list itself, which later names may still change."""
        self.lists.append(place)
        place.first = place.previous
        for child in place.group.children:
            if isinstance(child, Leaf):
                entry = self._layer(child, place)
            elif child in self.repeats:
                entry = self._repeat(child, place)
            elif self.is_block(self.like.of[child]) and self._flagged(child, place):
                entry = self._call(child, place)
            else:
                entry = self._seq(child, place)
            place.written.append((child, entry))
            # What is left out stands for its input, which must be said where that is not the layer before.
            behind = output_of(child)
            plain = len(self.layers[behind].shapes) == 1 and not ("when" in entry and "from" in entry)
            place.previous = (behind, 0) if plain else None
        place.entries = [entry for _, entry in place.written]
        return place.entries

    def _layer(self, leaf: Leaf, place: Place) -> Entry:
        layer = self.layers[leaf.number]
        kind = kinds()[layer.kind]
        arguments: Entry = {}
        for name, value in layer.arguments.items():
            if isinstance(value, (list, tuple)):
                arguments[name] = [place.number(leaf, name, spot) for spot in range(len(value))]
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                arguments[name] = place.number(leaf, name, -1)
            else:
                arguments[name] = value
        short = list(arguments) == [kind.main]
        entry: Entry = {layer.kind: (next(iter(arguments.values())) if short else arguments or None)}
        self.entries[leaf] = entry
        if leaf.name:
            entry["id"] = leaf.name
        entry |= layer.keys
        if layer.inputs and layer.inputs != [place.previous]:
            read = [self.reference(source, place) for source in layer.inputs]
            if not arguments and kind.main == "of":
                entry[layer.kind] = read
            else:
                entry["from"] = read[0] if len(read) == 1 else read
        if leaf in place.flags:
            entry["when"] = place.flags[leaf]
        if leaf.number in self.ties:
            entry["tie"] = self.reference((self.ties[leaf.number], 0), place, layer=True)
        return entry

    def _seq(self, group: Group, place: Place) -> Entry:
        inner = Place(group, place, place.number, place.flags)
        inner.previous = place.previous
        inputs = self.like.bodies[group].inputs
        entry: Entry = {"id": group.name}
        if group.copies is not None:
            entry["copies"] = dict(group.copies)
        if len(inputs) == 1 and inputs[0] != place.previous:
            entry["from"] = self.reference(inputs[0], place)
            inner.previous = inputs[0]
        flags = {place.flags.get(leaf) for leaf in group.leaves()}
        if None not in flags and len(flags) == 1:
            entry["when"] = flags.pop()
            inner.flags = {}
        entry["seq"] = self.written(inner)
        return entry

    def _call(self, group: Group, place: Place) -> Entry:
        family = self.like.of[group]
        entry: Entry = {"use": self.block(family)}
        flags = {place.flags.get(leaf) for leaf in group.leaves()}
        if None not in flags and len(flags) == 1:
            entry["when"] = flags.pop()
        given = self._given(family, group, place)
        if given:
            entry["with"] = given
        entry["id"] = group.name
        if group.copies is not None:
            entry["copies"] = dict(group.copies)
        self._from(entry, self.like.bodies[group].inputs, place)
        return entry

    def _repeat(self, group: Group, place: Place) -> Entry:
        children = [child for child in group.children if isinstance(child, Group)]
        family = self.like.of[children[0]]
        entry: Entry = {"use": self.block(family)}
        calls = [self._given(family, child, place, full=True) for child in children]
        params = {param.name: param for param in self.figure(family).params}
        given: Entry = {}
        for name, param in params.items():
            values = [call.get(name, _any) for call in calls]
            there = [value for value in values if value is not _any]
            value = by_index(_filled(values, there[0] if there else param.default))
            if not _same(value, param.default):
                given[name] = value
        if given:
            entry["with"] = given
        entry["id"], entry["repeat"] = group.name, len(children)
        self._from(entry, self.like.bodies[children[0]].inputs, place)
        return entry

    def _flagged(self, group: Group, place: Place) -> bool:
        """Whether a call can say which of its layers are left out: all, or those that the family has a flag for."""
        there = [(at, leaf) for at, leaf in enumerate(self.like.of[group].members[group]) if leaf is not None]
        if all(leaf in place.flags for _, leaf in there):
            return len({place.flags[leaf] for _, leaf in there}) == 1
        flags = self.figure(self.like.of[group]).flags
        return all(at in flags for at, leaf in there if leaf in place.flags)

    def _from(self, entry: Entry, inputs: list[Output], place: Place) -> None:
        if inputs and inputs != [place.previous]:
            read = [self.reference(source, place) for source in inputs]
            entry["from"] = read[0] if len(read) == 1 else read

    def _given(self, family: Family, group: Group, place: Place, *, full: bool = False) -> Entry:
        """What a call gives the family's parameters."""
        given: Entry = {}
        whole = all(leaf in place.flags for leaf in group.leaves())
        for param in self.figure(family).params:
            if param.label is None:
                leaf = family.members[group][param.leaf]
                value: Any = leaf is not None
                if leaf is not None and leaf in place.flags and not whole:
                    value = place.flags[leaf]
            else:
                at, name, spot = param.label
                leaf = family.members[group][at]
                if leaf is None:
                    if param.default in ("int", "number") and not full:
                        given[param.name] = param.values[0]
                    continue
                value = place.number(leaf, name, spot)
            if full or not _same(value, param.default):
                given[param.name] = value
        return given

    def block(self, family: Family) -> str:
        """The name of a family's block, which is written when it is first called."""
        if family in self.names:
            return self.names[family]
        name = self.names[family] = self.block_name(family)
        figures = self.figure(family)
        places = {leaf: place for place, leaf in enumerate(family.body.leaves)}
        flags = {family.body.leaves[place]: f"${flag}" for place, flag in figures.flags.items()}
        place = Place(
            family.model, None, lambda leaf, argument, spot: figures.texts[places[leaf], argument, spot], flags
        )
        inputs = family.body.inputs
        entry: Entry = {}
        if len(inputs) == 1:
            place.inputs = {inputs[0]: "in"}
            place.previous = inputs[0]
        elif inputs:
            names = self._input_names(inputs, family)
            entry["inputs"] = names
            place.inputs = dict(zip(inputs, names, strict=True))
        if figures.params:
            entry["params"] = {param.name: param.default for param in figures.params}
        self.blocks[name] = entry
        entry["layers"] = self.written(place)
        return name

    def _input_names(self, inputs: list[Output], family: Family) -> list[str]:
        taken = {child.name for child in family.model.children} | {"prev", "in"}
        names: list[str] = []
        for number, _ in enumerate(inputs):
            name = "xyzuvw"[number] if number < 6 else f"x{number}"
            while name in taken:
                name += "_"
            taken.add(name)
            names.append(name)
        return names


_any = object()


def _filled(values: list[Any], filler: Any) -> list[Any]:
    """Values in which what does not matter is like what stands before it."""
    filled: list[Any] = []
    for value in values:
        filled.append(value if value is not _any else filled[-1] if filled else filler)
    if any(value is _any for value in values[1:]):
        later = next((value for value in reversed(values) if value is not _any), filler)
        filled = [later if value is _any else value for value in values]
    return filled


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and value == default
