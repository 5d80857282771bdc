"""Convolutions and pools as windows on each spatial axis."""

from __future__ import annotations

from typing import Any, NamedTuple

from archspec.kinds.axes import per_axis
from archspec.kinds.window import pad_pairs
from archspec.lint.flow import Use

WINDOWS = {"conv", "maxpool", "avgpool", "lppool"}


class Window(NamedTuple):
    """A window along one axis: the input's size, what it covers, its step, and the zeros before and behind."""

    size: int
    kernel: int
    cover: int
    stride: int
    padding: int


def windows(use: Use) -> list[Window]:
    """A layer's windows, one for each spatial axis; none where it has none."""
    layer: Any = use.call.traits.kind
    if use.kind not in WINDOWS:
        return []
    shape: tuple[Any, ...] = use.call.traits.inputs[0]  # an analysis of a file as it stands has plain sizes
    rank = len(shape) - 2
    kernel: tuple[Any, ...] = per_axis(layer.kernel, rank, "kernel")
    stride: tuple[Any, ...] = per_axis(layer.stride if layer.stride is not None else layer.kernel, rank, "stride")
    dilation: tuple[Any, ...] = per_axis(getattr(layer, "dilation", 1), rank, "dilation")
    pads: list[Any] = pad_pairs(getattr(layer, "padding", 0), kernel, rank)
    found = []
    for size, k, step, gap, pad in zip(shape[2:], kernel, stride, dilation, pads, strict=True):
        cover = gap * (k - 1) + 1
        # `same_upper` and `same_lower` add what makes the output ceil(size / stride).
        total = max((-(-size // step) - 1) * step + cover - size, 0) if isinstance(pad, str) else sum(pad)
        found.append(Window(size, k, cover, step, total))
    return found
