"""Convolutions: 1-d, 2-d or 3-d by the rank of the input."""

from typing import Any

from archspec.kinds.args import Axes, Flag, Folded, NaturalAxes, Padding, Positive
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.kinds.formula import Formula, WeightRule
from archspec.kinds.strides import Operand, Sizes, as_channels, contiguous, is_contiguous
from archspec.kinds.window import OUT_SIZE, pad_pairs, padded_copy, spatial_rank, window_size
from archspec.sizes import Size, prod, require

TRANSPOSED_SIZE = Formula(
    "output size",
    "size before after dilation kernel stride output_padding",
    "(size - 1) * stride - before - after + dilation * (kernel - 1) + output_padding + 1",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html",
)

CONV_FACTS = {
    "kernel_numel": "product of the kernel's sizes",
    "stride_numel": "product of the strides",
    "groups": "groups the channels are split into",
    "bias": "true where a bias is added",
}


class Conv(Kind, kind="conv", main="out"):
    """Convolution; depthwise where ``groups`` equals the input's channels."""

    out: Positive
    """Output channels."""
    kernel: Axes
    """Kernel size, one for all axes or a list with one for each."""
    stride: Axes = 1
    """Step of the window."""
    padding: Padding = 0
    """Zeros added on both sides of each axis; a list of twice the axes gives all begins, then all ends. `half` is
    kernel // 2; `same_upper` and `same_lower` give ceil(size / stride)."""
    dilation: Axes = 1
    """Distance between the kernel's points."""
    groups: Positive = 1
    """Groups that input and output channels are split into; must divide both."""
    bias: Flag = True
    """Add one learned scalar to each output channel."""
    norm: Folded = None
    """Normalisation after it, as a kind or {kind: arguments}; unfolded into a layer of its own."""
    act: Folded = None
    """Activation after that, likewise."""

    role, sees, memory, layout = "projection", "window", "new", "own"
    moves, linear, saves = False, True, ("input", "weight")
    foldable = True
    fact_names = CONV_FACTS
    weight_rules = (WeightRule("weight", "c_out, c_in // groups, *kernel"), WeightRule("bias", "c_out", when="bias"))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        rank = spatial_rank(self.kind, shape)
        kernel = per_axis(self.kernel, rank, "kernel")
        stride = per_axis(self.stride, rank, "stride")
        dilation = per_axis(self.dilation, rank, "dilation")
        check_groups(self.groups, shape[1], self.out)
        pads = pad_pairs(self.padding, kernel, rank)
        return (
            shape[0],
            self.out,
            *map(window_size, shape[2:], kernel, stride, dilation, pads),
        )

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return conv_lies(self, inputs[0], output)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        shape: Any = inputs[0].shape
        rank = len(shape) - 2
        kernel, stride, dilation = (per_axis(each, rank, "") for each in (self.kernel, self.stride, self.dilation))
        return [padded_copy(shape, kernel, stride, dilation, pad_pairs(self.padding, kernel, rank))]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return conv_facts(self, inputs[0])


class ConvTranspose(Kind, kind="conv_transpose", main="out"):
    """Transposed convolution (deconvolution): the gradient of a convolution with the same arguments."""

    out: Positive
    """Output channels."""
    kernel: Axes
    """Kernel size, one for all axes or a list with one for each."""
    stride: Axes = 1
    """Step of the window in the output."""
    padding: NaturalAxes = 0
    """Positions cut from both sides of each output axis."""
    output_padding: NaturalAxes = 0
    """Positions added to one side of each output axis; smaller than stride or dilation."""
    dilation: Axes = 1
    """Distance between the kernel's points."""
    groups: Positive = 1
    """Groups that input and output channels are split into; must divide both."""
    bias: Flag = True
    """Add one learned scalar to each output channel."""
    norm: Folded = None
    """Normalisation after it, as a kind or {kind: arguments}; unfolded into a layer of its own."""
    act: Folded = None
    """Activation after that, likewise."""

    role, sees, memory, layout = "projection", "window", "new", "own"
    moves, linear, saves = False, True, ("input", "weight")
    upsamples = True
    foldable = True
    fact_names = {
        **CONV_FACTS,
        "conv_positions": "positions an ordinary convolution of the same arguments would have on the input",
    }
    weight_rules = (WeightRule("weight", "c_in, c_out // groups, *kernel"), WeightRule("bias", "c_out", when="bias"))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        rank = spatial_rank(self.kind, shape)
        check_groups(self.groups, shape[1], self.out)
        sizes = []
        for axis, (size, kernel, stride, pad, dilation, extra) in enumerate(
            zip(
                shape[2:],
                per_axis(self.kernel, rank, "kernel"),
                per_axis(self.stride, rank, "stride"),
                per_axis(self.padding, rank, "padding"),
                per_axis(self.dilation, rank, "dilation"),
                per_axis(self.output_padding, rank, "output_padding"),
                strict=True,
            ),
            2,
        ):
            # PyTorch's rule: a larger one could not have come from any input of the matching convolution.
            require(
                (extra < stride) | (extra < dilation),
                "output_padding {extra} on axis {axis} must be smaller than stride {stride} or dilation {dilation}",
                argument="output_padding",
                extra=extra,
                axis=axis,
                stride=stride,
                dilation=dilation,
            )
            sizes.append(TRANSPOSED_SIZE(size, pad, pad, dilation, kernel, stride, extra))
        return (shape[0], self.out, *sizes)

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return conv_lies(self, inputs[0], output)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        facts = conv_facts(self, inputs[0])
        spatial = inputs[0][2:]
        pads, dilations, strides = (
            per_axis(argument, len(spatial), "") for argument in (self.padding, self.dilation, self.stride)
        )
        facts["conv_positions"] = prod(map(OUT_SIZE, spatial, pads, pads, dilations, facts["kernel"], strides))
        return facts


def conv_lies(layer: Conv | ConvTranspose, taken: Operand, output: Sizes) -> Sizes:
    """How either convolution's output lies on a CPU: what comes of channels that are innermost has them so.

    A sequence is made contiguous first. A small single volume goes to a kernel that knows no other layout: `use_mkldnn`
    in aten/src/ATen/native/Convolution.cpp.
    """
    shape = taken.shape
    kernel: Any = per_axis(layer.kernel, len(shape) - 2, "kernel")
    plain = layer.groups == 1 and min(kernel[-2:]) < 4 and shape[0] == 1 and prod(shape[:4]) <= 20480
    if plain if len(shape) == 5 else len(shape) == 3 and not is_contiguous(taken):
        return contiguous(output)
    return as_channels(taken, output)


def check_groups(groups: Size, c_in: Size, c_out: Size) -> None:
    """Groups divide both channel counts. Raises ShapeError."""
    if type(groups) is int and groups == 1:
        return
    for side, channels in (("input", c_in), ("output", c_out)):
        require(
            channels % groups == 0,
            f"{{groups}} groups do not divide the {{channels}} {side} channels",
            argument="groups",
            groups=groups,
            channels=channels,
        )


def conv_facts(layer: Conv | ConvTranspose, shape: Shape) -> dict[str, Any]:
    """Facts of either convolution; ``kernel`` has one size for each axis."""
    rank = len(shape) - 2
    kernel = per_axis(layer.kernel, rank, "kernel")
    return {
        "kernel": kernel,
        "kernel_numel": prod(kernel),
        "stride_numel": prod(per_axis(layer.stride, rank, "stride")),
        "groups": layer.groups,
        "bias": layer.bias,
    }
