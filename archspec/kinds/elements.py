"""Bases of the kinds that work element by element: a function of one tensor, or several tensors together."""

from functools import partial, reduce
from typing import ClassVar

from archspec.kinds.args import Flag, Ids
from archspec.kinds.base import Kind, Layout, Role, Shape
from archspec.kinds.broadcasting import broadcast, equal

DOCS = "https://docs.pytorch.org/docs/stable/generated/"


class Elementwise(Kind):
    """One function of each element: the shape stays."""

    role: ClassVar[Role] = "activation"
    sees, memory = "element", "new"
    layout: ClassVar[Layout] = "elementwise"
    moves, linear = False, False

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]


class Overwriting(Elementwise):
    """An elementwise function that can write its result over its input."""

    inplace: Flag = False
    """Overwrite the input instead of allocating an output."""


class Arithmetic(Elementwise):
    """An elementwise function that is no activation."""

    role = "arithmetic"


class Linear(Arithmetic):
    """One that is a linear map."""

    linear = True


class Together(Kind):
    """Base of the kinds that combine tensors element by element."""

    of: Ids = None
    """Ids of the layers combined, in order; `prev` is the layer before."""
    broadcast: Flag = False
    """Let axes of size 1 and missing leading axes stretch, as NumPy does, on the shapes without the batch axis. Without
    it unequal shapes are an error."""

    role, sees, memory = "arithmetic", "element", "new"
    layout: ClassVar[Layout] = "elementwise"
    moves = False
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    source = "https://numpy.org/doc/stable/user/basics.broadcasting.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return reduce(partial(broadcast if self.broadcast else equal, self.kind), inputs)
