"""Which layer of the base a layer is, whatever it is called now: by the alignment that a diff shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product

from archspec.analysis.report import Report
from archspec.change.checkpoint import following
from archspec.change.layers import align
from archspec.change.semantic import compare

RANGE = re.compile(r"\[(\d+)(?:\.\.(\d+))?\]")


def former(base: Report, head: Report, before: Collection[str], paths: Collection[str]) -> dict[str, str | None]:
    """What paths of the head were in the base, which had those ``before``; None where that was another layer."""
    now: dict[str, str] = {}
    for new, old in align(base, head, compare(base.spec, head.spec).counterparts).paths:
        now |= instances(new, old, one=not head.unfoldable)
    now |= {new: old for old, new in head.spec.moved.items() if old in before and new not in before}
    now |= namesakes(now, before, paths)
    taken = dict.fromkeys(now.values(), "")
    were = {path: following(path, now) for path in paths}
    return {path: None if was == path and following(path, taken) != path else was for path, was in were.items()}


def namesakes(now: Mapping[str, str], before: Collection[str], paths: Collection[str]) -> dict[str, str]:
    """What is gone and what came elsewhere under the same name, such as a layer around which a group was put; where no
    other is called so."""
    left = {following(path, now) for path in paths}
    gone = by_name(path for path in before if path not in left)
    come = by_name(path for path in paths if path not in before and following(path, now) == path)
    return {come[name][0]: old for name, (old, *more) in gone.items() if not more and len(come.get(name, ())) == 1}


def by_name(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths by their last part, without instances of repeats."""
    names: dict[str, list[str]] = {}
    for path in paths:
        name = path.rpartition(".")[2]
        if not name.isdecimal():
            names.setdefault(name, []).append(path)
    return names


def instances(new: str, old: str, *, one: bool) -> Iterator[tuple[str, str]]:
    """The paths that two with ranges stand for, instance by instance; the first ones where one is enough."""
    ours, theirs = ranges(old), ranges(new)
    for turns in product(*(range(1 if one else len(numbers)) for numbers in theirs)):
        if len(ours) != len(theirs):
            yield numbered(new, theirs, turns), numbered(old, ours, (0,) * len(ours))
        elif all(turn < len(numbers) for turn, numbers in zip(turns, ours, strict=True)):
            yield numbered(new, theirs, turns), numbered(old, ours, turns)


def ranges(path: str) -> list[range]:
    """The ranges of instances in a path."""
    return [range(int(first), int(last or first) + 1) for first, last in RANGE.findall(path)]


def numbered(path: str, numbers: list[range], turns: Iterable[int]) -> str:
    """A path with an instance for each range."""
    chosen = iter([str(several[turn]) for several, turn in zip(numbers, turns, strict=True)])
    return RANGE.sub(lambda _: f".{next(chosen)}", path)
