"""Kinds that cut elements away, add padding or shift: slice, select, split, pad, crop, roll."""

from operator import index
from typing import Annotated, Any, Literal

from archspec.errors import ShapeError
from archspec.kinds.args import Axes, Axis, Positive, Whole, WholeAxes
from archspec.kinds.axes import axis_index, axis_indices, listed, per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.formula import Formula
from archspec.kinds.strides import Operand, Sizes, channels_last, contiguous, elementwise, suggests_channels_last
from archspec.models.types import Open
from archspec.sizes import Size, ceil_div, divide, require, where

PADDED = Formula(
    "output size",
    "size before after",
    "size + before + after",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html",
)


MAX_PARTS = 10_000  # each is an output of its own


class Slice(Kind, kind="slice"):
    """A range of one axis: the positions start, start + step, ... before end.

    It has to lie within the axis, where Python cuts it off at the ends.
    """

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    start: Whole = 0
    """First position; negative ones count from the end."""
    end: Whole | None = None
    """Position before which it stops; negative ones count from the end. Left out, the axis' size."""
    step: Positive = 1
    """Distance between the positions taken."""

    role, sees, memory = "shape", "axis", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.python.org/3/reference/expressions.html#slicings"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        size = shape[axis]
        start = from_front(self.start, size)
        stop = size if self.end is None else self.end
        end = from_front(stop, size)
        said: dict[str, Any] = {"start": self.start, "end": stop, "axis": axis, "size": size}
        # Python would clip: a range that a change of width pushes over the edge must not shrink in silence.
        inside = "slice from {start} to {end} is out of range: axis {axis} has {size} positions"
        require(start >= 0, inside, argument="start", **said)
        require(end <= size, inside, argument="end", **said)
        empty = "slice from {start} to {end} takes nothing of axis {axis} with {size} positions"
        require(start < end, empty, argument="end", **said)
        return (*shape[:axis], ceil_div(end - start, self.step), *shape[axis + 1 :])

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        axis = axis_index(self.axis, shape)
        return [(*strides[:axis], strides[axis] * index(self.step), *strides[axis + 1 :])]


def from_front(position: Size, size: Size) -> Size:
    """A position that may count from the end, as one that counts from the front."""
    return where(position < 0, size + position, position)


class Select(Kind, kind="select"):
    """One position of an axis; the axis is dropped."""

    axis: Axis
    """The axis: 1 is the first after the batch, -1 the last."""
    index: Whole
    """The position taken; negative ones count from the end."""

    role, sees, memory = "shape", "axis", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.select.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        message = "index {index} is out of range: axis {axis} has {size} positions"
        for fits in (-shape[axis] <= self.index, self.index < shape[axis]):
            require(fits, message, argument="index", index=self.index, axis=axis, size=shape[axis])
        return (*shape[:axis], *shape[axis + 1 :])

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        axis = axis_index(self.axis, shape)
        return [(*strides[:axis], *strides[axis + 1 :])]


class Split(Kind, kind="split", main="parts"):
    """Cut one axis into several tensors, in order: one output each."""

    parts: Positive | None = None
    """Number of equal parts; it divides the axis. Either this or `sizes`."""
    sizes: Axes | None = None
    """Size of each part; together they are the axis."""
    axis: Axis = 1
    """The axis: 1 is the first after the batch, -1 the last."""

    role, sees, memory = "shape", "axis", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.split.html"

    def out_shape(self, *inputs: Shape) -> list[Shape]:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        return [(*shape[:axis], size, *shape[axis + 1 :]) for size in self._sizes(axis, shape[axis])]

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        axis = axis_index(self.axis, shape)
        return [strides] * len(self._sizes(axis, shape[axis]))

    def _sizes(self, axis: int, whole: Size) -> tuple[Size, ...]:
        if (self.parts is None) == (self.sizes is None):
            raise ShapeError("split takes either parts or sizes", hint="parts: 3, or sizes: [64, 64, 128]")
        if self.sizes is None:
            count: Any = self.parts
            if type(count) is int and count > MAX_PARTS:
                raise ShapeError(f"parts {count} are too many: at most {MAX_PARTS}", argument="parts")
            message = "{parts} parts do not divide the {size} positions of axis {axis}"
            part = divide(whole, count, message, argument="parts", parts=count, size=whole, axis=axis)
            return (part,) * index(count)
        sizes = listed(self.sizes)
        message = "sizes {sizes} add up to {total}, axis {axis} has {size} positions"
        total = sum(sizes)
        require(total == whole, message, argument="sizes", sizes=sizes, total=total, axis=axis, size=whole)
        return sizes


class Pad(Kind, kind="pad", main="padding"):
    """Add positions before and after axes; a negative number cuts them off."""

    padding: WholeAxes
    """Pairs (before, after), last axis first, as PyTorch's F.pad has them: `[1, 1]` pads the last axis, `[1, 1, 2, 2]`
    the last by 1 and the one before it by 2."""
    mode: Annotated[Literal["zeros", "reflect", "replicate", "circular"], Open()] = "zeros"
    """What the new positions hold: zeros, the axis mirrored without its edge, its edge, or its other end. Each mode
    takes any axes, where PyTorch mirrors and repeats the last ones of images only."""

    role, sees, memory, layout = "shape", "near", "new", "own"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        padding = listed(self.padding)
        if len(padding) % 2:
            message = f"padding has {len(padding)} numbers: each axis needs two, before and after"
            raise ShapeError(message, argument="padding")
        if len(padding) > 2 * (len(shape) - 1):
            message = f"padding has {len(padding) // 2} pairs, the input {len(shape) - 1} axes"
            raise ShapeError(message, argument="padding")
        sizes = list(shape)
        for axis, before, after in zip(range(len(shape) - 1, 0, -1), padding[::2], padding[1::2], strict=False):
            self._check(axis, shape[axis], before, after)
            sizes[axis] = PADDED(shape[axis], before, after)
        return tuple(sizes)

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """Filled into an empty tensor; where nothing is added, a copy of what is left."""
        cut = all(bool(side <= 0) for side in listed(self.padding))
        if self.mode == "zeros" and cut:
            return elementwise(Operand(output, inputs[0].strides))
        last = self.mode != "circular" and suggests_channels_last(inputs[0])
        return channels_last(output) if last else contiguous(output)

    def _check(self, axis: int, size: Size, before: Size, after: Size) -> None:
        """Mirroring has size - 1 positions to give, wrapping around has size. Raises ShapeError."""
        if self.mode not in ("reflect", "circular"):
            return
        most = size - 1 if self.mode == "reflect" else size
        message = f"{self.mode} padding {{pad}} on axis {{axis}} of size {{size}}: at most {{most}}"
        for pad in (before, after):
            require(pad <= most, message, argument="padding", pad=pad, axis=axis, size=size, most=most)


class Crop(Kind, kind="crop", main="to"):
    """Cut the spatial axes down to a size, the same on both sides; an odd remainder goes off the end."""

    to: Axes
    """Sizes that are left, one for all spatial axes or a list with one for each."""

    role, sees, memory = "shape", "near", "view"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.center_crop.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 3:
            raise ShapeError(f"crop needs channels and spatial axes, got {len(shape) - 1} axes")
        wanted = per_axis(self.to, len(shape) - 2, "to")
        for axis, (size, left) in enumerate(zip(shape[2:], wanted, strict=True), start=2):
            message = "crop cannot leave {left} of the {size} positions of axis {axis}"
            require(left <= size, message, argument="to", left=left, size=size, axis=axis)
        return (*shape[:2], *wanted)

    def view(self, shape: Sizes, strides: Sizes) -> list[Sizes]:
        return [strides]


class Roll(Kind, kind="roll"):
    """Shift positions along axes; what leaves at one end enters at the other."""

    shift: WholeAxes
    """Positions to shift by, one for all axes or a list with one for each; negative ones shift towards the front."""
    axes: WholeAxes
    """The axes: 1 is the first after the batch, -1 the last."""

    role, sees, memory, layout = "shape", "axis", "new", "own"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.roll.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axes = axis_indices(self.axes, shape, "axes")
        if isinstance(self.shift, tuple) and len(self.shift) != len(axes):
            raise ShapeError(f"roll has {len(self.shift)} shifts for {len(axes)} axes", argument="shift")
        return shape

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return channels_last(output) if suggests_channels_last(inputs[0]) else contiguous(output)
