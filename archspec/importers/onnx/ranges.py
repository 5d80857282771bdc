"""Lists of numbers that operators take: ranges, axes, sizes of parts; and how many numbers are looked at."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from archspec.importers.onnx.read import MAX_KNOWN, Node
from archspec.importers.onnx.values import Batch, Mixed

Array = np.ndarray[Any, Any]


class TooLarge(Exception):
    """The result has more elements than are looked at."""


def bounded(shape: Any) -> tuple[int, ...]:
    """A shape of numbers that are looked at. Raises TooLarge."""
    sizes = tuple(int(size) for size in shape)
    if prod(sizes) > MAX_KNOWN:
        raise TooLarge
    return sizes


def whole(array: Array) -> list[int]:
    """A list of numbers without the batch size. Raises Mixed, TooLarge."""
    if array.size > 64:
        raise TooLarge
    if any(isinstance(item, Batch) for item in array.flat):
        raise Mixed
    return [int(item) for item in array.flat]


def slices(node: Node, shape: tuple[int, ...], given: list[Any]) -> tuple[slice, ...]:
    """The ranges that a Slice takes, one for each axis."""
    if "starts" in node.attributes:
        starts, ends = node.attributes["starts"], node.attributes["ends"]
        axes, steps = node.attributes.get("axes"), None
    else:
        starts, ends, axes, steps = (
            None if place >= len(given) or given[place] is None else whole(given[place]) for place in range(4)
        )
    if starts is None or ends is None:
        raise Mixed
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    ranges = [slice(None)] * len(shape)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        # A range downwards ends before the first position where its end lies in front of it.
        stop = None if step < 0 and end < -shape[axis] else end
        ranges[axis] = slice(start, stop, step)
    return tuple(ranges)


def axes_of(node: Node, inputs: list[Any]) -> list[int] | None:
    """Axes that an operator has as an attribute, or since opset 13 as an input."""
    if len(inputs) > 1 and inputs[1] is not None:
        return whole(inputs[1])
    axes = node.attributes.get("axes")
    return None if axes is None else list(axes)


def split_sizes(node: Node, inputs: list[Any], size: int) -> list[int]:
    """Sizes of the parts of a Split."""
    if len(inputs) > 1 and inputs[1] is not None:
        return whole(inputs[1])
    if "split" in node.attributes:
        return list(node.attributes["split"])
    parts = len(node.outputs)
    part = -(-size // parts)
    return [part] * (parts - 1) + [size - part * (parts - 1)]
