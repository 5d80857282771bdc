"""The largest number whose need is within bounds, found exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from archspec.errors import UsageError
from archspec.records import NamedTuple

MOST = 2**40
Of = Literal["batch", "length"]


class Largest(NamedTuple):
    """The largest number ``of`` what was asked; 0 where 1 is too large. ``beyond`` is what the next one needs."""

    of: Of
    number: int
    beyond: int


def largest(need: Callable[[int], int], free: int, of: Of) -> Largest:
    """The largest n with ``need(n) <= free``, where ``need`` never falls.

    Batches and lengths are such: every figure of memory is a sum or a maximum of sizes of tensors, of which none
    shrinks as these grow. So it is enough that n fits and n + 1 does not, which both are worked out. What is looked at
    on the way is held against the premise: a need that falls is an error, never a wrong answer.

    Needs grow about in proportion, so the next number is where a line through the two nearest known ones meets the
    bound; every other or third one doubles it or halves the interval, which bounds the steps.
    """
    known = {1: need(1)}
    if known[1] > free:
        return Largest(of, 0, known[1])
    low, high, steps = 1, 2, 0
    while _looked_at(need, known, high) <= free:
        if high == MOST:
            raise UsageError(f"a {of} of {MOST:,} still fits: what is needed hardly depends on it")
        low, rise = high, known[high] - known[1]
        steps += 1
        straight = low + (free - known[low]) * (low - 1) // rise + 1 if rise and steps % 2 else 2 * low
        high = min(straight, MOST)
    while high - low > 1:
        steps += 1
        straight = low + (free - known[low]) * (high - low) // (known[high] - known[low])
        middle = (low + high) // 2 if steps % 3 == 0 else min(max(straight, low + 1), high - 1)
        if _looked_at(need, known, middle) <= free:
            low = middle
            if high - low > 1 and _looked_at(need, known, low + 1) > free:
                high = low + 1
        else:
            high = middle
    return Largest(of, low, known[high])


def _looked_at(need: Callable[[int], int], known: dict[int, int], number: int) -> int:
    """The need of a number, held against those that are known."""
    if number not in known:
        value = need(number)
        for other, before in known.items():
            if (value < before) == (other < number) and value != before:
                a, b = sorted((number, other))
                raise UsageError(f"{b:,} needs less than {a:,}: what fits cannot be searched for")
        known[number] = value
    return known[number]
