"""Pooling with a window of fixed size: 1-d, 2-d or 3-d by the rank of the input."""

from typing import Any

from archspec.kinds.args import Above0, Axes, Flag, NaturalAxes, OptionalAxes, Padding
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, FLOATS, NUMBERS, DtypeRule
from archspec.kinds.formula import Formula
from archspec.kinds.strides import Operand
from archspec.kinds.window import pad_pairs, padded_copy, same_pads, spatial_rank, window_size
from archspec.sizes import Size, ceil_div, maximum, minimum, prod, require

# Rounded up, a last window may hang over the end, but one that would start beyond the input is dropped: window i starts
# at i * stride - before, so ceil_div(size + before, stride) windows start in the input or the padding before it.
CEIL_SIZE = Formula(
    "output size, rounded up",
    "size before after dilation kernel stride",
    "min(ceil_div(size + before + after - dilation * (kernel - 1) - 1, stride) + 1, ceil_div(size + before, stride))",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html",
)
UNPOOLED_SIZE = Formula(
    "output size",
    "size padding kernel stride",
    "(size - 1) * stride - 2 * padding + kernel",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html",
)
POOL_FACTS = {
    "kernel_numel": "product of the window's sizes",
    "stride_numel": "product of the strides",
}


class Window(Kind):
    """A window that slides over the spatial axes, channel by channel."""

    kernel: Axes
    """Window size, one for all axes or a list with one for each."""
    stride: OptionalAxes = None
    """Step of the window; the kernel's size if left out."""
    ceil: Flag = False
    """Round the output size up: a last window may hang over the end, but not start beyond it."""

    role, sees, memory, layout = "pool", "window", "new", "channels"
    moves = False
    fact_names = POOL_FACTS

    def sizes(self, rank: int) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
        """Kernel and stride of each axis. Raises ShapeError."""
        kernel = per_axis(self.kernel, rank, "kernel")
        return kernel, kernel if self.stride is None else per_axis(self.stride, rank, "stride")

    def pooled(self, shape: Shape, padding: Any = 0, dilation: Any = 1) -> Shape:
        """Output shape. Raises ShapeError."""
        rank = spatial_rank(self.kind, shape)
        kernels, strides = self.sizes(rank)
        dilations, pads = per_axis(dilation, rank, "dilation"), pad_pairs(padding, kernels, rank)
        size_of = ceil_size if self.ceil else window_size
        for kernel, pad in zip(kernels, pads, strict=True):
            for side in () if isinstance(pad, str) else pad:
                # PyTorch's rule, whatever the dilation; it also keeps every window over an element of the input.
                message = "padding {padding} is more than half of kernel {kernel}"
                require(2 * side <= kernel, message, argument="padding", padding=side, kernel=kernel)
        return (*shape[:2], *map(size_of, shape[2:], kernels, strides, dilations, pads))

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        shape: Any = inputs[0].shape
        rank = len(shape) - 2
        kernel, stride = self.sizes(rank)
        pads = pad_pairs(getattr(self, "padding", 0), kernel, rank)
        return [padded_copy(shape, kernel, stride, per_axis(getattr(self, "dilation", 1), rank, ""), pads)]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        kernel, stride = self.sizes(len(inputs[0]) - 2)
        return {"kernel_numel": prod(kernel), "stride_numel": prod(stride)}


class MaxPool(Window, kind="maxpool", main="kernel"):
    """Max pooling: y = the largest element of each window."""

    padding: Padding = 0
    """Positions of minus infinity on both sides of each axis, at most half the kernel; written as for `conv`."""
    dilation: Axes = 1
    """Distance between the window's points."""

    linear, saves = False, ("input", "indices")
    dtypes = DtypeRule(NUMBERS, kept=True)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return self.pooled(inputs[0], self.padding, self.dilation)


class AvgPool(Window, kind="avgpool", main="kernel"):
    """Average pooling: y = mean of each window."""

    padding: Padding = 0
    """Zeros on both sides of each axis, at most half the kernel; written as for `conv`."""
    count_include_pad: Flag = True
    """Let the zeros count in the mean."""

    linear, saves = True, ("input",)
    dtypes = DtypeRule(FLOATS | {"int64"}, kept=True)
    fact_names = {
        **POOL_FACTS,
        "window_numel_sum": "elements averaged, summed over all outputs: zeros counted with count_include_pad only",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        check_volume(inputs[0], self.kernel)
        return self.pooled(inputs[0], self.padding)

    def keeps_last(self, output: Shape) -> bool:
        return len(output) < 5

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,), (out,) = inputs, outputs
        kernel, stride = self.sizes(len(shape) - 2)
        pads = pad_pairs(self.padding, kernel, len(shape) - 2)
        covered = map(self._covered, shape[2:], out[2:], kernel, stride, pads)
        return {**super().facts(inputs, outputs), "window_numel_sum": shape[0] * shape[1] * prod(covered)}

    def _covered(self, size: Size, count: Size, kernel: Size, stride: Size, pad: tuple[Size, Size] | str) -> Size:
        """Sum along one axis of what each of ``count`` windows holds: all of it less what hangs over either end."""
        before, after = same_pads(size, kernel, stride, 1, pad) if isinstance(pad, str) else pad
        if not self.ceil and (self.count_include_pad or (before == 0 and after == 0)):
            return count * kernel
        last_end = (count - 1) * stride - before + kernel
        if self.count_include_pad:
            return count * kernel - descending_sum(last_end - size - after, stride, count)
        return count * kernel - descending_sum(before, stride, count) - descending_sum(last_end - size, stride, count)


class LpPool(Window, kind="lppool"):
    """Power-average pooling: y = (sum of x^norm over each window)^(1 / norm)."""

    norm: Above0
    """Exponent."""

    linear, saves = False, ("input", "other")
    dtypes = DtypeRule(ANY)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        check_volume(inputs[0], self.kernel)
        return self.pooled(inputs[0])

    def keeps_last(self, output: Shape) -> bool:
        return len(output) < 5


class MaxUnpool(Kind, kind="max_unpool", main="kernel"):
    """Partial inverse of max pooling: each element goes where its maximum was, zeros elsewhere."""

    kernel: Axes
    """Window size of the pool that is undone."""
    stride: OptionalAxes = None
    """Step of its window; the kernel's size if left out."""
    padding: NaturalAxes = 0
    """Its padding."""
    size: OptionalAxes = None
    """Spatial sizes of the output, where the pool's input was not the default one."""

    role, sees, memory, layout = "resampling", "window", "new", "channels"
    moves, linear, saves = True, True, ("indices",)
    dtypes = DtypeRule(kept=True)
    upsamples = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        rank = spatial_rank(self.kind, shape)
        kernel = per_axis(self.kernel, rank, "kernel")
        stride = kernel if self.stride is None else per_axis(self.stride, rank, "stride")
        sizes = tuple(map(UNPOOLED_SIZE, shape[2:], per_axis(self.padding, rank, "padding"), kernel, stride))
        if self.size is None:
            return (*shape[:2], *sizes)
        wanted = per_axis(self.size, rank, "size")
        for size, default, step in zip(wanted, sizes, stride, strict=True):
            for low, high in ((default - step, size), (size, default + step)):
                require(
                    low < high,
                    "size {size} must be above {low} and below {high}",
                    argument="size",
                    size=size,
                    low=default - step,
                    high=default + step,
                )
        return (*shape[:2], *wanted)

    def keeps_last(self, output: Shape) -> bool:
        return len(output) == 4


def ceil_size(size: Size, kernel: Size, stride: Size, dilation: Size, pad: tuple[Size, Size] | str) -> Size:
    """Windows along one axis, with a last one that hangs over the end. Raises ShapeError."""
    if isinstance(pad, str):
        return window_size(size, kernel, stride, dilation, pad)
    before, after = pad
    cover, padded = dilation * (kernel - 1) + 1, size + before + after
    require(
        cover < padded + stride,
        "kernel {kernel} does not fit: with dilation {dilation} it covers {cover}, the padded input has {padded} "
        "and only {spare} more may hang over",
        argument="kernel",
        kernel=kernel,
        dilation=dilation,
        cover=cover,
        padded=padded,
        spare=stride - 1,
    )
    return CEIL_SIZE(size, before, after, dilation, kernel, stride)


def check_volume(shape: Shape, kernel: Any) -> None:
    """PyTorch's averages over three axes ask for an input as large as the window, padding apart. Raises ShapeError."""
    for size, side in zip(shape[2:], per_axis(kernel, 3, "kernel"), strict=True) if len(shape) == 5 else ():
        message = "kernel {kernel} is larger than the input's {size}"
        require(size >= side, message, argument="kernel", kernel=side, size=size)


def descending_sum(first: Size, step: Size, most: Size) -> Size:
    """first + (first - step) + ... over the positive terms, ``most`` of them at most; 0 where none is positive."""
    terms = minimum(ceil_div(maximum(first, 0), step), most)
    return terms * first - step * (terms * (terms - 1) // 2)
