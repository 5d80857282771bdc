"""Layer kinds: one class each, one module per family.

A kind knows its arguments, its shape rule, its weights and its facts. It holds no operation count: that is a
convention's. Which module defines a kind is read off the class statements of this folder, so adding a kind touches its
module only, and a spec of a few kinds loads a few modules. In these, annotations are no texts (`from __future__ import
annotations`), each of which pydantic would have to compile.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.errors import UsageError, did_you_mean
from archspec.kinds.base import Kind, registry


class Kinds(Mapping[str, type[Kind]]):
    """Every kind by name, in the order of the families' names and of their definition there; loaded when looked up."""

    def __init__(self, folder: Path) -> None:
        self.families = {
            name: file[:-3]
            for file in sorted(os.listdir(folder))
            if file.endswith(".py") and file != "__init__.py"
            for name in _defined((folder / file).read_text("utf-8"))
        }

    def __getitem__(self, name: str) -> type[Kind]:
        if name not in registry:
            family = import_module(f"{__name__}.{self.families[name]}")
            if name not in registry:
                family.define(name)
        return registry[name]

    def __contains__(self, name: object) -> bool:
        return name in self.families

    def __iter__(self) -> Iterator[str]:
        return iter(self.families)

    def __len__(self) -> int:
        return len(self.families)


def _defined(text: str) -> list[str]:
    """The names that the class statements of a module, or the rows of a table of kinds, give to kinds."""
    rows = [row.rpartition('"')[2] for row in text.split('": Function(')[:-1]]
    heads = [statement.partition("\n")[0].partition('kind="')[2] for statement in text.split("\nclass ")[1:]]
    return rows + [head.partition('"')[0] for head in heads if head]


@cache
def kinds() -> Kinds:
    """Every kind by name."""
    return Kinds(Path(__file__).parent)


def kind_called(name: str) -> type[Kind]:
    """The kind of that name. Raises UsageError."""
    if name not in kinds():
        hint = did_you_mean(name, kinds()) or "`archspec kinds` lists them"
        raise UsageError(f"no kind is called `{name}`", hint=hint)
    return kinds()[name]
