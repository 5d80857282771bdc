"""Normalisations over the last axes, or over values that are near each other: no running statistics."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import AtLeast0, Axis, Flag, Positive, Real
from archspec.kinds.axes import axis_index
from archspec.kinds.base import Kind, Shape
from archspec.kinds.formula import WeightRule
from archspec.kinds.normalised import NORM_FACTS, as_image, with_channels
from archspec.kinds.strides import (
    Operand,
    Sizes,
    contiguous,
    elementwise,
)
from archspec.sizes import prod


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


def trailing(kind: str, shape: Shape, dims: Any) -> Shape:
    """The last ``dims`` axes of ``shape``, the batch never among them. Raises ShapeError."""
    if dims > len(shape) - 1:
        raise ShapeError(f"{kind} over {dims} axes needs as many, got {len(shape) - 1}", argument="dims")
    return shape[-dims:]
