"""Mixtures of experts: which experts a row is sent to goes along with the rows, and chooses the matrices they meet."""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.graph.graph import Layer


def _dispatch(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> list[str]:
    """The last output numbers the expert of each row."""
    kind: Any = layer.traits.kind
    shape = layer.traits.inputs[0]
    rank = len(shape)
    times = body.constant([*[1] * (rank - 1), kind.active, 1])
    rows = body.op("Expand", body.unsqueezed(inputs[0], rank - 1), times)
    if len(inputs) > 1:
        scores, index = body.ops("TopK", inputs[1], body.constant([kind.active]), outputs=2, axis=-1)
        return [rows, scores, index]
    first = body.op("Range", body.constant(0), body.constant(kind.active), body.constant(1))
    return [rows, body.op("Expand", first, body.sized(inputs[0], *shape[1:-1], kind.active))]


def _combine(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    rank = len(layer.traits.inputs[0])
    rows = inputs[0]
    if len(inputs) > 1:
        rows = body.op("Mul", rows, body.unsqueezed(inputs[1], rank - 1))
    return body.reduced("Sum", rows, [rank - 2])


def _linear(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    rows, index = inputs
    rank = len(layer.traits.inputs[0])
    matrices = body.op("Gather", _stacked(body, weights, "weight"), index)
    turned = body.turned(matrices, (*range(rank - 1), rank, rank - 1))
    made = body.op("MatMul", body.unsqueezed(rows, rank - 1), turned)
    made = body.op("Squeeze", made, body.constant([rank - 1]))
    if any(name.startswith("bias") for name in weights):
        made = body.op("Add", made, body.op("Gather", _stacked(body, weights, "bias"), index))
    return made


def _stacked(body: Body, weights: dict[str, str], name: str) -> str:
    """The tensor of all experts."""
    if name in weights:
        return weights[name]
    own = [value for key, value in weights.items() if key.startswith(f"{name}.")]
    return body.op("Concat", *[body.unsqueezed(value, 0) for value in own], axis=0)


OPERATORS: dict[str, Write] = {}
FUNCTIONS: dict[str, Write] = {"dispatch": _dispatch, "combine": _combine}
OF_EXPERTS: dict[str, Write] = {"linear": _linear}  # whose weights there are several of
