"""Alike instances in a row, as a diff compares and shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.graph.graph import Item
from archspec.sizes import Size


class Run(NamedTuple):
    """Alike instances in a row: the item, how many, and in a repeat the index of the first."""

    item: Item
    times: int
    first: int | None


def whole(repeat: Size) -> int:
    """A repeat as the number that it is where neither symbols nor columns are put in."""
    assert type(repeat) is int
    return repeat


def runs(items: Sequence[Item]) -> list[Run]:
    """Items as runs."""
    return [Run(item, whole(item.repeat), item.first) for item in items]


def parted(ours: list[Run], theirs: list[Run]) -> Iterator[tuple[Run, Run]]:
    """Two sequences of runs, equally long in all, cut where either has a border: instance against instance."""
    left, right = iter(ours), iter(theirs)
    before, after = next(left, None), next(right, None)
    while before and after:
        times = min(before.times, after.times)
        yield before._replace(times=times), after._replace(times=times)
        before, after = behind(before, times) or next(left, None), behind(after, times) or next(right, None)


def behind(run: Run, times: int) -> Run | None:
    """What is left of a run behind its first instances."""
    return run._replace(times=run.times - times, first=(run.first or 0) + times) if run.times > times else None


def shown(path: str, run: Run, in_repeat: bool) -> str:
    """The path of a run; instances of a repeat as a range: ``layers[0..31]``."""
    if not in_repeat or run.first is None:
        return path + run.item.name
    last = "" if run.times == 1 else f"..{run.first + run.times - 1}"
    return f"{path.removesuffix('.')}[{run.first}{last}]"
