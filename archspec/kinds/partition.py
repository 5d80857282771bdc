"""Images cut into windows that do not overlap, and put together again."""

from collections.abc import Sequence
from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Axes
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.strides import Operand, permuted, reshaped
from archspec.sizes import Size, divide, prod, require

WINDOWS = "https://github.com/microsoft/Swin-Transformer/blob/main/models/swin_transformer.py"


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
