"""Many elements into one, along axes: mean, sum, max."""

from typing import Any

from archspec.kinds.args import Flag, WholeAxes
from archspec.kinds.axes import axis_indices
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, MOVES, SumRule
from archspec.sizes import prod


class Reduction(Kind):
    """Base of the kinds that reduce axes to one element."""

    axes: WholeAxes
    """One axis or several: 1 is the first after the batch, -1 the last."""
    keepdim: Flag = False
    """Leave the reduced axes in place with size 1."""

    role, sees, memory = "reduction", "axis", "new"
    moves = False
    fact_names = {"reduced_numel": "elements that make one element of the output"}

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        reduced = axis_indices(self.axes, shape, "axes")
        if self.keepdim:
            return tuple(1 if axis in reduced else size for axis, size in enumerate(shape))
        return tuple(size for axis, size in enumerate(shape) if axis not in reduced)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,) = inputs
        return {"reduced_numel": prod(shape[axis] for axis in axis_indices(self.axes, shape, "axes"))}


class Mean(Reduction, kind="mean", main="axes"):
    """The mean along axes."""

    linear, saves = True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.mean.html"


class Sum(Reduction, kind="sum", main="axes"):
    """The sum along axes."""

    linear, saves = True, ()
    dtypes = SumRule(ANY)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.sum.html"


class Max(Reduction, kind="max", main="axes"):
    """The largest element along axes."""

    linear, saves = False, ("input", "output")
    dtypes = MOVES
    source = "https://docs.pytorch.org/docs/stable/generated/torch.amax.html"
