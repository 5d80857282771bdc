"""Values that stand more than once: stretched without a copy, or tiled."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Axes, WholeAxes
from archspec.kinds.axes import listed
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, DtypeRule
from archspec.kinds.strides import Sizes
from archspec.sizes import Size, require


class Expand(Kind, kind="expand", main="shape"):
    """Axes of size 1 stretched without a copy; axes that are missing are put in behind the batch.

    A second input gives the batch size: what there is once for the whole batch is spread over its samples.
    """

    shape: WholeAxes
    """New sizes without the batch axis; -1 keeps the input's."""

    role, sees, memory = "shape", "all", "view"
    moves, linear, saves = True, True, ()
    arity = (1, 2)
    dtypes = DtypeRule(ANY, kept=True, of=slice(1))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        shape, batch = inputs[0], inputs[-1][0]
        if len(inputs) == 2 and not (type(shape[0]) is int and shape[0] == 1):
            message = "expand takes what there is once for the batch to another, got a batch of {size} and {batch}"
            require(shape[0] == batch, message, size=shape[0], batch=batch)
        wanted = listed(self.shape)
        new = len(wanted) - len(shape) + 1
        if new < 0:
            message = f"expand names {len(wanted)} axes, the input has {len(shape) - 1}"
            raise ShapeError(message, argument="shape")
        sizes: list[Size] = list(wanted[:new])
        for size in sizes:
            require(size >= 1, "a new axis needs a size of 1 or more, got {size}", argument="shape", size=size)
        for place, (size, goal) in enumerate(zip(shape[1:], wanted[new:], strict=True), start=1):
            kept = type(goal) is int and goal == -1
            if not kept and not (type(size) is int and size == 1 and type(goal) is int and goal >= 1):
                message = "expand stretches axes of size 1: axis {axis} of {shape} has {size}, not {goal}"
                fits = (goal >= 1) & ((size == goal) | (size == 1))
                require(fits, message, argument="shape", axis=place, shape=shape, size=size, goal=goal)
            sizes.append(size if kept else goal)
        return (batch, *sizes)

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        output: Any = self.out_shape(shape)
        new = len(output) - len(shape)
        axes = zip(shape[1:], output[new + 1 :], strides[1:], strict=True)
        return [
            (
                strides[0] if shape[0] != 1 else 0,
                *[0] * new,
                *(step if size == goal else 0 for size, goal, step in axes),
            )
        ]


class Tile(Kind, kind="tile", main="repeats"):
    """The whole repeated along axes."""

    repeats: Axes
    """How often along each of the last axes; those before stay."""

    role, sees, memory = "shape", "all", "new"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.tile.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        repeats = listed(self.repeats)
        if len(repeats) > len(shape) - 1:
            message = f"tile has {len(repeats)} repeats, the input {len(shape) - 1} axes"
            raise ShapeError(message, argument="repeats")
        kept = len(shape) - len(repeats)
        return (*shape[:kept], *(size * times for size, times in zip(shape[kept:], repeats, strict=True)))
