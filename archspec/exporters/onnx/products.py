"""Layers with matrices and tables, and tensors that no layer makes."""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx.body import Body, Write, aligned
from archspec.graph.graph import Layer
from archspec.kinds.axes import listed


def _linear(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    if len(layer.traits.inputs[0]) == 2:
        return body.op("Gemm", *inputs, *weights.values(), transB=1)
    made = body.op("MatMul", *inputs, body.turned(weights["weight"], (1, 0)))
    return body.op("Add", made, weights["bias"]) if "bias" in weights else made


def _embedding(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.op("Gather", weights["weight"], *inputs)


def _matmul(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    taken = aligned(body, layer, inputs)
    rank = max(map(len, layer.traits.inputs))
    for place, turned in enumerate((kind.transpose_a, kind.transpose_b)):
        if turned:
            taken[place] = body.turned(taken[place], (*range(rank - 2), rank - 1, rank - 2))
    return body.op("MatMul", *taken)


def _einsum(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    terms, _, output = kind.equation.replace(" ", "").partition("->")
    free = next(letter for letter in "zyxwvutsrqponmlkjihgfedcba" if letter not in kind.equation)
    written = ",".join([free + term for term in terms.split(",")])
    return body.op("Einsum", *inputs, equation=f"{written}->{free}{output}")


OPERATORS: dict[str, Write] = {
    "linear": _linear,
    "embedding": _embedding,
    "matmul": _matmul,
    "einsum": _einsum,
}


def _parameter(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    value = body.unsqueezed(weights["weight"], 0)
    if kind.once or not inputs:
        return value
    return body.op("Expand", value, body.sized(inputs[0], *listed(kind.shape)))


def _constant(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.filled((1, *listed(kind.shape)), 0, kind.dtype or "")


def _bilinear(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    left, right = inputs
    axes = "abcdefghijklmn"[: len(layer.traits.inputs[0]) - 1]
    half = body.op("Einsum", left, weights["weight"], equation=f"{axes}x,zxy->{axes}zy")
    made = body.op("Einsum", half, right, equation=f"{axes}zy,{axes}y->{axes}z")
    return body.op("Add", made, weights["bias"]) if "bias" in weights else made


FUNCTIONS: dict[str, Write] = {
    "parameter": _parameter,
    "constant": _constant,
    "bilinear": _bilinear,
}
