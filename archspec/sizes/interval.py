"""Interval arithmetic in Python ints: where the result of an operation on bounded integers must lie."""

from __future__ import annotations

from typing import TypeAlias

from archspec.errors import ExpressionError

Interval: TypeAlias = tuple[int, int]

POWER_BITS = 65_536  # of the largest power computed; more is a slip in a formula, not a size


def add(x: Interval, y: Interval) -> Interval:
    return x[0] + y[0], x[1] + y[1]


def subtract(x: Interval, y: Interval) -> Interval:
    return x[0] - y[1], x[1] - y[0]


def multiply(x: Interval, y: Interval) -> Interval:
    corners = [p * q for p in x for q in y]
    return min(corners), max(corners)


def union(x: Interval, y: Interval) -> Interval:
    return min(x[0], y[0]), max(x[1], y[1])


def floor_divide(x: Interval, y: Interval) -> Interval:
    # On either side of zero the quotient is monotone in both operands: its extremes lie at the ends of each side.
    divisors = [q for q in (y[0], min(y[1], -1)) if q < 0 and y[0] < 0]
    divisors += [q for q in (max(y[0], 1), y[1]) if q > 0 and y[1] > 0]
    corners = [p // q for p in x for q in divisors]
    return (min(corners), max(corners)) if corners else (0, 0)


def modulo(x: Interval, y: Interval) -> Interval:
    # The sign is the divisor's, the magnitude below the divisor's.
    return min(0, y[0] + 1), max(0, y[1] - 1)


def power(x: Interval, y: Interval) -> Interval:
    magnitude = max(abs(x[0]), abs(x[1]), 1)
    if magnitude > 1 and y[1] * magnitude.bit_length() > POWER_BITS:
        raise ExpressionError(f"a power of up to {magnitude}**{y[1]} is too large")
    largest = magnitude ** y[1]
    return (0 if x[0] >= 0 else -largest), largest


def larger(x: Interval, y: Interval) -> Interval:
    return max(x[0], y[0]), max(x[1], y[1])


def smaller(x: Interval, y: Interval) -> Interval:
    return min(x[0], y[0]), min(x[1], y[1])
