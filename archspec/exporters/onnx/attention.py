"""Attention, and positions that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.graph.graph import Layer


def _attended(body: Body, q: str, k: str, v: str, rank: int, scale: float, mask: str, bias: str) -> tuple[str, str]:
    """Softmax of scaled products, what it weighs, and the weights; ``mask`` is true where a key is seen."""
    keys = body.turned(k, (*range(rank - 2), rank - 1, rank - 2))
    scores = body.op("MatMul", body.op("Mul", q, body.constant(float(scale), "")), keys)
    if bias:
        scores = body.op("Add", scores, bias)
    if mask:
        scores = body.op("Where", mask, scores, body.constant(float("-inf"), ""))
    weights = body.op("Softmax", scores, axis=-1)
    return body.op("MatMul", weights, v), weights


def _seen(body: Body, kind: Any, queries: int, keys: int) -> str:
    """Which keys a query sees, as bools [queries, keys]; nothing where it sees all."""
    if not kind.causal and kind.window is None:
        return ""
    zero, one = body.constant(0), body.constant(1)
    rows = body.op("Range", body.constant(keys - queries), body.constant(keys), one)  # the last query at the last key
    columns = body.op("Range", zero, body.constant(keys), one)
    ahead = body.op("Sub", body.unsqueezed(columns, 0), body.unsqueezed(rows, 1))
    ends = []
    if kind.causal:
        ends.append(body.op("LessOrEqual", ahead, zero))
        if kind.window is not None:
            ends.append(body.op("Greater", ahead, body.constant(-kind.window)))
    else:
        ends.append(body.op("LessOrEqual", body.op("Abs", ahead), body.constant(kind.window // 2)))
    return ends[0] if len(ends) == 1 else body.op("And", *ends)


def _repeated(body: Body, value: str, shape: Sequence[Any], times: int) -> str:
    """Heads that each serve a group, as many as the queries have."""
    front, (heads, steps, size) = shape[1:-3], shape[-3:]
    cut = body.unsqueezed(value, len(shape) - 2)
    spread = body.op("Expand", cut, body.constant([1, *[1] * len(front), 1, times, 1, 1]))
    return body.reshaped(spread, (0, *front, heads * times, steps, size))


def _scaled(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    queries: Any = layer.traits.inputs[0]
    keys: Any = layer.traits.inputs[1]
    q, k, v, *bias = inputs
    times = queries[-3] // keys[-3]
    if times > 1:
        k, v = (_repeated(body, value, layer.traits.inputs[place], times) for place, value in ((1, k), (2, v)))
    mask = _seen(body, kind, queries[-2], keys[-2])
    if bias and layer.dtypes[3] == "bool":
        mask = body.op("And", bias.pop(), mask) if mask else bias.pop()
    scale = 1 / sqrt(queries[-1]) if kind.scale is None else kind.scale
    return _attended(body, q, k, v, len(queries), scale, mask, "".join(bias))[0]


def _multihead(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> list[str]:
    kind: Any = layer.traits.kind
    _, steps, embed = layer.traits.inputs[0]
    facts, heads = layer.traits.facts, kind.heads
    size = embed // heads
    values = inputs if len(inputs) == 3 else inputs * 3
    biases = [""] * 3
    if "in_proj_bias" in weights:
        biases = body.ops("Split", weights["in_proj_bias"], body.constant([embed] * 3), outputs=3, axis=0)
    if "in_proj_weight" in weights:
        matrices = body.ops("Split", weights["in_proj_weight"], body.constant([embed] * 3), outputs=3, axis=0)
    else:
        matrices = [weights[f"{name}_proj_weight"] for name in "qkv"]
    taken = []
    counts = (steps, facts["k_len"], facts["k_len"])
    for value, matrix, bias, count in zip(values, matrices, biases, counts, strict=True):
        cut = body.reshaped(_projected(body, value, matrix, bias), (0, count, heads, size))
        taken.append(body.turned(cut, (0, 2, 1, 3)))
    q, k, v = taken
    made, weighed = _attended(body, q, k, v, 4, 1 / sqrt(size), "", "")
    joined = body.reshaped(body.turned(made, (0, 2, 1, 3)), (0, steps, embed))
    output = _projected(body, joined, weights["out_proj.weight"], weights.get("out_proj.bias", ""))
    return [output, body.reduced("Mean", weighed, [1])] if kind.need_weights else [output]


def _projected(body: Body, value: str, matrix: str, bias: str) -> str:
    made = body.op("MatMul", value, body.turned(matrix, (1, 0)))
    return body.op("Add", made, bias) if bias else made


def _rope(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    shape: Any = layer.traits.inputs[0]
    rank, size, dim = len(shape), shape[-1], layer.traits.facts["rotary_dim"]
    steps = body.op("Range", body.constant(0), body.constant(shape[-2]), body.constant(1))
    frequencies = body.constant([float(kind.theta) ** (-2 * pair / dim) for pair in range(dim // 2)], "")
    angles = body.op("Mul", body.unsqueezed(body.op("Cast", steps, to=1), 1), frequencies)
    cosine, sine = body.op("Cos", angles), body.op("Sin", angles)
    turned, rest = inputs[0], ""
    if dim != size:
        turned, rest = body.ops("Split", turned, body.constant([dim, size - dim]), outputs=2, axis=-1)
    if kind.interleaved:
        cut = body.reshaped(turned, (0, *shape[1:-1], dim // 2, 2))
        first, second = (body.op("Gather", cut, body.constant(place), axis=rank) for place in range(2))
    else:
        first, second = body.ops("Split", turned, body.constant([dim // 2] * 2), outputs=2, axis=-1)
    left = body.op("Sub", body.op("Mul", first, cosine), body.op("Mul", second, sine))
    right = body.op("Add", body.op("Mul", second, cosine), body.op("Mul", first, sine))
    if kind.interleaved:
        pairs = body.op("Concat", body.unsqueezed(left, rank), body.unsqueezed(right, rank), axis=rank)
        made = body.reshaped(pairs, (0, *shape[1:-1], dim))
    else:
        made = body.op("Concat", left, right, axis=-1)
    return body.op("Concat", made, rest, axis=-1) if rest else made


def _position_bias(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    positions, heads = layer.traits.facts["positions"], kind.heads
    index = body.reshaped(weights["relative_position_index"], (positions, positions))
    if kind.table == "input":
        _, rows, columns, _ = layer.traits.inputs[0]
        table = body.reshaped(inputs[0], (0, rows * columns, heads))
        return body.turned(body.op("Gather", table, index, axis=1), (0, 3, 1, 2))
    bias = body.turned(body.op("Gather", weights["relative_position_bias_table"], index), (2, 0, 1))
    return body.op("Expand", body.unsqueezed(bias, 0), body.sized(inputs[0], heads, positions, positions))


OPERATORS: dict[str, Write] = {}
FUNCTIONS: dict[str, Write] = {
    "scaled_dot_product_attention": _scaled,
    "multihead_attention": _multihead,
    "rope": _rope,
    "relative_position_bias": _position_bias,
}
