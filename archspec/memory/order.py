"""The order of a network's layers that needs the least memory.

Layers that allocate nothing run as soon as they can, which costs nothing. A step that comes before or after every other
one cuts the network: what is alive behind it is the same in any order, so the stretches between are searched alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from archspec.memory.program import OUTSIDE, Program
from archspec.memory.search import Problem, Search
from archspec.memory.storages import Storages, overwrites, reads, results, users
from archspec.records import NamedTuple

MOST_STEPS = 120  # of a stretch that is searched


class Best(NamedTuple):
    """The best order that was found; ``proven`` where none has a lower peak."""

    order: tuple[int, ...]
    proven: bool


class Use:
    """A storage and the steps that make or use it: ``made`` by one of them or, None, there before the first.

    ``kept``: alive to the end.
    """

    __slots__ = ("bytes", "kept", "made", "steps")

    def __init__(self, size: int, made: int | None, steps: set[int], kept: bool) -> None:
        self.bytes, self.made, self.steps, self.kept = size, made, steps, kept

    def outlives(self, key: int) -> bool:
        """Whether it is alive behind a step that makes it."""
        return self.kept or self.steps != {key}


class Step:
    """An operation that allocates, with those around it that cost nothing where they stand.

    ``peak`` are the bytes that it takes beside what is alive before, ``early`` what of them a source takes that might
    have run before.
    """

    __slots__ = ("after", "before", "early", "operations", "peak", "uses")

    def __init__(self, operation: int, before: set[int], peak: int) -> None:
        self.operations = [operation]
        self.before, self.peak = before, peak
        self.early = 0
        self.after: set[int] = set()
        self.uses: list[Use] = []

    def added(self, key: int) -> int:
        """Bytes of its own that outlive it."""
        return sum(use.bytes for use in self.uses if use.made == key and use.outlives(key))


def best(program: Program, storages: Storages) -> Best:
    """The order of the least peak, of the stretches that can be searched; the others stay as the file has them."""
    found = _best(program, storages, strict=True)
    late = found if found.proven else _best(program, storages, strict=False)
    return late if late.proven else found


def _best(program: Program, storages: Storages, *, strict: bool) -> Best:
    """The same with sources delayed, if not ``strict`` all of them: orders in which one runs early go unseen then."""
    before = dependences(program, storages)
    steps, uses = _steps(program, storages, before)
    _delay_sources(steps, strict=strict)
    stretches = list(_stretches(steps, uses))
    least = max((stretch.least for stretch in stretches), default=0)
    for stretch in sorted(stretches, key=lambda each: -each.peak):
        if stretch.peak > least and stretch.search(least) and not any(steps[key].early for key in stretch.order):
            least = max(least, stretch.peak)
    order = [number for stretch in stretches for key in stretch.order for number in steps[key].operations]
    return Best(tuple(_with_sources(order, before)), all(stretch.peak <= least for stretch in stretches))


def dependences(program: Program, storages: Storages) -> list[set[int]]:
    """The operations that must run before each: those that make its inputs, and around one that overwrites a storage
    those that use it before and after in the file."""
    before: list[set[int]] = []
    for operation in program.operations:
        makers = {program.values[value].maker for value in reads(operation)}
        before.append(makers - {OUTSIDE})
    for used in users(program, storages):
        writer: int | None = None
        since: list[int] = []
        for number in used:
            if writer is not None:
                before[number].add(writer)
            if overwrites(program.operations[number], training=program.training):
                before[number].update(since)
                writer, since = number, []
            since.append(number)
    return before


def _steps(program: Program, storages: Storages, before: list[set[int]]) -> tuple[dict[int, Step], list[Use]]:
    """The steps by number, in the order of the file, and the storages with who uses them.

    An operation that allocates nothing belongs to the one step that it waits for; one of weights alone is free.
    """
    used = users(program, storages)
    born, touches = [0] * len(before), [False] * len(before)
    for storage, numbers in zip(storages.storages, used, strict=True):
        if storage.maker != OUTSIDE:
            born[storage.maker] += storage.bytes
        for number in numbers if storage.bytes else ():
            touches[number] = True
    steps: dict[int, Step] = {}
    of: list[int | None] = []  # the step of each operation, None for a free one
    for number, earlier in enumerate(before):
        waits = {key for key in (of[other] for other in earlier) if key is not None}
        if born[number] or len(waits) > 1 or (touches[number] and not waits):
            steps[number] = Step(number, waits, born[number])
            of.append(number)
            for key in waits:
                steps[key].after.add(number)
        else:
            of.append(next(iter(waits), None))
            for key in waits:
                steps[key].operations.append(number)
    uses, ends = [], results(program, storages)
    for index, (storage, numbers) in enumerate(zip(storages.storages, used, strict=True)):
        if storage.bytes and (numbers or index in ends):
            keys = {key for key in (of[number] for number in numbers) if key is not None}
            made = None if storage.maker == OUTSIDE else storage.maker
            uses.append(Use(storage.bytes, made, keys, index in ends))
            for key in keys:
                steps[key].uses.append(uses[-1])
    return steps, uses


def _delay_sources(steps: dict[int, Step], *, strict: bool) -> None:
    """What waits for nothing, frees nothing and serves one step runs right before it: earlier it would only take room.

    What it takes and frees on the way must be no more than is taken there in any case; if not ``strict`` that is
    ``early``.
    """
    for key, source in list(steps.items()):
        added = source.added(key)
        if source.before or len(source.after) != 1 or any(use.made is None for use in source.uses):
            continue
        (served,) = source.after
        step = steps[served]
        peak = max(source.peak, added + step.peak)
        if strict and peak > added + step.peak:
            continue
        for use in source.uses:
            use.steps.discard(key)
            use.steps.add(served)
            use.made = served
        step.operations = source.operations + step.operations
        step.uses = list(dict.fromkeys([*source.uses, *step.uses]))
        step.early += peak - added - step.peak
        step.peak = peak
        step.before.discard(key)
        del steps[key]


def _stretches(steps: dict[int, Step], uses: list[Use]) -> Iterator[Stretch]:
    """The steps between cuts, each with the cut at its end: what is alive there is the same in any order."""
    keys = list(steps)
    places = {key: place for place, key in enumerate(keys)}
    never = len(keys)
    # A step comes behind all before it where each of these has a successor no later than it; and so backwards.
    first = [min((places[key] for key in steps[each].after), default=never) for each in keys]
    last = [max((places[key] for key in steps[each].before), default=-1) for each in keys]
    reach = list(accumulate(first, max, initial=-1))
    back = list(accumulate(reversed(last), min, initial=never))[::-1]
    live = sum(use.bytes for use in uses if use.made is None)
    left = {use: len(use.steps) for use in uses}
    start = 0
    for place in range(len(keys)):
        if place == never - 1 or (reach[place] <= place <= back[place + 1]):
            stretch = Stretch(keys[start : place + 1], steps, live, left)
            live, start = stretch.end, place + 1
            yield stretch


class Stretch:
    """Steps that may change places among themselves alone: their order and its peak, and what any order takes."""

    def __init__(self, keys: list[int], steps: dict[int, Step], live: int, left: dict[Use, int]) -> None:
        self.order, self.steps, self.start = keys, steps, live
        self.peak = live
        self.freed: set[Use] = set()
        for key in keys:
            step = steps[key]
            self.peak = max(self.peak, live + step.peak)
            live += step.added(key)
            for use in step.uses:
                left[use] -= 1
                if not left[use] and not use.kept and (use.made != key or use.outlives(key)):
                    self.freed.add(use)
                    live -= use.bytes
        self.end = live
        inside = set(keys)
        passing = self.start - sum(use.bytes for use in self.freed if use.made not in inside)
        self.least = max(
            passing
            + steps[key].peak
            - steps[key].early
            + sum(use.bytes for use in steps[key].uses if use.made != key and (use in self.freed or use.made in inside))
            for key in keys
        )

    def search(self, least: int) -> bool:
        """Look for the order of the lowest peak, though none below ``least`` is of use; whether it was settled."""
        keys, steps = self.order, self.steps
        if len(keys) > MOST_STEPS:
            return False
        bit = {key: 1 << place for place, key in enumerate(keys)}
        masks = {use: _set(bit, use.steps) for use in self.freed}
        problem = Problem(
            before=[_set(bit, steps[key].before) for key in keys],
            after=[_set(bit, steps[key].after) for key in keys],
            peaks=[steps[key].peak for key in keys],
            added=[steps[key].added(key) for key in keys],
            dying=[[(masks[use], use.bytes) for use in steps[key].uses if use in masks] for key in keys],
            start=self.start,
        )
        search = Search(problem, least, self.peak)
        found = search.order()
        if found:
            self.order, self.peak = [keys[place] for place in found], search.bound
        return found is not None


def _set(bit: dict[int, int], keys: set[int]) -> int:
    """Those of some steps that are in a stretch, as bits."""
    return sum(bit.get(key, 0) for key in keys)


def _with_sources(order: list[int], before: list[set[int]]) -> Iterator[int]:
    """An order with those that wait for nothing and allocate nothing, each right before it is needed."""
    seen: set[int] = set()
    for number in [*order, *range(len(before))]:
        open_ = [number]
        while open_:
            waits = sorted(before[open_[-1]] - seen)
            if waits:
                open_.append(waits[0])
            else:
                last = open_.pop()
                if last not in seen:
                    seen.add(last)
                    yield last
