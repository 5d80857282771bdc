"""Normalisations: y = (x - mean) / sqrt(variance + eps) over some axes, then a learned scale and shift."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import AtLeast0, Axis, Flag, Positive, Real
from archspec.kinds.axes import axis_index
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, DtypeRule
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import (
    Operand,
    Sizes,
    channels_last,
    contiguous,
    elementwise,
    is_channels_last,
    is_contiguous,
    suggests_channels_last,
)
from archspec.kinds.window import spatial_rank
from archspec.sizes import Size, divide, prod, require

NORM_FACTS = {
    "affine": "true where a learned scale (and shift, if the kind has one) follows",
    "norm_numel": "elements normalised together",
}
TRACK_FACTS = {**NORM_FACTS, "track": "true where running statistics are kept"}
PER_CHANNEL = (WeightRule("weight", "c_in", when="affine"), WeightRule("bias", "c_in", when="affine"))
RUNNING = (
    WeightRule("running_mean", "c_in", when="track", buffer=True),
    WeightRule("running_var", "c_in", when="track", buffer=True),
    WeightRule("num_batches_tracked", "", when="track", buffer=True, dtype="int64"),
)


class BatchNorm(Kind, kind="batchnorm"):
    """Batch normalisation: each channel over the batch and every spatial axis."""

    eps: AtLeast0 = 1e-5
    """Added to the variance."""
    affine: Flag = True
    """Learn one scale and one shift for each channel."""
    track: Flag = True
    """Keep running statistics, which inference then uses."""

    role, sees, memory, layout = "normalisation", "element", "new", "channels"
    moves, linear, saves = False, True, ("input", "weight", "statistics")
    fact_names = TRACK_FACTS
    weight_rules = (*PER_CHANNEL, *RUNNING)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        shape = with_channels(self.kind, inputs[0])
        if not self.track:
            several(self.kind, shape[0] * prod(shape[2:]), "a channel")
        return shape

    def keeps_last(self, output: Shape) -> bool:
        return len(output) > 3

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,) = inputs
        return {"affine": self.affine, "track": self.track, "norm_numel": shape[0] * prod(shape[2:])}


class FrozenBatchNorm(Kind, kind="frozen_batchnorm"):
    """Batch normalisation with fixed statistics, scale and shift, of which nothing is learned."""

    eps: AtLeast0 = 1e-5
    """Added to the variance."""

    role, sees, memory, layout = "normalisation", "element", "new", "elementwise"
    moves, linear, saves = False, True, ("statistics",)
    dtypes = DtypeRule(ANY)
    weight_rules = tuple(
        WeightRule(name, "c_in", buffer=True) for name in ("weight", "bias", "running_mean", "running_var")
    )
    source = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.FrozenBatchNorm2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return with_channels(self.kind, inputs[0])


class InstanceNorm(Kind, kind="instancenorm"):
    """Instance normalisation: each channel of each sample over its spatial axes."""

    eps: AtLeast0 = 1e-5
    """Added to the variance."""
    affine: Flag = False
    """Learn one scale and one shift for each channel."""
    track: Flag = False
    """Keep running statistics, which inference then uses."""

    role, sees, memory = "normalisation", "all", "new"
    moves, linear, saves = False, False, ("input", "statistics")
    fact_names = TRACK_FACTS
    weight_rules = (*PER_CHANNEL, *RUNNING)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        spatial_rank(self.kind, inputs[0])
        if not self.track:
            several(self.kind, prod(inputs[0][2:]), "a channel of a sample")
        return inputs[0]

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        return [0 if is_contiguous(inputs[0]) else inputs[0].numel]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"affine": self.affine, "track": self.track, "norm_numel": prod(inputs[0][2:])}


class GroupNorm(Kind, kind="groupnorm", main="groups"):
    """Group normalisation: each group of channels of each sample, over its spatial axes too."""

    groups: Positive
    """Groups the channels are split into; must divide them."""
    eps: AtLeast0 = 1e-5
    """Added to the variance."""
    affine: Flag = True
    """Learn one scale and one shift for each channel."""

    role, sees, memory, layout = "normalisation", "all", "new", "own"
    moves, linear, saves = False, False, ("input", "weight", "statistics")
    fact_names = {**NORM_FACTS, "groups": "groups the channels are split into"}
    weight_rules = PER_CHANNEL
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        shape = with_channels(self.kind, inputs[0])
        several(self.kind, shape[0] * self.group_size(shape) * prod(shape[2:]), "a group, of all samples,")
        return shape

    def group_size(self, shape: Shape) -> Size:
        """Channels of one group. Raises ShapeError."""
        return divide(
            shape[1],
            self.groups,
            "{groups} groups do not divide the {channels} channels",
            argument="groups",
            groups=self.groups,
            channels=shape[1],
        )

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return as_image(inputs[0])

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        (taken,) = inputs
        lies = is_channels_last if suggests_channels_last(taken) else is_contiguous
        return [0 if lies(taken) else taken.numel]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,) = inputs
        return {
            "affine": self.affine,
            "groups": self.groups,
            "norm_numel": self.group_size(shape) * prod(shape[2:]),
        }


class LayerNorm(Kind, kind="layernorm", main="dims"):
    """Layer normalisation: each position over the last axes, or over the channels."""

    dims: Positive = 1
    """Number of axes normalised over, counted from the last."""
    eps: AtLeast0 = 1e-5
    """Added to the variance."""
    affine: Flag = True
    """Learn one scale for each element normalised over."""
    bias: Flag = True
    """Learn one shift for each of them too; not without `affine`."""
    channels_first: Flag = False
    """Normalise over axis 1 alone, the channels of [C, H, W], as ConvNeXt does; `dims` is then 1."""

    role, sees, memory, layout = "normalisation", "last", "new", "own"
    moves, linear, saves = False, False, ("input", "weight", "statistics")
    fact_names = {
        **NORM_FACTS,
        "bias": "true where a learned shift follows",
        "channels_first": "true where it normalises over axis 1, as no class of PyTorch's own does",
    }
    weight_rules = (WeightRule("weight", "*normed", when="affine"), WeightRule("bias", "*normed", when="bias"))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if not self.channels_first:
            trailing(self.kind, shape, self.dims)
        elif self.dims != 1:
            message = f"layernorm with channels_first has 1 axis to normalise over, dims is {self.dims}"
            raise ShapeError(message, argument="dims")
        else:
            with_channels(self.kind, shape)
        return shape

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        if not self.channels_first:
            return contiguous(output)
        batch, *steps, channels = contiguous((output[0], *output[2:], output[1]))
        return (batch, channels, *steps)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,) = inputs
        normed = (shape[1],) if self.channels_first else trailing(self.kind, shape, self.dims)
        return {
            "affine": self.affine,
            "bias": self.affine and self.bias,
            "channels_first": self.channels_first,
            "norm_numel": prod(normed),
            "normed": normed,
        }


class RMSNorm(Kind, kind="rmsnorm", main="dims"):
    """Root mean square normalisation: y = x / sqrt(mean(x^2) + eps) * weight over the last axes."""

    dims: Positive = 1
    """Number of axes normalised over, counted from the last."""
    eps: AtLeast0 = 1e-6
    """Added to the mean square."""
    affine: Flag = True
    """Learn one scale for each element normalised over."""

    role, sees, memory, layout = "normalisation", "last", "new", "own"
    moves, linear, saves = False, False, ("input", "weight", "other")
    fact_names = NORM_FACTS
    weight_rules = (WeightRule("weight", "*normed", when="affine"),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        trailing(self.kind, inputs[0], self.dims)
        return inputs[0]

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return as_image(inputs[0])

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        normed = trailing(self.kind, inputs[0], self.dims)
        return {"affine": self.affine, "norm_numel": prod(normed), "normed": normed}


class LocalResponseNorm(Kind, kind="lrn", main="size"):
    """Local response normalisation: y = x / (k + alpha / size * sum of x^2 over neighbouring channels)^beta."""

    size: Positive
    """Neighbouring channels summed over."""
    alpha: Real = 1e-4
    """Factor of the sum."""
    beta: Real = 0.75
    """Exponent."""
    k: Real = 1.0
    """Added to the sum."""

    role, sees, memory, layout = "normalisation", "channels", "new", "elementwise"
    moves, linear, saves = False, False, ("input", "other")
    fact_names = {"size": "neighbouring channels summed over"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 3:
            raise ShapeError(f"{self.kind} needs channels and at least one spatial axis, got {len(shape) - 1} axes")
        return shape

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"size": self.size}


class Normalize(Kind, kind="normalize", main="axis"):
    """Divide by the length: x / max(sqrt(sum of x^2), eps) along one axis; nothing is learned."""

    axis: Axis = -1
    """The axis: 1 is the first after the batch, -1 the last."""
    eps: AtLeast0 = 1e-12
    """Least length."""

    role, sees, memory, layout = "normalisation", "axis", "new", "own"
    moves, linear, saves = False, False, ("input", "other")
    fact_names = {"norm_numel": NORM_FACTS["norm_numel"]}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        axis_index(self.axis, inputs[0])
        return inputs[0]

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        axis = axis_index(self.axis, output)
        lengths = list(contiguous(tuple(1 if place == axis else size for place, size in enumerate(output))))
        lengths[axis] = 0
        return elementwise(inputs[0], Operand(output, tuple(lengths)))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"norm_numel": inputs[0][axis_index(self.axis, inputs[0])]}


def with_channels(kind: str, shape: Shape) -> Shape:
    """``shape`` itself, which must have an axis after the batch. Raises ShapeError."""
    if len(shape) < 2:
        raise ShapeError(f"{kind} needs at least one axis, the channels")
    return shape


def several(kind: str, count: Size, whose: str) -> None:
    """Raise ShapeError where statistics would be of one value, which PyTorch refuses: it is its own mean."""
    require(count != 1, f"{kind} needs more than 1 value of {whose}: it is its own mean")


def trailing(kind: str, shape: Shape, dims: Any) -> Shape:
    """The last ``dims`` axes of ``shape``, the batch never among them. Raises ShapeError."""
    if dims > len(shape) - 1:
        raise ShapeError(f"{kind} over {dims} axes needs as many, got {len(shape) - 1}", argument="dims")
    return shape[-dims:]


def as_image(taken: Operand) -> Sizes:
    """Channels innermost where the input has them so, else axis after axis; a sequence is no image here."""
    return channels_last(taken.shape) if suggests_channels_last(taken) else contiguous(taken.shape)
