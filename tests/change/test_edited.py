"""Which edits name what others bring or take away."""

from __future__ import annotations

from typing import Any

import pytest

from archspec.change.edited import Words
from archspec.change.semantic import ABSENT, Edit


def edit(op: str, path: str, old: Any = ABSENT, new: Any = ABSENT) -> tuple[Edit, ...]:
    return (Edit(op=op, path=path, name=path, line=1, was=1, old=old, new=new, layer="", text=False, variant=None),)


DECLARED = edit("+", "vars.w", new=8)
USED = edit("~", "layers.0.out", 4, "$w")
FREED = edit("~", "layers.0.out", "$w", 4)
GONE = edit("-", "vars.w", 8)
BROUGHT = edit("+", "layers.1", new={"relu": None, "id": "act-1"})
TAPPED = edit("~", "layers.2.from", "stem", "act-1")
RENAMED = edit("~", "layers.1.id", "stem", "act-1")
OTHER = edit("~", "layers.7.out", 4, 5)


@pytest.mark.parametrize(
    ("units", "from_first", "from_second"),
    [
        ((USED, DECLARED, OTHER), {0, 1}, {1}),
        ((GONE, FREED, OTHER), {0, 1}, {1}),
        ((TAPPED, BROUGHT, OTHER), {0, 1}, {1}),
        ((TAPPED, RENAMED, OTHER), {0, 1}, {0, 1}),
        ((USED, OTHER, DECLARED), {0, 2}, {1}),
    ],
)
def test_related(units: tuple[tuple[Edit, ...], ...], from_first: set[int], from_second: set[int]) -> None:
    words = Words(units)
    assert words.related(frozenset({0})) == from_first
    assert words.related(frozenset({1})) == from_second
