"""Which edits belong together by what they say: of one layer, of one input's sizes, naming what others bring."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from archspec.change.semantic import ABSENT, Edit
from archspec.language.nodes import Spec

WORD, ID = re.compile(r"[A-Za-z_]\w*"), re.compile(r"\w[\w-]*")
DECLARATIONS = ("vars", "dims", "blocks", "inputs", "params", "variants")


def united(edits: Sequence[Edit], sides: Iterable[Spec]) -> list[tuple[Edit, ...]]:
    """Edits that are one cause in any case, together: those of one layer, and of sizes that make up one input."""
    sizes = size_groups(sides)
    units: dict[Hashable, list[Edit]] = {}
    for edit in edits:
        group = sizes.get(size_name(edit))
        units.setdefault((edit.layer,) if edit.layer else group or edit, []).append(edit)
    return [tuple(unit) for unit in units.values()]


def size_name(edit: Edit) -> str:
    """The dim or variable whose value an edit changes; empty for others."""
    prefixes = ("dims.", "vars.") if edit.variant is None else (f"variants.{edit.variant}.",)
    return next((edit.path.removeprefix(prefix) for prefix in prefixes if edit.path.startswith(prefix)), "")


def size_groups(sides: Iterable[Spec]) -> dict[str, frozenset[str]]:
    """Dims and variables by name, each with all that stand in one input's shape with it."""
    groups: dict[str, frozenset[str]] = {}
    for spec in sides:
        for shape in spec.document.data["inputs"].values():
            names = {name for name in words(shape, WORD) if name in spec.dims or name in spec.vars}
            group = frozenset(names).union(*(groups.get(name, ()) for name in names))
            groups |= dict.fromkeys(group, group)
    return groups


class Words:
    """What units of edits bring, take away and name, and so which make a spec only with which."""

    def __init__(self, units: Sequence[tuple[Edit, ...]]) -> None:
        self.brought = [names(unit, old=False) - names(unit, old=True) for unit in units]
        self.taken = [names(unit, old=True) - names(unit, old=False) for unit in units]
        self.named = [named(edit.new for edit in unit if edit.op != ">") for unit in units]
        self.named_before = [named(edit.old for edit in unit if edit.op != ">") for unit in units]

    def related(self, units: frozenset[int]) -> frozenset[int]:
        """Units with those that bring what they name, or no longer name what they take away, and on in this way."""
        todo, related = list(units), set(units)
        while todo:
            here = todo.pop()
            for number in range(len(self.named)):
                wanted = self.brought[number] & self.named[here] or self.taken[here] & self.named_before[number]
                if wanted and number not in related:
                    related.add(number)
                    todo.append(number)
        return frozenset(related)


def names(unit: Iterable[Edit], *, old: bool) -> set[str]:
    """The names that edits declare on a side: ids, dims, variables, blocks, inputs, variants."""
    declared: set[str] = set()
    for edit in unit:
        value = edit.old if old else edit.new
        path = edit.path.split(".")
        if value is ABSENT or edit.op == ">":
            continue
        if path[-1] == "id":
            declared |= named([value])
        elif edit.op in "+-" and path[-1] in DECLARATIONS and isinstance(value, dict):
            declared |= value.keys()
        elif edit.op in "+-" and path[-2:-1] and path[-2] in DECLARATIONS:
            declared.add(path[-1])
        declared |= set(ids(value))
    return declared


def ids(value: Any) -> Iterator[str]:
    """The ids written in a value."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key == "id" and isinstance(inner, str):
            yield inner
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from ids(inner)


def named(values: Iterable[Any]) -> set[str]:
    """Every word of values that could be a name."""
    return {word for value in values for pattern in (WORD, ID) for word in words(value, pattern)}


def words(value: Any, pattern: re.Pattern[str]) -> Iterator[str]:
    """What a pattern matches in the texts of a value."""
    if isinstance(value, str):
        yield from pattern.findall(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from words(inner, pattern)
