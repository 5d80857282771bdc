"""Layers that change the resolution without a window: interpolation, and shuffles between channels and space."""

from fractions import Fraction
from math import floor
from typing import Annotated, Any, Literal

from archspec.errors import ShapeError
from archspec.kinds.args import OptionalAxes, Positive, Scale
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import FLOATS, DtypeRule
from archspec.kinds.strides import Operand, is_contiguous, permuted, reshaped
from archspec.kinds.window import spatial_rank
from archspec.models.types import Open
from archspec.sizes import Size, Undecided, divide, pointwise, truncate

MODE_RANKS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
EXACT_DENOMINATOR = 2**16  # a float with a larger one was most likely written as a decimal, such as 0.3
LARGEST_EXACT = 2**53  # integers above have no exact double


class Upsample(Kind, kind="upsample", main="scale"):
    """Interpolation to another resolution; exactly one of `scale` and `size` is given."""

    scale: Scale = None
    """Output size over input size, one for all axes or a list with one for each; out = floor(in * scale)."""
    size: OptionalAxes = None
    """Output size instead, one for all axes or a list with one for each."""
    mode: Annotated[Literal["nearest", "linear", "bilinear", "bicubic", "trilinear"], Open()] = "nearest"
    """How values between elements are found; all but `nearest` belong to 1 (linear), 2 or 3 (trilinear) axes."""

    role, sees, memory, layout = "resampling", "near", "new", "channels"
    moves, linear, saves = False, True, ()
    upsamples = True
    dtypes = DtypeRule(FLOATS | {"uint8"}, kept=True)
    fact_names = {
        "sized": "true where the output size was given, not the scale",
        **{mode: f"true in mode {mode}" for mode in MODE_RANKS},
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        rank = spatial_rank(self.kind, shape)
        if (self.scale is None) == (self.size is None):
            raise ShapeError("upsample takes either scale or size", hint="for twice the resolution: scale: 2")
        if MODE_RANKS.get(self.mode, rank) != rank:
            message = f"mode {self.mode} is for {MODE_RANKS[self.mode]} spatial axes, the input has {rank}"
            raise ShapeError(message, argument="mode")
        if self.size is not None:
            return (*shape[:2], *per_axis(self.size, rank, "size"))
        return (*shape[:2], *map(scaled, shape[2:], per_axis(self.scale, rank, "scale")))

    def keeps_last(self, output: Shape) -> bool:
        return len(output) > 3

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"sized": self.size is not None, **{mode: self.mode == mode for mode in MODE_RANKS}}


class PixelShuffle(Kind, kind="pixel_shuffle", main="factor"):
    """[C * factor^2, H, W] to [C, H * factor, W * factor]: channels become positions."""

    factor: Positive
    """Factor of the resolution."""

    role, sees, memory, layout = "resampling", "near", "new", "channels"
    moves, linear, saves = True, True, ()
    upsamples = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        batch, channels, height, width = image(self.kind, inputs[0])
        factor = self.factor
        fewer = divide(
            channels,
            factor**2,
            "factor {factor} needs channels divisible by {square}, got {channels}",
            argument="factor",
            factor=factor,
            square=factor**2,
            channels=channels,
        )
        return (batch, fewer, height * factor, width * factor)


class PixelUnshuffle(Kind, kind="pixel_unshuffle", main="factor"):
    """[C, H * factor, W * factor] to [C * factor^2, H, W]: positions become channels."""

    factor: Positive
    """Factor the resolution is divided by."""

    role, sees, memory, layout = "resampling", "near", "new", "channels"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        batch, channels, *spatial = image(self.kind, inputs[0])
        factor = self.factor
        message = "factor {factor} does not divide the size {size}"
        smaller = (divide(size, factor, message, argument="factor", factor=factor, size=size) for size in spatial)
        return (batch, channels * factor**2, *smaller)


class ChannelShuffle(Kind, kind="channel_shuffle", main="groups"):
    """Channels in the order of [groups, C / groups] transposed, so that the next grouped convolution mixes groups."""

    groups: Positive
    """Groups the channels are split into; must divide them."""

    role, sees, memory = "shape", "channels", "new"
    moves, linear, saves = True, True, ()
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        spatial_rank(self.kind, shape)
        divide(
            shape[1],
            self.groups,
            "{groups} groups do not divide the {channels} channels",
            argument="groups",
            groups=self.groups,
            channels=shape[1],
        )
        return shape

    def rearranged(self, taken: Operand) -> Operand | None:
        shape: Any = taken.shape
        groups = (shape[0], self.groups, shape[1] // self.groups, *shape[2:])
        strides = reshaped(shape, taken.strides, groups)
        turned = None if strides is None else permuted(Operand(groups, strides), (0, 2, 1, *range(3, len(groups))))
        return turned if turned is not None and is_contiguous(turned) else None


def scaled(size: Size, scale: Any) -> Size:
    """floor(size * scale). Raises ShapeError for symbols times a scale that is not exact in binary.

    For numbers it is PyTorch's double-precision product, rounding included: 100 * 0.29 gives 28.
    """
    if not isinstance(scale, float):
        return size * scale  # type: ignore[no-any-return]
    exact = Fraction(scale)
    if type(size) is not int and exact.denominator <= EXACT_DENOMINATOR:
        return truncate(exact * size)
    try:
        return pointwise(lambda number: floor(number * (scale if number < LARGEST_EXACT else exact)), size)
    except Undecided:
        raise ShapeError(
            f"scale {scale} is rounded in binary, so that the output size is only known number by number",
            hint="give size, or a scale such as 0.5 or 1.25",
            argument="scale",
        ) from None


def image(kind: str, shape: Shape) -> Shape:
    """``shape`` itself, which must be [C, H, W] after the batch. Raises ShapeError."""
    if len(shape) != 4:
        raise ShapeError(f"{kind} needs [C, H, W], got {len(shape) - 1} axes")
    return shape
