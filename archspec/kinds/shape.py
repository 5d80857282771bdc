"""Kinds that give the axes another order or another grouping; every element stays."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import FRONT, Axis, FrontAxes
from archspec.kinds.axes import axis_index, axis_indices, listed
from archspec.kinds.base import Kind, Shape
from archspec.kinds.strides import Sizes
from archspec.sizes import divide, prod, require, shown


class Identity(Kind, kind="identity"):
    """The tensor as it is."""

    role, sees, memory = "shape", "element", "input"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]


class Flatten(Kind, kind="flatten", main="start"):
    """Neighbouring axes into one."""

    start: Axis = 1
    """First axis that is merged: 1 is the first after the batch, -1 the last."""
    end: Axis = -1
    """Last axis that is merged."""

    role, sees, memory = "shape", "all", "reshape"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        start, end = axis_index(self.start, shape, "start"), axis_index(self.end, shape, "end")
        if start > end:
            raise ShapeError(f"flatten cannot start at axis {start} and end before it, at axis {end}", argument="start")
        return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])


class Reshape(Kind, kind="reshape", main="shape"):
    """The same elements in the same order under another shape; the batch axis stays."""

    shape: FrontAxes
    """New sizes without the batch axis; one of them may be -1, which takes what the others leave. After `...`, what the
    last axis is cut into: `[..., 8, 64]` makes [T, 8, 64] of [T, 512]."""

    role, sees, memory = "shape", "all", "reshape"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.reshape.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        wanted = listed(self.shape)
        if wanted[:1] == (FRONT,):
            wanted = (*shape[1:-1], *wanted[1:])
        free = [place for place, size in enumerate(wanted) if type(size) is int and size == -1]
        if len(free) > 1:
            raise ShapeError(
                f"reshape can work out one size, {shown(wanted)} leaves {len(free)} open", argument="shape"
            )
        fixed = tuple(size for place, size in enumerate(wanted) if place not in free)
        for size in fixed:
            require(size >= 1, "reshape to {wanted}: a size is at least 1, or -1", argument="shape", wanted=wanted)
        numel, known = prod(shape[1:]), prod(fixed)
        sizes: dict[str, Any] = {"shape": shape, "wanted": wanted, "numel": numel, "known": known}
        if not free:
            message = "reshape of {shape} to {wanted} would turn {numel} elements of a sample into {known}"
            require(numel == known, message, argument="shape", **sizes)
            return (shape[0], *wanted)
        message = "reshape of {shape} to {wanted} does not come out even: {numel} elements of a sample over {known}"
        rest = divide(numel, known, message, argument="shape", **sizes)
        return (shape[0], *wanted[: free[0]], rest, *wanted[free[0] + 1 :])


class Permute(Kind, kind="permute", main="order"):
    """The axes in another order."""

    order: FrontAxes
    """For each output axis, the input axis it takes: `[2, 3, 1]` makes [H, W, C] of [C, H, W]. `...` stands for those
    that are not named, in their order: `[..., -2, -3, -1]`."""

    role, sees, memory = "shape", "all", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.permute.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        order = self.places(shape)
        if len(order) != len(shape) - 1:
            message = f"order {list(order)} names {len(order)} axes, the input has {len(shape) - 1}"
            raise ShapeError(message, argument="order")
        return (shape[0], *(shape[axis] for axis in order))

    def places(self, shape: Shape) -> tuple[int, ...]:
        """The input axis of each output axis, as far as they are named. Raises ShapeError."""
        written = listed(self.order)
        if written[:1] != (FRONT,):
            return axis_indices(written, shape, "order")
        named = axis_indices(written[1:], shape, "order")
        return (*(axis for axis in range(1, len(shape)) if axis not in named), *named)

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        return [(strides[0], *(strides[axis] for axis in self.places(shape)))]


class Squeeze(Kind, kind="squeeze", main="axis"):
    """Drop an axis, which has to be of size 1: PyTorch leaves one of another size in place."""

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""

    role, sees, memory = "shape", "element", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        message = "squeeze drops an axis of size 1, axis {axis} has {size}"
        require(shape[axis] == 1, message, argument="axis", axis=axis, size=shape[axis])
        return (*shape[:axis], *shape[axis + 1 :])

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        axis = axis_index(self.axis, shape)
        return [(*strides[:axis], *strides[axis + 1 :])]


class Unsqueeze(Kind, kind="unsqueeze", main="axis"):
    """Insert an axis of size 1."""

    axis: Axis
    """Where it is in the output: 1 is right after the batch, -1 the last."""

    role, sees, memory = "shape", "element", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, (*shape, 1))
        return (*shape[:axis], 1, *shape[axis:])

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        axis = axis_index(self.axis, (*shape, 1))
        step = shape[axis] * strides[axis] if axis < len(shape) else 1  # as PyTorch gives it
        return [(*strides[:axis], step, *strides[axis:])]
