"""Kinds that cut, join and reorder tensors, as expressions of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.exporters.torch.texts import mark
from archspec.graph.graph import Layer
from archspec.kinds.axes import axis_index, axis_indices, listed, per_axis

Write = Callable[[Any, Layer, list[str]], str]


def _flatten(kind: Any, layer: Layer, inputs: list[str]) -> str:
    end = "" if kind.end == -1 else f", {mark('end', kind.end)}"
    return f"{inputs[0]}.flatten({mark('start', kind.start)}{end})"


def _reshape(kind: Any, layer: Layer, inputs: list[str]) -> str:
    sizes = [mark("size", size) for size in layer.traits.outputs[0][1:]]
    return f"{inputs[0]}.reshape({', '.join([f'{inputs[0]}.shape[0]', *sizes])})"


def _permute(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return f"{inputs[0]}.permute({', '.join(map(str, (0, *kind.places(layer.traits.inputs[0]))))})"


def _slice(kind: Any, layer: Layer, inputs: list[str]) -> str:
    axis = axis_index(kind.axis, layer.traits.inputs[0])
    start = mark("start", kind.start) if kind.start != 0 else ""
    end = "" if kind.end is None else mark("end", kind.end)
    step = "" if kind.step == 1 else f":{mark('step', kind.step)}"
    return f"{inputs[0]}[{':, ' * axis}{start}:{end}{step}]"


def _select(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return f"{inputs[0]}[{':, ' * axis_index(kind.axis, layer.traits.inputs[0])}{mark('index', kind.index)}]"


def _split(kind: Any, layer: Layer, inputs: list[str]) -> str:
    axis = mark("dim", kind.axis)
    if kind.parts is not None:
        return f"{inputs[0]}.chunk({mark('parts', kind.parts)}, dim={axis})"
    return f"{inputs[0]}.split({mark('sizes', listed(kind.sizes))}, dim={axis})"


def _pad(kind: Any, layer: Layer, inputs: list[str]) -> str:
    mode = "" if kind.mode == "zeros" else f", mode={kind.mode!r}"
    return f"F.pad({inputs[0]}, {mark('pad', listed(kind.padding))}{mode})"


def _crop(kind: Any, layer: Layer, inputs: list[str]) -> str:
    rank = len(layer.traits.inputs[0]) - 2
    return f"center_crop({inputs[0]}, {mark('sizes', per_axis(kind.to, rank, 'to'))})"


def _roll(kind: Any, layer: Layer, inputs: list[str]) -> str:
    axes = axis_indices(kind.axes, layer.traits.inputs[0], "axes")
    shifts = listed(kind.shift)
    shifts = shifts * len(axes) if len(shifts) < len(axes) else shifts
    return f"torch.roll({inputs[0]}, {mark('shifts', shifts)}, {axes})"


def _partition(kind: Any, layer: Layer, inputs: list[str]) -> str:
    height, width = per_axis(kind.window, 2, "window")
    return f"window_partition({inputs[0]}, {mark('height', height)}, {mark('width', width)})"


def _merge(kind: Any, layer: Layer, inputs: list[str]) -> str:
    (height, width), (rows, columns) = per_axis(kind.window, 2, "window"), per_axis(kind.size, 2, "size")
    sizes = [("height", height), ("width", width), ("rows", rows), ("columns", columns)]
    return f"window_merge({', '.join([inputs[0], *(mark(*each) for each in sizes)])})"


def _expand(kind: Any, layer: Layer, inputs: list[str]) -> str:
    new = len(layer.traits.outputs[0]) - len(layer.traits.inputs[0])
    taken = f"{inputs[0]}[:{', None' * new}]" if new else inputs[0]
    sizes = [mark("size", size) for size in layer.traits.outputs[0][1:]]
    return f"{taken}.expand({', '.join([f'{inputs[-1]}.shape[0]', *sizes])})"


def _concat(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return f"torch.cat(({', '.join(inputs)}), {mark('dim', kind.axis)})"


SHAPES: dict[str, Write] = {
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "slice": _slice,
    "select": _select,
    "split": _split,
    "pad": _pad,
    "crop": _crop,
    "roll": _roll,
    "window_partition": _partition,
    "window_merge": _merge,
    "expand": _expand,
    "concat": _concat,
    "squeeze": lambda kind, layer, inputs: f"{inputs[0]}.squeeze({mark('dim', kind.axis)})",
    "unsqueeze": lambda kind, layer, inputs: f"{inputs[0]}.unsqueeze({mark('dim', kind.axis)})",
    "tile": lambda kind, layer, inputs: f"{inputs[0]}.tile({mark('repeats', listed(kind.repeats))})",
}
