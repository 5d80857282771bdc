"""Windows as columns and back, resampling at computed places, and a convolution whose weights are computed."""

from typing import Annotated, Any, ClassVar, Literal

from archspec.errors import ShapeError
from archspec.kinds.args import Axes, Flag, Ids, NaturalAxes, Padding, Positive
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import FLOATS, NUMBERS, DtypeRule
from archspec.kinds.strides import Operand, Sizes, as_channels, contiguous, folded
from archspec.kinds.window import pad_pairs, spatial_rank, window_size
from archspec.models.types import Open
from archspec.sizes import Size, divide, prod, require, shown


class Unfold(Kind, kind="unfold", main="kernel"):
    """Each window of an image as a column: [C, H, W] to [C * kh * kw, windows]."""

    kernel: Axes
    """Height and width of a window, one number for both or a list."""
    stride: Axes = 1
    """Step of the window."""
    padding: NaturalAxes = 0
    """Zeros added on both sides of each axis."""
    dilation: Axes = 1
    """Distance between the window's points."""

    role, sees, memory = "shape", "near", "new"
    moves, linear, saves = True, True, ()
    dtypes = DtypeRule(FLOATS | {"bool"}, kept=True)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 4:
            raise ShapeError(f"unfold needs [C, H, W], got {len(shape) - 1} axes")
        kernel = per_axis(self.kernel, 2, "kernel")
        return (shape[0], shape[1] * prod(kernel), prod(positions(self, shape[2:])))


class Fold(Kind, kind="fold", main="size"):
    """Columns put together as an image, the windows summed where they overlap: the transpose of `unfold`."""

    size: Axes
    """Height and width of the image, one number for both or a list."""
    kernel: Axes
    """Height and width of a window, one number for both or a list."""
    stride: Axes = 1
    """Step of the window."""
    padding: NaturalAxes = 0
    """Positions cut from both sides of each axis."""
    dilation: Axes = 1
    """Distance between the window's points."""

    role, sees, memory = "resampling", "near", "new"
    moves, linear, saves = False, True, ()
    dtypes = DtypeRule(FLOATS | {"bool"}, kept=True)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 3:
            raise ShapeError(f"fold needs [C * kh * kw, windows], got {len(shape) - 1} axes")
        size, area = per_axis(self.size, 2, "size"), prod(per_axis(self.kernel, 2, "kernel"))
        message = "a window of {area} positions does not divide {channels} channels"
        channels = divide(shape[1], area, message, argument="kernel", area=area, channels=shape[1])
        windows = prod(positions(self, size))
        message = "an image of {size} has {windows} windows, the input {columns} columns"
        require(windows == shape[2], message, argument="size", size=size, windows=windows, columns=shape[2])
        return (shape[0], channels, *size)


class DynamicConv(Kind, kind="dynamic_conv", main="of"):
    """Convolution of the first input with the second as its weight, [out, C / groups, kh, kw].

    The weight is computed by layers before, for each sample (modulated and dynamic convolutions) or once for the whole
    batch (a fixed blur, batch 1).
    """

    of: Ids = None
    """Ids of the input and the weight, in order; `prev` is the layer before."""
    stride: Axes = 1
    """Step of the window."""
    padding: Padding = 0
    """Zeros added on both sides of each axis; a list of twice the axes gives all begins, then all ends."""
    dilation: Axes = 1
    """Distance between the kernel's points."""
    groups: Positive = 1
    """Groups that input and output channels are split into; must divide both."""

    role, sees, memory, layout = "product", "near", "new", "own"
    moves, linear, saves = False, False, ("input",)
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    dtypes = DtypeRule(NUMBERS, kept=True, alike=True)
    fact_names = {
        "kernel_numel": "product of the kernel's sizes",
        "groups": "groups the channels are split into",
        "apart": "true where each of several samples has a weight of its own",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        x, weight = inputs
        rank = spatial_rank(self.kind, x)
        if len(weight) != rank + 3:
            message = f"dynamic_conv on {shown(x[1:])} needs a weight of {rank + 2} axes, got {shown(weight[1:])}"
            raise ShapeError(message)
        batches: Any = weight[0]
        require(
            (batches == 1) | (batches == x[0]),
            "dynamic_conv needs a weight for each of {samples} samples, or one for all, got {got}",
            samples=x[0],
            got=batches,
        )
        channels = divide(
            x[1],
            self.groups,
            "{groups} groups do not divide the {channels} input channels",
            argument="groups",
            groups=self.groups,
            channels=x[1],
        )
        message = "dynamic_conv needs a weight for {wanted} channels of a group, got {got}"
        require(weight[2] == channels, message, wanted=channels, got=weight[2])
        require(
            weight[1] % self.groups == 0,
            "{groups} groups do not divide the {channels} output channels",
            argument="groups",
            groups=self.groups,
            channels=weight[1],
        )
        kernel = weight[3:]
        steps = (per_axis(self.stride, rank, "stride"), per_axis(self.dilation, rank, "dilation"))
        pads = pad_pairs(self.padding, kernel, rank)
        return (x[0], weight[1], *map(window_size, x[2:], kernel, *steps, pads))

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        x, weight = inputs
        return contiguous(output) if weight.shape[0] > 1 else as_channels(x, output)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """Samples with weights of their own are one sample of as many groups."""
        if inputs[1].shape[0] == 1:
            return [0, 0]
        return [folded(taken, (taken.shape[0] * taken.shape[1], *taken.shape[2:])) for taken in inputs]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        weight = inputs[1]
        samples: Any = weight[0]
        return {"kernel_numel": prod(weight[3:]), "groups": self.groups, "apart": samples > 1}


class GridSample(Kind, kind="grid_sample", main="of"):
    """The first input, [C, H, W], at the places that the second, [Ho, Wo, 2], gives between -1 and 1: [C, Ho, Wo]."""

    of: Ids = None
    """Ids of the input and the grid, in order; `prev` is the layer before."""
    mode: Annotated[Literal["bilinear", "nearest"], Open()] = "bilinear"
    """Weigh the four elements around a place, or take the nearest."""
    align_corners: Flag = False
    """-1 and 1 are the centres of the outer elements, not their outer edges."""

    role, sees, memory = "resampling", "all", "new"
    moves, linear, saves = False, False, ("input",)
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    dtypes = DtypeRule(alike=True)
    fact_names = {
        "sampled": "places looked at, of all samples",
        "bilinear": "true where four elements are weighed",
        "align_corners": "true where -1 and 1 are the centres of the outer elements",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        x, grid = inputs
        if len(x) != 4:
            raise ShapeError(f"grid_sample needs [C, H, W], got {len(x) - 1} axes")
        if len(grid) != 4:
            raise ShapeError(f"grid_sample needs a grid [Ho, Wo, 2], got {len(grid) - 1} axes")
        require(grid[3] == 2, "a place has 2 numbers, the grid {size}", size=grid[3])
        require(grid[0] == x[0], "grid_sample needs one batch size, got {a} and {b}", a=x[0], b=grid[0])
        return (*x[:2], *grid[1:3])

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        bilinear = self.mode == "bilinear"
        return {"sampled": prod(inputs[1][:3]), "bilinear": bilinear, "align_corners": self.align_corners}


def positions(layer: Unfold | Fold, size: tuple[Size, ...]) -> tuple[Size, ...]:
    """Windows down and across an image. Raises ShapeError."""
    kernel, stride, dilation, padding = (
        per_axis(getattr(layer, name), 2, name) for name in ("kernel", "stride", "dilation", "padding")
    )
    return tuple(map(window_size, size, kernel, stride, dilation, [(pad, pad) for pad in padding]))
