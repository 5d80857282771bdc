"""Several tensors into one, element by element or side by side; and a tensor times a constant."""

from __future__ import annotations

from functools import partial, reduce
from typing import ClassVar

from archspec.errors import ShapeError
from archspec.kinds.args import Flag
from archspec.kinds.axes import Axis
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.common import Real, axis_index
from archspec.sizes import Size, require, shown

Ids = tuple[str, ...] | None


class Elementwise(Kind):
    """Base of the kinds that combine tensors element by element."""

    of: Ids = None
    """Ids of the layers combined, in order; `prev` is the layer before."""
    broadcast: Flag = False
    """Let axes of size 1 and missing leading axes stretch, as NumPy does, on the shapes without the batch axis. Without
    it unequal shapes are an error."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    source = "https://numpy.org/doc/stable/user/basics.broadcasting.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return reduce(partial(broadcast if self.broadcast else equal, self.kind), inputs)


def equal(kind: str, a: Shape, b: Shape) -> Shape:
    """The shape of both. Raises ShapeError where they differ."""
    if len(a) != len(b):
        raise ShapeError(f"{kind} needs equal shapes, got {shown(a)} and {shown(b)}", hint=_hint(a, b))
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
        if alike((x,), (y,)) is True or y == 1:
            sizes.append(x)
            continue
        if x != 1:
            require(x == y, f"{kind} cannot broadcast {{a}} and {{b}}: {{x}} meets {{y}}", a=a, b=b, x=x, y=y)
        sizes.append(y)
    return tuple(sizes)


def _hint(a: Shape, b: Shape) -> str:
    return f"the first has {len(a) - 1} axes after the batch, the second {len(b) - 1}"


class Add(Elementwise, kind="add", main="of"):
    """Sum of two tensors or more, element by element."""


class Sub(Elementwise, kind="sub", main="of"):
    """First tensor minus the second, element by element."""

    arity = (2, 2)


class Mul(Elementwise, kind="mul", main="of"):
    """Product of two tensors or more, element by element."""


class Div(Elementwise, kind="div", main="of"):
    """First tensor divided by the second, element by element."""

    arity = (2, 2)


class Concat(Kind, kind="concat", main="of"):
    """Tensors side by side along one axis; every other axis must agree."""

    of: Ids = None
    """Ids of the layers joined, in order; `prev` is the layer before."""
    axis: Axis = 1
    """Axis they are joined along: 1 is the first axis after the batch, -1 the last."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    moves = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.cat.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        axis = axis_index(self.axis, first)
        for other in inputs[1:]:
            rule = f"concat along axis {axis} needs the other axes equal"
            if len(other) != len(first):
                raise ShapeError(f"{rule}, got {shown(first)} and {shown(other)}", hint=_hint(first, other))
            others = (first[:axis] + first[axis + 1 :], other[:axis] + other[axis + 1 :])
            require(alike(*others), f"{rule}, got {{a}} and {{b}}", a=first, b=other)
        return (*first[:axis], sum(shape[axis] for shape in inputs), *first[axis + 1 :])


class Scale(Kind, kind="scale", main="by"):
    """Multiply by a constant."""

    by: Real
    """The constant."""

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]
