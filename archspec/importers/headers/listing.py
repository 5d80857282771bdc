"""The tensors of a file as a spec: parameters with their names and shapes, since nothing says what joins them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from archspec.errors import SpecError
from archspec.importers.headers.base import Entry, Header, place_of
from archspec.importers.sources import Converted
from archspec.language.building import literal
from archspec.language.scope import ID

FLOATS = re.compile(r"float|bfloat|[it]?q\d|mxfp|nvfp|F\d")

MAX_DEPTH = 32
UP = "^"  # a level higher than its layer, see the language's `weights`

Tree = dict[str, Any]  # groups and tensors by their names


def listed(header: Header, file: str, why: str) -> Converted:
    """A spec of a header. Raises SpecError where it tells no shapes."""
    unknown = next((entry.name for entry in header.tensors.values() if entry.shape is None), None)
    if unknown is not None:
        raise SpecError("its shape is in a file that is not here", file=file, path=place_of(unknown))
    if not header.tensors:
        raise SpecError("the file holds no tensor", file=file)
    name = os.path.basename(file).partition(".")[0] or "weights"
    dtypes = Counter(entry.dtype for entry in header.tensors.values())
    stored = ", ".join(f"{count:,} {dtype}" for dtype, count in dtypes.items())
    spec = {
        "archspec": 1,
        "name": name,
        "summary": f"The tensors of {os.path.basename(file)}, names and shapes alone: {why}.",
        "inputs": {"none": [1]},
        "layers": layers(header.tensors.values(), file),
    }
    return Converted(spec, (*header.notes, f"{header.format}: {stored}", "weights only: no operation is known"))


def layers(entries: Iterable[Entry], file: str) -> list[dict[str, Any]]:
    """A parameter for each tensor, groups of alike ones as repeats."""
    tree: Tree = {}
    odd: list[dict[str, Any]] = []
    for number, entry in enumerate(entries):
        *groups, last = entry.name.split(".")
        place = room(tree, groups) if ID.fullmatch(entry.name) and not last.isdigit() else None
        if place is None or last in place:
            odd.append(called(entry, number, file))
        else:
            place[last] = entry
    return [*written(tree, ""), *odd]


def called(entry: Entry, number: int, file: str) -> dict[str, Any]:
    """A tensor whose name is none that a layer may have. Raises SpecError where a spec cannot say it."""
    name = literal(f"{UP}{entry.name}")
    if name is None or entry.name.startswith(UP):
        message = f"a spec cannot write this name: it begins with `{UP}`, or has `$` and quotes"
        raise SpecError(message, file=file, path=place_of(entry.name))
    made = parameter(entry, f"tensor{number}")
    if "identity" in made:
        made["weights"]["empty"]["name"] = name
        return made
    return {**made, "weights": {"weight": name}}


def room(tree: Tree, groups: list[str]) -> Tree | None:
    """The group of these names, made where there is none; None where one of them is a tensor, or they are many."""
    if len(groups) > MAX_DEPTH:
        return None
    for group in groups:
        tree = tree.setdefault(group, {})
        if not isinstance(tree, dict):
            return None
    return tree


def written(tree: Tree, before: str) -> list[dict[str, Any]]:
    """The layers of a group; ``before`` is what their ids begin with, a group's that is not written as one."""
    made: list[dict[str, Any]] = []
    for name, inner in tree.items():
        if isinstance(inner, Entry):
            made.append(parameter(inner, before + name))
        elif instances(inner):
            first = next(iter(inner.values()))
            made.append({"seq": written(first, ""), "repeat": len(inner), "id": before + name})
        else:
            made += written(inner, f"{before}{name}.")
    return made


def instances(tree: Tree) -> bool:
    """Whether what a group holds is numbered from 0 and alike."""
    names = [str(number) for number in range(len(tree))]
    if list(tree) != names and sorted(tree, key=lambda name: (len(name), name)) != names:
        return False
    if len(tree) < 2 or not all(isinstance(inner, dict) for inner in tree.values()):
        return False
    first, *others = (sorted(shapes_of(inner, "")) for inner in tree.values())
    return all(other == first for other in others)


def shapes_of(tree: Tree, before: str) -> Iterator[tuple[str, Any, bool]]:
    """Names below a group, shapes, and whether they hold floats."""
    for name, inner in tree.items():
        if isinstance(inner, Entry):
            yield before + name, inner.shape, bool(FLOATS.match(inner.dtype))
        else:
            yield from shapes_of(inner, f"{before}{name}.")


def parameter(entry: Entry, name: str) -> dict[str, Any]:
    """A tensor as a layer: one without scalars is beside a layer that has none."""
    shape = list(entry.shape or ())
    if 0 in shape:
        return {"identity": None, "id": name, "weights": {"empty": {"name": "", "shape": shape}}}
    if FLOATS.match(entry.dtype):
        return {"parameter": shape, "id": name}
    return {"parameter": {"shape": shape, "buffer": True}, "id": name}
