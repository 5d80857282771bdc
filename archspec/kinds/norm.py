"""Normalisations: y = (x - mean) / sqrt(variance + eps) over some axes, then a learned scale and shift."""

from typing import Any

from archspec.kinds.args import AtLeast0, Flag, Positive
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import ANY, DtypeRule
from archspec.kinds.formula import WeightRule
from archspec.kinds.normalised import NORM_FACTS, as_image, with_channels
from archspec.kinds.strides import (
    Operand,
    Sizes,
    is_channels_last,
    is_contiguous,
    suggests_channels_last,
)
from archspec.kinds.window import spatial_rank
from archspec.sizes import Size, divide, prod, require

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
    scale: Flag = True
    """Learn the scale; false leaves the shift alone, as Keras's `scale` does."""
    bias: Flag = True
    """Learn the shift; neither is learned without `affine`."""
    track: Flag = True
    """Keep running statistics, which inference then uses."""
    counter: Flag = True
    """Store with them how many batches they are of, as PyTorch does and Keras does not."""

    role, sees, memory, layout = "normalisation", "element", "new", "channels"
    moves, linear, saves = False, True, ("input", "weight", "statistics")
    fact_names = {
        **TRACK_FACTS,
        "scale": "true where a learned scale follows",
        "bias": "true where a learned shift follows",
        "counter": "true where the batches seen are counted",
    }
    weight_rules = (
        WeightRule("weight", "c_in", when="scale"),
        WeightRule("bias", "c_in", when="bias"),
        *RUNNING[:2],
        WeightRule("num_batches_tracked", "", when="counter", buffer=True, dtype="int64"),
    )
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
        return {
            "affine": self.affine,
            "scale": self.affine and self.scale,
            "bias": self.affine and self.bias,
            "track": self.track,
            "counter": self.track and self.counter,
            "norm_numel": shape[0] * prod(shape[2:]),
        }


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


def several(kind: str, count: Size, whose: str) -> None:
    """Raise ShapeError where statistics would be of one value, which PyTorch refuses: it is its own mean."""
    require(count != 1, f"{kind} needs more than 1 value of {whose}: it is its own mean")
