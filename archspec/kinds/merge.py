"""Several tensors into one, element by element or side by side; and a tensor times a constant."""

from typing import ClassVar

from archspec.errors import ShapeError
from archspec.kinds.args import Axis, Ids, Real
from archspec.kinds.axes import axis_index
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.broadcasting import axes_hint
from archspec.kinds.dtypes import ANY, MOVES, NUMBERS, DtypeRule
from archspec.kinds.elements import Together
from archspec.kinds.strides import Operand, Sizes, channels_last, contiguous, suggests_channels_last
from archspec.sizes import require, shown


class Add(Together, kind="add", main="of"):
    """Sum of two tensors or more, element by element."""

    linear, saves = True, ()
    dtypes = MOVES


class Sub(Together, kind="sub", main="of"):
    """First tensor minus the second, element by element."""

    linear, saves = True, ()
    arity = (2, 2)

    dtypes = DtypeRule(NUMBERS, kept=True)


class Mul(Together, kind="mul", main="of"):
    """Product of two tensors or more, element by element."""

    linear, saves = False, ("input",)
    dtypes = MOVES


class Div(Together, kind="div", main="of"):
    """First tensor divided by the second, element by element."""

    linear, saves = False, ("input",)
    arity = (2, 2)

    dtypes = DtypeRule(ANY)


class Concat(Kind, kind="concat", main="of"):
    """Tensors side by side along one axis; every other axis must agree."""

    of: Ids = None
    """Ids of the layers joined, in order; `prev` is the layer before."""
    axis: Axis = 1
    """Axis they are joined along: 1 is the first axis after the batch, -1 the last."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    role, sees, memory, layout = "shape", "axis", "new", "own"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.cat.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        axis = axis_index(self.axis, first)
        for other in inputs[1:]:
            rule = f"concat along axis {axis} needs the other axes equal"
            if len(other) != len(first):
                raise ShapeError(f"{rule}, got {shown(first)} and {shown(other)}", hint=axes_hint(first, other))
            others = (first[:axis] + first[axis + 1 :], other[:axis] + other[axis + 1 :])
            require(alike(*others), f"{rule}, got {{a}} and {{b}}", a=first, b=other)
        return (*first[:axis], sum(shape[axis] for shape in inputs), *first[axis + 1 :])

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return channels_last(output) if all(map(suggests_channels_last, inputs)) else contiguous(output)


class Scale(Kind, kind="scale", main="by"):
    """Multiply by a constant."""

    by: Real
    """The constant."""

    role, sees, memory, layout = "arithmetic", "element", "new", "elementwise"
    moves, linear, saves = False, True, ()
    dtypes = DtypeRule(ANY)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.mul.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]
