"""The search for an order of steps whose peak is least: exact, or given up."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Literal

from archspec.records import NamedTuple

MOST_STATES = 200_000  # that are looked at


class Problem(NamedTuple):
    """Steps by number, sets of them as bits: which must run before each and which wait for it, the bytes that each
    takes at most and those it leaves, and the storages it uses that die, each with the set of all its users.

    ``start`` are the bytes that are alive before the first.
    """

    before: list[int]
    after: list[int]
    peaks: list[int]
    added: list[int]
    dying: list[list[tuple[int, int]]]
    start: int


class Move(NamedTuple):
    """A step at one end of those that are left: its peak there, and what is alive on its other side."""

    place: int
    peak: int
    live: int


class Search:
    """Looks for the order of the lowest peak; none below ``bound`` is of use, none from ``limit`` on.

    What costs nothing is set first: a step whose peak is within the bound loses nothing by running at once if it frees
    as much as it leaves, and nothing by running last if it leaves as much as it frees. Where neither is to be had, the
    states, the sets of steps that have run, are looked at by their peak so far, of these the one that has come
    furthest. When none is left within the bound it is raised, and more may cost nothing.
    """

    def __init__(self, problem: Problem, bound: int, limit: int) -> None:
        self.problem, self.bound, self.limit = problem, bound, limit
        self.everything = (1 << len(problem.peaks)) - 1
        self.first: list[int] = []
        self.last: list[int] = []  # from the end
        self.ran = self.held = 0  # the same as sets
        self.live = problem.start
        # What is alive behind all that are left; each storage that dies is counted with the first of its users.
        dead = [size for place, uses in enumerate(problem.dying) for mask, size in uses if mask & -mask == 1 << place]
        self.end = problem.start + sum(problem.added) - sum(dead)
        self.states = 0

    def order(self) -> list[int] | None:
        """The order; an empty one where none is below the limit, None where that would take too long to know."""
        found: list[int] | Literal["again"] | None = "again"
        while found == "again":
            self.peel()
            if self.bound >= self.limit:
                return []
            found = self.core() if self.left else [*self.first, *reversed(self.last)]
        return found

    @property
    def left(self) -> int:
        """The steps that are not set."""
        return self.everything & ~(self.ran | self.held)

    def peel(self) -> None:
        """Set the steps that cost nothing at either end, and raise the bound where every one costs more."""
        while self.left and self.bound < self.limit:
            starts, ends = list(self.starts()), list(self.ends())
            first = next((move for move in starts if move.peak <= self.bound and move.live <= self.live), None)
            last = next((move for move in ends if move.peak <= self.bound and move.live <= self.end), None)
            if first is not None:
                self.first.append(first.place)
                self.ran |= 1 << first.place
                self.live = first.live
            elif last is not None:
                self.last.append(last.place)
                self.held |= 1 << last.place
                self.end = last.live
            else:
                least = max(min(move.peak for move in moves) for moves in (starts, ends))
                if least <= self.bound:
                    return
                self.bound = least

    def starts(self) -> Iterator[Move]:
        """The steps that can run first of those that are left."""
        before, _, peaks, added, dying, _ = self.problem
        for place in places(self.left):
            if not before[place] & ~self.ran:
                after = self.ran | 1 << place
                freed = sum([size for mask, size in dying[place] if not mask & ~after])
                yield Move(place, self.live + peaks[place], self.live + added[place] - freed)

    def ends(self) -> Iterator[Move]:
        """The steps that can run last of those that are left."""
        _, waiting, peaks, added, dying, _ = self.problem
        for place in places(self.left):
            if not waiting[place] & self.left:
                freed = sum([size for mask, size in dying[place] if not mask & self.held])
                live = self.end - added[place] + freed
                yield Move(place, live + peaks[place], live)

    def core(self) -> list[int] | Literal["again"] | None:
        """The order with the steps that are left between those that are set."""
        before, waiting, peaks, added, dying, _ = self.problem
        goal = self.everything & ~self.held
        ready = sum(1 << place for place in places(self.left) if not before[place] & ~self.ran)
        # Of each state its peak, what is alive, what can run, and what ran last.
        known = {self.ran: (self.bound, self.live, ready, -1)}
        queue = [(self.bound, 0, self.ran)]
        while queue:
            peak, _, state = heappop(queue)
            if peak > self.bound:
                self.bound, before_it = peak, self.left
                self.peel()
                if self.left != before_it:
                    return "again"
            if state == goal:
                return [*self.first, *way(known, state, self.ran), *reversed(self.last)]
            so_far, live, ready, _ = known[state]
            if so_far < peak:
                continue
            moves = []
            for place in places(ready):
                after = state | 1 << place
                freed = sum([size for mask, size in dying[place] if not mask & ~after])
                top = live + peaks[place]
                if top <= peak and added[place] <= freed:
                    moves = [(peak, after, live + added[place] - freed, place)]
                    break
                if top < self.limit:
                    moves.append((max(peak, top), after, live + added[place] - freed, place))
            for top, after, live, place in moves:
                old = known.get(after)
                if old is None or top < old[0]:
                    more = sum([1 << each for each in places(waiting[place] & goal) if not before[each] & ~after])
                    known[after] = top, live, ready & ~(1 << place) | more, place
                    heappush(queue, (top, -after.bit_count(), after))
            self.states += len(moves)
            if self.states > MOST_STATES:
                return None
        return []


def places(bits: int) -> Iterator[int]:
    """The members of a set."""
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1


def way(known: dict[int, tuple[int, int, int, int]], state: int, start: int) -> list[int]:
    """The steps that led from one state to another."""
    steps = []
    while state != start:
        steps.append(known[state][3])
        state &= ~(1 << steps[-1])
    return steps[::-1]
