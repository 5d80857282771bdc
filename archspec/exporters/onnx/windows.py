"""Convolutions, pools and changes of resolution."""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer
from archspec.kinds.axes import per_axis
from archspec.kinds.window import pad_pairs, same_pads

MODES = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}


def _pads(kind: Any, shape: Any, stride: Any) -> list[int]:
    """All begins, then all ends."""
    rank = len(shape) - 2
    kernel, dilation = per_axis(kind.kernel, rank, ""), per_axis(getattr(kind, "dilation", 1), rank, "")
    pairs = [
        same_pads(size, side, step, reach, pad) if isinstance(pad, str) else pad
        for size, side, step, reach, pad in zip(
            shape[2:], kernel, stride, dilation, pad_pairs(kind.padding, kernel, rank), strict=True
        )
    ]
    made: Any = [pair[0] for pair in pairs] + [pair[1] for pair in pairs]
    return list(made)


def _convolved(kind: Any, shape: Any, kernel: Any) -> dict[str, Any]:
    rank = len(shape) - 2
    stride = per_axis(kind.stride, rank, "")
    return {
        "kernel_shape": list(kernel),
        "strides": list(stride),
        "pads": _pads(kind, shape, stride),
        "dilations": list(per_axis(kind.dilation, rank, "")),
        "group": kind.groups,
    }


def _conv(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind, shape = layer.traits.kind, layer.traits.inputs[0]
    return body.op("Conv", *inputs, *weights.values(), **_convolved(kind, shape, layer.traits.facts["kernel"]))


def _conv_transpose(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    shape = layer.traits.inputs[0]
    more = list(per_axis(kind.output_padding, len(shape) - 2, ""))
    attributes = _convolved(kind, shape, layer.traits.facts["kernel"])
    return body.op(
        "ConvTranspose", *inputs, *weights.values(), **attributes, output_padding=more if any(more) else None
    )


def _pool(operator: str) -> Write:
    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        kind: Any = layer.traits.kind
        shape = layer.traits.inputs[0]
        rank = len(shape) - 2
        kernel = per_axis(kind.kernel, rank, "")
        stride = kernel if kind.stride is None else per_axis(kind.stride, rank, "")
        attributes: dict[str, Any] = {"kernel_shape": list(kernel), "strides": list(stride)}
        if operator != "LpPool":
            attributes["pads"] = _pads(kind, shape, stride)
        if operator == "MaxPool":
            attributes["dilations"] = list(per_axis(kind.dilation, rank, ""))
        elif operator == "AveragePool":
            attributes["count_include_pad"] = int(kind.count_include_pad)
        elif kind.norm != int(kind.norm):
            raise Unsayable(f"ONNX's norm is a whole number, not {kind.norm}")
        else:
            attributes["p"] = int(kind.norm)
        return body.op(operator, *inputs, ceil_mode=int(kind.ceil), **attributes)

    return write


def _upsample(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    rank = len(layer.traits.inputs[0]) - 2
    nearest = kind.mode == "nearest"
    return body.op(
        "Resize",
        inputs[0],
        "",
        "",
        body.constant(list(layer.traits.outputs[0][2:])),
        axes=list(range(2, rank + 2)),
        mode="nearest" if nearest else MODES.get(kind.mode, kind.mode),
        coordinate_transformation_mode="asymmetric" if nearest else "half_pixel",
        nearest_mode="floor" if nearest else None,
        cubic_coeff_a=-0.75 if kind.mode == "bicubic" else None,
    )


def _whole(operator: str) -> Write:
    return lambda body, layer, inputs, weights: body.op(operator, *inputs)


def _pixel_shuffle(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("DepthToSpace", *inputs, blocksize=kind.factor, mode="CRD")


OPERATORS: dict[str, Write] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "maxpool": _pool("MaxPool"),
    "avgpool": _pool("AveragePool"),
    "lppool": _pool("LpPool"),
    "global_avgpool": _whole("GlobalAveragePool"),
    "global_maxpool": _whole("GlobalMaxPool"),
    "upsample": _upsample,
    "pixel_shuffle": _pixel_shuffle,
}


def _adaptive(operator: str) -> Write:
    """A window of one size where the sizes divide; means over windows that differ are products with a matrix."""

    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        before: Any = layer.traits.inputs[0][2:]
        after: Any = layer.traits.outputs[0][2:]
        if all(old % new == 0 for old, new in zip(before, after, strict=True)):
            kernel = [old // new for old, new in zip(before, after, strict=True)]
            return body.op(operator, *inputs, kernel_shape=kernel, strides=kernel)
        if operator == "MaxPool":
            raise Unsayable("its windows differ in size")
        value = inputs[0]
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            rows = []
            for row in range(new):
                start, end = row * old // new, -(-(row + 1) * old // new)
                rows += [1 / (end - start) if start <= column < end else 0.0 for column in range(old)]
            matrix = body.reshaped(body.constant(rows, ""), (new, old))
            letters = "abcde"[: len(before) + 2]
            axis = letters[place + 2]
            value = body.op("Einsum", value, matrix, equation=f"{letters},z{axis}->{letters.replace(axis, 'z')}")
        return value

    return write


def _causal_conv(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    channels = layer.traits.inputs[0][2]
    made = body.op(
        "Conv",
        body.turned(inputs[0], (0, 2, 1)),
        *weights.values(),
        kernel_shape=[kind.kernel],
        pads=[kind.kernel - 1, 0],
        group=channels,
    )
    return body.turned(made, (0, 2, 1))


def _pixel_unshuffle(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    factor, (_, channels, height, width) = kind.factor, layer.traits.outputs[0]
    cut = body.reshaped(inputs[0], (0, channels // factor**2, height, factor, width, factor))
    return body.reshaped(body.turned(cut, (0, 1, 3, 5, 2, 4)), (0, channels, height, width))


def _channel_shuffle(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    _, channels, *rest = layer.traits.inputs[0]
    cut = body.reshaped(inputs[0], (0, kind.groups, channels // kind.groups, *rest))
    return body.reshaped(body.turned(cut, (0, 2, 1, *range(3, len(rest) + 3))), (0, channels, *rest))


FUNCTIONS: dict[str, Write] = {
    "adaptive_avgpool": _adaptive("AveragePool"),
    "adaptive_maxpool": _adaptive("MaxPool"),
    "causal_conv": _causal_conv,
    "pixel_unshuffle": _pixel_unshuffle,
    "channel_shuffle": _channel_shuffle,
}
