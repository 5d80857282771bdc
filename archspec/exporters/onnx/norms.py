"""Normalisations and reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.graph.graph import Layer
from archspec.kinds.axes import axis_index, axis_indices


def _scales(body: Body, layer: Layer, weights: dict[str, str]) -> list[str]:
    """The learned scale and shift, or numbers that change nothing."""
    channels = [layer.traits.inputs[0][1]]
    return [weights.get(name) or body.filled(channels, number) for name, number in (("weight", 1), ("bias", 0))]


def _batchnorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    scales = _scales(body, layer, weights)
    return body.op(
        "BatchNormalization",
        *inputs,
        *scales,
        weights["running_mean"],
        weights["running_var"],
        epsilon=kind.eps,
    )


def _instancenorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    scales = _scales(body, layer, weights)
    return body.op("InstanceNormalization", *inputs, *scales, epsilon=kind.eps)


def _layernorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    scales = list(weights.values()) or [body.filled(layer.traits.facts["normed"], 1)]
    return body.op("LayerNormalization", *inputs, *scales, axis=-kind.dims, epsilon=kind.eps)


def _lrn(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("LRN", *inputs, size=kind.size, alpha=kind.alpha, beta=kind.beta, bias=kind.k)


def _reduced(how: str) -> Write:
    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        kind: Any = layer.traits.kind
        return body.reduced(how, inputs[0], _axes(layer), keep=kind.keepdim)

    return write


def _axes(layer: Layer) -> Sequence[int]:
    kind: Any = layer.traits.kind
    return axis_indices(kind.axes, layer.traits.inputs[0], "axes")


def _cumsum(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("CumSum", *inputs, body.constant(axis_index(kind.axis, layer.traits.inputs[0])))


def is_operator(layer: Layer) -> bool:
    """Whether ONNX has an operator for a normalisation with these arguments."""
    kind: Any = layer.traits.kind
    match kind.kind:
        case "batchnorm":
            return bool(kind.track and kind.counter and (not kind.affine or kind.scale == kind.bias))
        case "instancenorm":
            return not kind.track
        case "layernorm":
            return not kind.channels_first
    return True


OPERATORS: dict[str, Write] = {
    "batchnorm": _batchnorm,
    "instancenorm": _instancenorm,
    "layernorm": _layernorm,
    "lrn": _lrn,
    "mean": _reduced("Mean"),
    "sum": _reduced("Sum"),
    "max": _reduced("Max"),
    "min": _reduced("Min"),
    "cumsum": _cumsum,
}


def _standardised(body: Body, layer: Layer, value: str, axes: Sequence[int]) -> str:
    kind: Any = layer.traits.kind
    centred = body.op("Sub", value, body.reduced("Mean", value, axes, keep=True))
    variance = body.reduced("Mean", body.op("Mul", centred, centred), axes, keep=True)
    return body.op("Div", centred, body.op("Sqrt", body.op("Add", variance, body.constant(kind.eps, ""))))


def _by_channel(body: Body, layer: Layer, value: str, weights: dict[str, str]) -> str:
    """Scaled and shifted, channel by channel."""
    rank = len(layer.traits.inputs[0])
    for operator, name in (("Mul", "weight"), ("Add", "bias")):
        if name in weights:
            vector = weights[name]
            vector = body.unsqueezed(vector, *range(1, rank - 1)) if rank > 2 else vector
            value = body.op(operator, value, vector)
    return value


def _other_batchnorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    """With a scale or a shift alone, or with statistics of the batch at hand."""
    if "running_mean" in weights:
        return _batchnorm(body, layer, inputs, weights)
    axes = [axis for axis in range(len(layer.traits.inputs[0])) if axis != 1]
    return _by_channel(body, layer, _standardised(body, layer, inputs[0], axes), weights)


def _channels(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    """Layer normalisation over the channels of an image."""
    return _by_channel(body, layer, _standardised(body, layer, inputs[0], [1]), weights)


def _groupnorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    """Groups as channels of their own. ONNX's operator has a body only, whose shapes its inference does not follow."""
    kind: Any = layer.traits.kind
    cut = body.reshaped(inputs[0], (0, kind.groups, -1))
    made = _standardised(body, layer, cut, [2])
    return _by_channel(body, layer, body.reshaped(made, (0, *layer.traits.inputs[0][1:])), weights)


def _rmsnorm(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    value, rank = inputs[0], len(layer.traits.inputs[0])
    squares = body.reduced("Mean", body.op("Mul", value, value), range(rank - kind.dims, rank), keep=True)
    length = body.op("Sqrt", body.op("Add", squares, body.constant(kind.eps, "")))
    value = body.op("Div", value, length)
    return body.op("Mul", value, weights["weight"]) if weights else value


def _normalize(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    length = body.reduced("L2", inputs[0], [axis_index(kind.axis, layer.traits.inputs[0])], keep=True)
    return body.op("Div", inputs[0], body.op("Max", length, body.constant(kind.eps, "")))


def _spread(root: str) -> Write:
    """The variance, or its root."""

    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        kind: Any = layer.traits.kind
        count: Any = layer.traits.facts["reduced_numel"]
        centred = body.op("Sub", inputs[0], body.reduced("Mean", inputs[0], _axes(layer), keep=True))
        total = body.reduced("Sum", body.op("Mul", centred, centred), _axes(layer), keep=kind.keepdim)
        variance = body.op("Div", total, body.constant(float(count - kind.correction), ""))
        return body.op(root, variance) if root else variance

    return write


FUNCTIONS: dict[str, Write] = {
    "batchnorm": _other_batchnorm,
    "frozen_batchnorm": _batchnorm,
    "instancenorm": _batchnorm,
    "groupnorm": _groupnorm,
    "layernorm": _channels,
    "rmsnorm": _rmsnorm,
    "normalize": _normalize,
    "var": _spread(""),
    "std": _spread("Sqrt"),
}
