"""Padding of windows, as PyTorch's operators take it: equal on both sides, or else beforehand."""

from __future__ import annotations

from typing import Any

from archspec.kinds.axes import per_axis
from archspec.kinds.window import pad_pairs, same_pads


def pads(kind: Any, shape: Any) -> list[tuple[Any, Any]]:
    """Padding before and after each spatial axis of an input."""
    rank = len(shape) - 2
    kernel = per_axis(kind.kernel, rank, "kernel")
    stride = kernel if kind.stride is None else per_axis(kind.stride, rank, "stride")
    dilation = per_axis(getattr(kind, "dilation", 1), rank, "dilation")
    return [
        same_pads(size, side, step, reach, pad) if isinstance(pad, str) else pad
        for size, side, step, reach, pad in zip(
            shape[2:], kernel, stride, dilation, pad_pairs(kind.padding, kernel, rank), strict=True
        )
    ]


def given_pads(kind: Any, shape: Any) -> tuple[Any, ...]:
    """What has to be padded beforehand, as ``F.pad`` takes it; nothing where the operator can."""
    both = pads(kind, shape)
    if all(before == after for before, after in both):
        return ()
    return tuple([side for pair in reversed(both) for side in pair])
