"""Along axes: many elements into one (mean, sum, max, min, var, std), and running sums."""

from typing import Any, ClassVar

from archspec.kinds.args import Axis, Flag, Natural, WholeAxes
from archspec.kinds.axes import axis_index, axis_indices
from archspec.kinds.base import Kind, Saved, Shape
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


class Min(Reduction, kind="min", main="axes"):
    """The smallest element along axes."""

    linear, saves = False, ("input", "output")
    dtypes = MOVES
    source = "https://docs.pytorch.org/docs/stable/generated/torch.amin.html"


class Var(Reduction, kind="var", main="axes"):
    """The variance along axes: the sum of (x - mean)^2, divided by their number less the correction."""

    correction: Natural = 1
    """What is taken from the number of elements: 1 for a sample's variance, 0 for that of the elements themselves."""

    linear = False
    saves: ClassVar[tuple[Saved, ...]] = ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.var.html"


class Std(Var, kind="std", main="axes"):
    """The standard deviation along axes: the root of the variance."""

    saves = ("input", "output")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.std.html"


class CumSum(Kind, kind="cumsum", main="axis"):
    """Running sums along one axis: y[i] = x[0] + ... + x[i]."""

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""

    role, sees, memory = "reduction", "axis", "new"
    moves, linear, saves = False, True, ()
    dtypes = SumRule(ANY)
    fact_names = {"axis_size": "size of that axis"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        axis_index(self.axis, inputs[0])
        return inputs[0]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"axis_size": inputs[0][axis_index(self.axis, inputs[0])]}
