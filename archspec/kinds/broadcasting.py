"""Shapes that meet: equal ones, and ones that stretch to each other."""

from __future__ import annotations

from archspec.errors import ShapeError
from archspec.kinds.base import Shape, alike
from archspec.sizes import Size, require, shown


def equal(kind: str, a: Shape, b: Shape) -> Shape:
    """The shape of both. Raises ShapeError where they differ."""
    if len(a) != len(b):
        raise ShapeError(f"{kind} needs equal shapes, got {shown(a)} and {shown(b)}", hint=axes_hint(a, b))
    require(alike(a, b), f"{kind} needs equal shapes, got {{a}} and {{b}}", a=a, b=b)
    return a


def broadcast(kind: str, a: Shape, b: Shape) -> Shape:
    """The shape both stretch to. The batch axes meet each other, the axes after them meet from the last one backwards.

    Raises ShapeError where two sizes differ and neither is 1.
    """
    short, long = sorted((a, b), key=len)
    padded = (short[0], *(1,) * (len(long) - len(short)), *short[1:])
    sizes: list[Size] = []
    for x, y in zip(padded, long, strict=True):
        missing = type(x) is int and x == 1  # then it does not matter whether y is 1, which a symbol leaves open
        if not missing and (alike((x,), (y,)) is True or y == 1):
            sizes.append(x)
            continue
        if not missing and x != 1:
            require(x == y, f"{kind} cannot broadcast {{a}} and {{b}}: {{x}} meets {{y}}", a=a, b=b, x=x, y=y)
        sizes.append(y)
    return tuple(sizes)


def axes_hint(a: Shape, b: Shape) -> str:
    """How many axes each of two shapes has, as a hint."""
    return f"the first has {len(a) - 1} axes after the batch, the second {len(b) - 1}"
