"""Operators on known numbers, as NumPy has them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from archspec.importers.composing.layers import FLOATS
from archspec.importers.onnx.ranges import Array, TooLarge, axes_of, bounded, slices, split_sizes, whole
from archspec.importers.onnx.read import MAX_KNOWN, Node
from archspec.importers.onnx.values import TYPES, Batch, Initializer, Mixed

Rule = Callable[[Node, list[Any]], Any]


def _binary(function: Callable[[Any, Any], Any]) -> Rule:
    def rule(node: Node, inputs: list[Any]) -> Any:
        a, b = inputs
        bounded(np.broadcast_shapes(a.shape, b.shape))
        return function(a, b)

    return rule


def _compared(function: Callable[[Any, Any], Any]) -> Rule:
    def rule(node: Node, inputs: list[Any]) -> Any:
        a, b = np.broadcast_arrays(*inputs)
        if object in (a.dtype, b.dtype):
            return np.array([bool(function(x, y)) for x, y in zip(a.flat, b.flat, strict=True)]).reshape(a.shape)
        return function(a, b)

    return rule


def _unary(function: Callable[[Any], Any]) -> Rule:
    def rule(node: Node, inputs: list[Any]) -> Any:
        (array,) = inputs
        if array.dtype == object:
            raise Mixed
        return function(array)

    return rule


def _rounded(function: Callable[[Any], Any]) -> Rule:
    return lambda node, inputs: inputs[0] if inputs[0].dtype == object else function(inputs[0])


def _divided(a: Array, b: Array) -> Any:
    if object in (a.dtype, b.dtype):
        return np.floor_divide(a.astype(object), b.astype(object))
    if "f" in (a.dtype.kind, b.dtype.kind):
        return a / b
    if not np.all(b):
        raise ZeroDivisionError
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


def _remainder(node: Node, inputs: list[Any]) -> Any:
    a, b = inputs
    if a.dtype != object and not np.all(b):
        raise ZeroDivisionError
    return np.fmod(a, b) if node.attributes.get("fmod") else np.mod(a, b)


def _reduced(function: Any) -> Rule:
    def rule(node: Node, inputs: list[Any]) -> Any:
        array = inputs[0]
        axes = node.attributes.get("axes") if len(inputs) < 2 or inputs[1] is None else whole(inputs[1])
        keep = bool(node.attributes.get("keepdims", 1))
        return function(array, axis=tuple(axes) if axes else None, keepdims=keep)

    return rule


def _constant(node: Node, inputs: list[Any]) -> Any:
    (value,) = node.attributes.values()
    if isinstance(value, Initializer):
        if value.known is None:
            raise TooLarge
        return value.known.array
    if isinstance(value, float) or (isinstance(value, list) and value and isinstance(value[0], float)):
        return np.array(value, dtype=np.float32)
    return np.array(value, dtype=np.int64)


def _filled(node: Node, inputs: list[Any]) -> Any:
    shape = bounded(whole(inputs[0]))
    value = node.attributes.get("value")
    if value is None:
        return np.zeros(shape, dtype=np.float32)
    return np.broadcast_to(value.known.array.reshape(-1)[0], shape)


def _range(node: Node, inputs: list[Any]) -> Any:
    start, limit, step = (array.reshape(-1)[0] for array in inputs)
    if isinstance(start, Batch) or isinstance(limit, Batch) or isinstance(step, Batch):
        raise Mixed
    bounded([max(0, int(-(-(limit - start) // step)))])
    return np.arange(start, limit, step)


def _cast(node: Node, inputs: list[Any]) -> Any:
    (array,) = inputs
    dtype = TYPES[node.attributes["to"]]
    if array.dtype == object:
        return array
    return array.astype(np.float32 if dtype in FLOATS else np.bool_ if dtype == "bool" else np.int64)


def _gather(node: Node, inputs: list[Any]) -> Any:
    data, index = inputs
    axis = node.attributes.get("axis", 0)
    bounded([*data.shape[: axis % data.ndim], *index.shape, *data.shape[axis % data.ndim + 1 :]])
    return np.take(data, index.astype(np.int64), axis=axis)


def _slice(node: Node, inputs: list[Any]) -> Any:
    return inputs[0][slices(node, inputs[0].shape, inputs[1:])]


def _unsqueeze(node: Node, inputs: list[Any]) -> Any:
    return np.expand_dims(inputs[0], tuple(axes_of(node, inputs) or ()))


def _squeeze(node: Node, inputs: list[Any]) -> Any:
    axes = axes_of(node, inputs)
    return np.squeeze(inputs[0], None if axes is None else tuple(axes))


def _reshape(node: Node, inputs: list[Any]) -> Any:
    shape = whole(inputs[1])
    if not node.attributes.get("allowzero"):
        shape = [inputs[0].shape[place] if size == 0 else size for place, size in enumerate(shape)]
    return inputs[0].reshape(shape)


def _expand(node: Node, inputs: list[Any]) -> Any:
    return np.broadcast_to(inputs[0], bounded(np.broadcast_shapes(inputs[0].shape, tuple(whole(inputs[1])))))


def _tile(node: Node, inputs: list[Any]) -> Any:
    times = whole(inputs[1])
    bounded([size * count for size, count in zip(inputs[0].shape, times, strict=True)])
    return np.tile(inputs[0], times)


def _where(node: Node, inputs: list[Any]) -> Any:
    bounded(np.broadcast_shapes(*(array.shape for array in inputs)))
    return np.where(inputs[0].astype(bool), inputs[1], inputs[2])


def _concat(node: Node, inputs: list[Any]) -> Any:
    if sum(array.size for array in inputs) > MAX_KNOWN:
        raise TooLarge
    if any(array.dtype == object for array in inputs):
        inputs = [array.astype(object) for array in inputs]
    return np.concatenate(inputs, axis=node.attributes["axis"])


def _split(node: Node, inputs: list[Any]) -> Any:
    axis = node.attributes.get("axis", 0)
    return np.split(inputs[0], np.cumsum(split_sizes(node, inputs, inputs[0].shape[axis]))[:-1], axis=axis)


def _padded(node: Node, inputs: list[Any]) -> Any:
    pads = whole(inputs[1]) if len(inputs) > 1 else list(node.attributes["pads"])
    pairs = list(zip(pads[: len(pads) // 2], pads[len(pads) // 2 :], strict=True))
    if min(pads, default=0) < 0:
        raise TooLarge
    bounded([size + sum(pair) for size, pair in zip(inputs[0].shape, pairs, strict=True)])
    modes: Any = {"constant": "constant", "reflect": "reflect", "edge": "edge", "wrap": "wrap"}
    return np.pad(inputs[0], pairs, mode=modes[node.attributes.get("mode", "constant")])


def _cumsum(node: Node, inputs: list[Any]) -> Any:
    if node.attributes.get("exclusive") or node.attributes.get("reverse"):
        raise TooLarge
    return np.cumsum(inputs[0], axis=int(inputs[1].reshape(-1)[0]))


def _scattered(node: Node, inputs: list[Any]) -> Any:
    data, index, updates = inputs
    if node.attributes.get("reduction", "none") != "none":
        raise TooLarge
    result = data.copy()
    result[tuple(np.moveaxis(index.astype(np.int64), -1, 0))] = updates
    return result


def _flattened(node: Node, inputs: list[Any]) -> Any:
    axis = node.attributes.get("axis", 1)
    return inputs[0].reshape(prod(inputs[0].shape[: axis % (inputs[0].ndim + 1)]), -1)


def _triangle(node: Node, inputs: list[Any]) -> Any:
    diagonal = int(inputs[1].reshape(-1)[0]) if len(inputs) > 1 and inputs[1] is not None else 0
    return (np.triu if node.attributes.get("upper", 1) else np.tril)(inputs[0], diagonal)


def _clipped(node: Node, inputs: list[Any]) -> Any:
    if inputs[0].dtype == object:
        raise Mixed
    low, high = (inputs[place] if len(inputs) > place else None for place in (1, 2))
    return np.clip(inputs[0], node.attributes.get("min", low), node.attributes.get("max", high))


RULES: dict[str, Rule] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Range": _range,
    "Identity": lambda node, inputs: inputs[0],
    "Cast": _cast,
    "Gather": _gather,
    "Slice": _slice,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": _flattened,
    "Transpose": lambda node, inputs: np.transpose(inputs[0], node.attributes.get("perm")),
    "Expand": _expand,
    "Tile": _tile,
    "Where": _where,
    "Concat": _concat,
    "Split": _split,
    "Pad": _padded,
    "CumSum": _cumsum,
    "ScatterND": _scattered,
    "Trilu": _triangle,
    "Clip": _clipped,
    "NonZero": _unary(lambda array: np.array(np.nonzero(array))),
    "Add": _binary(np.add),
    "Sub": _binary(np.subtract),
    "Mul": _binary(np.multiply),
    "Div": _binary(_divided),
    "Pow": _binary(np.power),
    "Mod": _remainder,
    "Min": _binary(np.minimum),
    "Max": _binary(np.maximum),
    "Equal": _compared(operator.eq),
    "Less": _compared(operator.lt),
    "LessOrEqual": _compared(operator.le),
    "Greater": _compared(operator.gt),
    "GreaterOrEqual": _compared(operator.ge),
    "And": _binary(np.logical_and),
    "Or": _binary(np.logical_or),
    "Xor": _binary(np.logical_xor),
    "Not": _unary(np.logical_not),
    "Neg": _unary(np.negative),
    "Abs": _unary(np.abs),
    "Sign": _unary(np.sign),
    "Sqrt": _unary(np.sqrt),
    "Exp": _unary(np.exp),
    "Log": _unary(np.log),
    "Sin": _unary(np.sin),
    "Cos": _unary(np.cos),
    "Reciprocal": _unary(np.reciprocal),
    "Floor": _rounded(np.floor),
    "Ceil": _rounded(np.ceil),
    "Round": _rounded(np.round),
    "ReduceProd": _reduced(np.prod),
    "ReduceSum": _reduced(np.sum),
    "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min),
    "ReduceMean": _reduced(np.mean),
}
