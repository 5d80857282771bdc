"""Pooling whose window follows from the sizes: to a given output size, or to one element for each channel."""

from math import gcd
from typing import Any

from archspec.kinds.args import OutputAxes
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.window import spatial_rank
from archspec.sizes import Size, Undecided, pointwise, prod, require


class Adaptive(Kind):
    """Window i of an axis goes from floor(i * in / out) to ceil((i + 1) * in / out)."""

    output: OutputAxes
    """Output size, one for all axes or a list with one for each; null in the list keeps the input's size."""

    role, sees, memory, layout = "pool", "all", "new", "channels"
    moves = False
    fact_names = {
        "kernel_numel": "product over the axes of input size // output size: the window where these divide",
        "window_numel_sum": "sum of the exact window sizes over all outputs",
    }

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        output = per_axis(self.output, spatial_rank(self.kind, shape), "output")
        return (*shape[:2], *(old if new is None else new for old, new in zip(shape[2:], output, strict=True)))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,), (out,) = inputs, outputs
        return {
            "kernel_numel": prod(old // new for old, new in zip(shape[2:], out[2:], strict=True)),
            "window_numel_sum": shape[0] * shape[1] * prod(map(window_sum, shape[2:], out[2:])),
        }


class AdaptiveAvgPool(Adaptive, kind="adaptive_avgpool", main="output"):
    """Average pooling to a given output size."""

    linear, saves = True, ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html"

    def keeps_last(self, output: Shape) -> bool:
        return len(output) < 5 or all(size == 1 for size in output[2:])


class AdaptiveMaxPool(Adaptive, kind="adaptive_maxpool", main="output"):
    """Max pooling to a given output size."""

    linear, saves = False, ("input", "indices")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html"

    def keeps_last(self, output: Shape) -> bool:
        return len(output) < 5


class Global(Kind):
    """One window over all spatial axes, each of which becomes 1."""

    role, sees, memory, layout = "pool", "all", "new", "channels"
    moves = False
    fact_names = {"kernel_numel": "product of the input's spatial sizes"}

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        return (*shape[:2], *(1,) * spatial_rank(self.kind, shape))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"kernel_numel": prod(inputs[0][2:])}


class GlobalAvgPool(Global, kind="global_avgpool"):
    """y = mean of each channel; every spatial axis becomes 1."""

    linear, saves = True, ()
    source = "https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html"


class GlobalMaxPool(Global, kind="global_maxpool"):
    """y = largest element of each channel; every spatial axis becomes 1."""

    linear, saves = False, ("input", "indices")
    source = "https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html"

    def keeps_last(self, output: Shape) -> bool:
        return len(output) < 5


def window_sum(size: Size, count: Size) -> Size:
    """Sizes of the ``count`` windows over ``size`` elements, added up: size + count - gcd(size, count).

    The ceilings of j * size / count, j = 1..count, less the floors for j = 0..count - 1 leave ``size`` and one more for
    each j in 1..count - 1 where count does not divide j * size: all of them but gcd - 1. For a symbolic size the
    windows are known only where ``count`` divides it, which is required.
    """
    if count is size:
        return size
    try:
        return size + count - pointwise(gcd, size, count)
    except Undecided:
        message = "adaptive pooling of {size} to {count} has windows of unequal sizes"
        require(size % count == 0, message, argument="output", size=size, count=count)
        return size
