"""Kinds that give the axes another order or another grouping; every element stays."""

from collections.abc import Sequence
from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import FRONT, Axes, Axis, FrontAxes, WholeAxes
from archspec.kinds.axes import axis_index, axis_indices, listed, per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, DtypeRule
from archspec.kinds.strides import Operand, Sizes, permuted, reshaped
from archspec.sizes import Size, divide, prod, require, shown

WINDOWS = "https://github.com/microsoft/Swin-Transformer/blob/main/models/swin_transformer.py"


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


class WindowPartition(Kind, kind="window_partition", main="window"):
    """Cut [H, W, C] into windows that do not overlap, each one a sample of its own.

    [batch, H, W, C] to [batch * (H / wh) * (W / ww), wh * ww, C].
    """

    window: Axes
    """Height and width of a window, one number for both or a list; they divide the input's."""

    role, sees, memory = "shape", "all", "new"
    moves, linear, saves = True, True, ()
    source = WINDOWS

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 4:
            raise ShapeError(
                f"window_partition needs [H, W, C], got {len(shape) - 1} axes",
                hint="channels are last here: permute [2, 3, 1] makes [H, W, C] of [C, H, W]",
            )
        batch, height, width, channels = shape
        window = per_axis(self.window, 2, "window")
        return (batch * windows((height, width), window), prod(window), channels)

    def rearranged(self, taken: Operand) -> Operand | None:
        batch, height, width, channels = taken.shape
        rows, columns = per_axis(self.window, 2, "window")
        return cut(taken, (batch, height // rows, rows, width // columns, columns, channels), (0, 1, 3, 2, 4, 5))


class WindowMerge(Kind, kind="window_merge", main="window"):
    """Put windows together again: the reverse of `window_partition`.

    [batch * (H / wh) * (W / ww), wh * ww, C] to [batch, H, W, C].
    """

    window: Axes
    """Height and width of a window, one number for both or a list."""
    size: Axes
    """Height and width of the whole, one number for both or a list."""

    role, sees, memory = "shape", "all", "new"
    moves, linear, saves = True, True, ()
    source = WINDOWS

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 3:
            raise ShapeError(f"window_merge needs [positions, C], got {len(shape) - 1} axes")
        folded, positions, channels = shape
        window, size = per_axis(self.window, 2, "window"), per_axis(self.size, 2, "size")
        message = "a window of {window} has {area} positions, the input {positions}"
        area = prod(window)
        require(positions == area, message, argument="window", window=window, area=area, positions=positions)
        count = windows(size, window)
        message = "{count} windows of {window} make one {size}, which does not divide the input's {folded}"
        sizes: dict[str, Any] = {"count": count, "window": window, "size": size, "folded": folded}
        batch = divide(folded, count, message, argument="size", **sizes)
        return (batch, *size, channels)

    def rearranged(self, taken: Operand) -> Operand | None:
        (rows, columns), (height, width) = per_axis(self.window, 2, "window"), per_axis(self.size, 2, "size")
        down, across = height // rows, width // columns
        cuts = (taken.shape[0] // (down * across), down, across, rows, columns, taken.shape[2])
        return cut(taken, cuts, (0, 1, 3, 2, 4, 5))


def windows(size: tuple[Size, ...], window: tuple[Size, ...]) -> Size:
    """Windows in an image. Raises ShapeError where they do not divide it."""
    message = "windows of {window} do not divide {size}"
    return prod(
        divide(whole, part, message, argument="window", window=window, size=size)
        for whole, part in zip(size, window, strict=True)
    )


def cut(taken: Operand, shape: Any, order: Sequence[int]) -> Operand | None:
    """A view under another shape, its axes permuted; None where there is no such view."""
    strides = reshaped(taken.shape, taken.strides, shape)
    return None if strides is None else permuted(Operand(shape, strides), order)
