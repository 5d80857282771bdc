"""Kinds that make samples of positions, and positions of samples: the first axes and the batch as one."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Axes, Positive
from archspec.kinds.axes import listed
from archspec.kinds.base import Kind, Shape
from archspec.kinds.strides import Sizes
from archspec.sizes import divide, prod

FLATTEN = "https://docs.pytorch.org/docs/stable/generated/torch.flatten.html"


class FoldBatch(Kind, kind="fold_batch", main="axes"):
    """The first axes into the batch, so that each of their positions is a sample: [batch, T, C] to [batch * T, C]."""

    axes: Positive = 1
    """How many axes behind the batch."""

    role, sees, memory = "shape", "all", "reshape"
    moves, linear, saves = True, True, ()
    source = FLATTEN

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if type(self.axes) is not int or self.axes > len(shape) - 1:
            raise ShapeError(f"fold_batch of {self.axes} axes, the input has {len(shape) - 1}", argument="axes")
        return (prod(shape[: self.axes + 1]), *shape[self.axes + 1 :])


class UnfoldBatch(Kind, kind="unfold_batch", main="sizes"):
    """Samples into axes behind the batch: the reverse of `fold_batch`, [batch * T, C] to [batch, T, C]."""

    sizes: Axes
    """Size of each axis that comes back; their product divides the batch."""

    role, sees, memory = "shape", "all", "view"
    moves, linear, saves = True, True, ()
    source = FLATTEN

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        sizes = listed(self.sizes)
        message = "{sizes} have {count} positions, which do not divide the batch of {folded}"
        batch = divide(
            shape[0], prod(sizes), message, argument="sizes", sizes=sizes, count=prod(sizes), folded=shape[0]
        )
        return (batch, *sizes, *shape[1:])

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        sizes: Any = listed(self.sizes)
        steps: Any = [strides[0] * prod(sizes[place:]) for place in range(len(sizes) + 1)]
        return [(*steps, *strides[1:])]
