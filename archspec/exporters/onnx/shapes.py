"""Kinds that cut, join and reorder tensors."""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.graph.graph import Layer
from archspec.kinds.axes import axis_index, axis_indices, listed, per_axis

PADS = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _reshape(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.reshaped(inputs[0], (0, *layer.traits.outputs[0][1:]))


def _flatten(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    if len(layer.traits.outputs[0]) == 2:
        return body.op("Flatten", *inputs, axis=1)
    return _reshape(body, layer, inputs, weights)


def _permute(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.turned(inputs[0], (0, *kind.places(layer.traits.inputs[0])))


def _squeeze(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("Squeeze", *inputs, body.constant([axis_index(kind.axis, layer.traits.inputs[0])]))


def _unsqueeze(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.unsqueezed(inputs[0], axis_index(kind.axis, layer.traits.outputs[0]))


def _tile(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    repeats = listed(kind.repeats)
    return body.op("Tile", *inputs, body.constant([*[1] * (len(layer.traits.inputs[0]) - len(repeats)), *repeats]))


def _concat(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("Concat", *inputs, axis=axis_index(kind.axis, layer.traits.inputs[0]))


def _split(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> list[str]:
    kind: Any = layer.traits.kind
    axis = axis_index(kind.axis, layer.traits.inputs[0])
    sizes = [shape[axis] for shape in layer.traits.outputs]
    return body.ops("Split", *inputs, body.constant(sizes), outputs=len(sizes), axis=axis)


def _slice(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    shape = layer.traits.inputs[0]
    axis = axis_index(kind.axis, shape)
    end = shape[axis] if kind.end is None else kind.end
    return body.op("Slice", *inputs, *(body.constant([number]) for number in (kind.start, end, axis, kind.step)))


def _select(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("Gather", *inputs, body.constant(kind.index), axis=axis_index(kind.axis, layer.traits.inputs[0]))


def _pad(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    padding, rank = listed(kind.padding), len(layer.traits.inputs[0])
    begins, ends = [0] * rank, [0] * rank
    for axis, before, after in zip(range(rank - 1, 0, -1), padding[::2], padding[1::2], strict=False):
        begins[axis], ends[axis] = before, after
    return body.op("Pad", *inputs, body.constant(begins + ends), mode=PADS[kind.mode])


OPERATORS: dict[str, Write] = {
    "reshape": _reshape,
    "flatten": _flatten,
    "permute": _permute,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "tile": _tile,
    "concat": _concat,
    "split": _split,
    "slice": _slice,
    "select": _select,
    "pad": _pad,
}


def _expand(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    before, (_, *after) = layer.traits.inputs[0], layer.traits.outputs[0]
    new = len(after) + 1 - len(before)
    value = body.unsqueezed(inputs[0], *range(1, new + 1)) if new else inputs[0]
    return body.op("Expand", value, body.sized(inputs[-1], *after))


def _crop(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    before: Any = layer.traits.inputs[0][2:]
    after: Any = layer.traits.outputs[0][2:]
    starts = [(old - new) // 2 for old, new in zip(before, after, strict=True)]
    ends = [start + size for start, size in zip(starts, after, strict=True)]
    axes = list(range(2, len(after) + 2))
    return body.op("Slice", *inputs, *(body.constant(numbers) for numbers in (starts, ends, axes)))


def _roll(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    shape, value = layer.traits.inputs[0], inputs[0]
    axes, shifts = axis_indices(kind.axes, shape, "axes"), listed(kind.shift)
    for axis, shift in zip(axes, shifts * len(axes) if len(shifts) < len(axes) else shifts, strict=True):
        size: Any = shape[axis]
        cut = -shift % size
        if cut:
            value = body.op("Concat", body.part(value, axis, cut, size), body.part(value, axis, 0, cut), axis=axis)
    return value if value != inputs[0] else body.op("Identity", value)


def _window_partition(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    _, height, width, channels = layer.traits.inputs[0]
    rows, columns = per_axis(kind.window, 2, "window")
    cut = body.reshaped(inputs[0], (0, height // rows, rows, width // columns, columns, channels))
    return body.reshaped(body.turned(cut, (0, 1, 3, 2, 4, 5)), (-1, rows * columns, channels))


def _window_merge(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    channels = layer.traits.inputs[0][2]
    (rows, columns), (height, width) = per_axis(kind.window, 2, "window"), per_axis(kind.size, 2, "size")
    cut = body.reshaped(inputs[0], (-1, height // rows, width // columns, rows, columns, channels))
    return body.reshaped(body.turned(cut, (0, 1, 3, 2, 4, 5)), (-1, height, width, channels))


def _fold_batch(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.reshaped(inputs[0], (-1, *layer.traits.outputs[0][1:]))


FUNCTIONS: dict[str, Write] = {
    "expand": _expand,
    "crop": _crop,
    "roll": _roll,
    "window_partition": _window_partition,
    "window_merge": _window_merge,
    "fold_batch": _fold_batch,
    "unfold_batch": _fold_batch,
}
