"""A model's layers as a spec: modules found, repeats among them, and all of it written."""

from __future__ import annotations

import re
from typing import Any

from archspec.errors import SpecError
from archspec.importers.composing.figures import Figures, by_index
from archspec.importers.composing.layers import FLOATS, Input, Layer, Output
from archspec.importers.composing.likeness import Likeness
from archspec.importers.composing.naming import Hidden
from archspec.importers.composing.tree import Group, flattened, modules, output_of
from archspec.importers.composing.write import Writer
from archspec.language.scope import ID


def spec_of(name: str, inputs: dict[str, Input], layers: list[Layer], outputs: list[Output]) -> dict[str, Any]:
    """The spec as data."""
    shown: dict[str, Any] = {}
    names: dict[Output, str] = {}
    for label, value in inputs.items():
        sizes = list(value.sizes)
        written = names[value.layer, 0] = _input_name(label, set(shown))
        shown[written] = sizes if value.dtype in FLOATS else {"shape": sizes, "dtype": value.dtype}
    ties = tied(layers)
    root = modules(layers)
    try:
        made = _composed(root, layers, ties, names, outputs)
    except Hidden:
        plain = Group("", list(modules(layers).leaves()))
        for leaf in plain.children:
            leaf.name = ""
        made = _composed(plain, layers, ties, names, outputs)
    return {"archspec": 1, "name": name, "inputs": shown, **made}


def _input_name(label: str, taken: set[str]) -> str:
    """An input's name as an id."""
    name = label if ID.fullmatch(label) else re.sub(r"\W", "_", label[:100])
    name = f"input_{name}" if name.isdigit() or name in ("", "in", "prev") else name
    while name in taken:
        name += "_"
    return name


def _composed(
    root: Group, layers: list[Layer], ties: dict[int, int], names: dict[Output, str], outputs: list[Output]
) -> dict[str, Any]:
    like = Likeness(layers, ties)
    for child in root.children:
        if isinstance(child, Group):
            like.add(child)
    repeats: set[Group] = set()
    _find_repeats(root, like, repeats)
    flattened(root, repeats)
    again = Likeness(layers, ties)
    for child in root.children:
        if isinstance(child, Group):
            again.add(child)
    for group in repeats:
        again.merge([child for child in group.children if isinstance(child, Group)])
    return Writer(root, layers, again, repeats, ties).run(names, outputs)


def _find_repeats(group: Group, like: Likeness, repeats: set[Group]) -> None:
    """Modules called 0, 1, 2, ... of one family, each fed by the one before."""
    for child in group.children:
        if isinstance(child, Group):
            _find_repeats(child, like, repeats)
            if _is_repeat(child, like, repeats):
                repeats.add(child)


def _is_repeat(group: Group, like: Likeness, repeats: set[Group]) -> bool:
    children = [child for child in group.children if isinstance(child, Group)]
    if len(children) != len(group.children) or len(children) < 2:
        return False
    if [child.name for child in children] != [str(number) for number in range(len(children))]:
        return False
    for before, child in zip([None, *children], children, strict=False):
        inputs = like.bodies[child].inputs
        if len(inputs) != 1 or (before is not None and inputs != [(output_of(before), 0)]):
            return False
    if any(child not in repeats and inner.name.isdigit() for child in children for inner in child.children):
        return False  # numbers are no ids
    if not like.merge(children):
        return False
    figures = Figures(like.of[children[0]], like.layers)
    try:
        for label in figures.family.body.values:
            values = [figures.value(child, label) for child in children]
            there = [value for value in values if value is not None]
            if there:
                by_index([there[-1] if value is None else value for value in values])
        for place in figures.flags:
            by_index([figures.family.members[child][place] is not None for child in children])
    except ValueError:
        return False
    return True


def tied(layers: list[Layer]) -> dict[int, int]:
    """Layers that have a learned tensor of an earlier one, by number."""
    owners: dict[str, int] = {}
    ties: dict[int, int] = {}
    for number, layer in enumerate(layers):
        shared = {owners[weight.name] for weight in layer.weights.values() if weight.name in owners}
        for weight in layer.weights.values():
            owners.setdefault(weight.name, number)
        if not shared:
            continue
        (owner, *others) = sorted(shared)
        mine, theirs = layer.weights, layers[owner].weights
        alike = all(mine[key].name == theirs[key].name for key in mine if key in theirs)
        if others or not alike or (layer.kind == "batchnorm" and len(mine) != len(theirs)):
            named = next(weight.name for weight in mine.values() if weight.name in owners)
            raise SpecError(f"`{named}` is shared by layers that do not share all their weights")
        ties[number] = owner
    return ties
