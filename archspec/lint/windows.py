"""Convolutions and pools as windows on each spatial axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from archspec.kinds.axes import per_axis
from archspec.kinds.window import pad_pairs
from archspec.lint.context import Context, Run
from archspec.lint.flow import Use


class Window(NamedTuple):
    """A window along one axis: the input's size, what it covers, its step, and the zeros before and behind."""

    size: int
    kernel: int
    cover: int
    stride: int
    padding: int


def windows(use: Use) -> list[Window]:
    """A layer's windows, one for each spatial axis; none where none slides over its input."""
    key = id(use.call.traits)
    axes: list[Window] | None = use.known.get(key)
    if axes is None:
        axes = use.known[key] = axes_of(use)
    return axes


def axes_of(use: Use) -> list[Window]:
    """The windows, worked out."""
    if use.layer.sees != "window" or use.layer.upsamples:
        return []
    shape: tuple[Any, ...] = use.call.traits.inputs[0]  # an analysis of a file as it stands has plain sizes
    pairs = steps(use)
    dilation: tuple[Any, ...] = per_axis(getattr(use.layer, "dilation", 1), len(pairs), "dilation")
    pads: list[Any] = pad_pairs(getattr(use.layer, "padding", 0), tuple(kernel for kernel, _ in pairs), len(pairs))
    axes = []
    for size, (kernel, stride), gap, pad in zip(shape[2:], pairs, dilation, pads, strict=True):
        cover = gap * (kernel - 1) + 1
        # `same_upper` and `same_lower` add what makes the output ceil(size / stride).
        total = max((-(-size // stride) - 1) * stride + cover - size, 0) if isinstance(pad, str) else sum(pad)
        axes.append(Window(size, kernel, cover, stride, total))
    return axes


def steps(use: Use) -> list[tuple[Any, Any]]:
    """Kernel and stride along each spatial axis of a layer that has them."""
    rank = len(use.call.traits.inputs[0]) - 2
    kernel, stride = use.layer.kernel, use.layer.stride
    pairs = per_axis(kernel, rank, "kernel"), per_axis(kernel if stride is None else stride, rank, "stride")
    return list(zip(*pairs, strict=True))


def windowed(context: Context, wrong: Callable[[Window], bool]) -> Iterator[tuple[Run, Use, Window]]:
    """The layers whose window is wrong along an axis, with the first such axis."""
    for run, use in context.layers:
        axes = windows(use)
        axis = next(filter(wrong, axes), None) if axes else None
        if axis is not None:
            yield run, use, axis
