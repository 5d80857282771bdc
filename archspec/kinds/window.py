"""A window that slides over spatial axes, as convolutions and pools have it: how many positions it takes."""

from __future__ import annotations

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Shape
from archspec.kinds.formula import Formula
from archspec.sizes import Size, ceil_div, maximum, prod, require

OUT_SIZE = Formula(
    "output size",
    "size before after dilation kernel stride",
    "(size + before + after - dilation * (kernel - 1) - 1) // stride + 1",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html",
)
SAME_SIZE = Formula(
    "output size, same_upper or same_lower",
    "size stride",
    "ceil_div(size, stride)",
    source="https://onnx.ai/onnx/operators/onnx__Conv.html",
)


def spatial_rank(kind: str, shape: Shape) -> int:
    """Spatial axes of ``[batch, channels, ...]``: 1, 2 or 3. Raises ShapeError."""
    rank = len(shape) - 2
    if not 1 <= rank <= 3:
        raise ShapeError(
            f"{kind} needs channels and 1 to 3 spatial axes, got {len(shape) - 1} axes",
            hint="shapes are channels first: [C, L], [C, H, W] or [C, D, H, W]; the batch axis is never written",
        )
    return rank


def window_size(size: Size, kernel: Size, stride: Size, dilation: Size, pad: tuple[Size, Size] | str) -> Size:
    """Positions of a window along one axis; ``pad`` is (before, after) or one of ONNX's names. Raises ShapeError."""
    if isinstance(pad, str):
        return SAME_SIZE(size, stride)
    before, after = pad
    require(
        size + before + after >= dilation * (kernel - 1) + 1,
        "kernel {kernel} does not fit: with dilation {dilation} it covers {cover}, the padded input has {padded}",
        argument="kernel",
        kernel=kernel,
        dilation=dilation,
        cover=dilation * (kernel - 1) + 1,
        padded=size + before + after,
    )
    return OUT_SIZE(size, before, after, dilation, kernel, stride)


def pad_pairs(padding: Any, kernel: tuple[Size, ...], rank: int) -> list[tuple[Size, Size] | str]:
    """(before, after) for each axis, or ONNX's name; ``half`` is k // 2 on both sides."""
    if padding == "half":
        return [(k // 2, k // 2) for k in kernel]
    if isinstance(padding, str):
        return [padding] * rank
    if isinstance(padding, tuple) and len(padding) == 2 * rank:  # ONNX's pads: all begins, then all ends
        return list(zip(padding[:rank], padding[rank:], strict=True))
    return [(p, p) for p in per_axis(padding, rank, "padding")]


def same_pads(size: Size, kernel: Size, stride: Size, dilation: Size, name: str) -> tuple[Size, Size]:
    """Padding before and after an axis under ONNX's auto_pad ``same_upper`` or ``same_lower``."""
    cover = dilation * (kernel - 1) + 1
    total = maximum((SAME_SIZE(size, stride) - 1) * stride + cover - size, 0)
    less, more = total // 2, ceil_div(total, 2)
    return (less, more) if name == "same_upper" else (more, less)


def padded_copy(shape: Shape, kernel: Any, stride: Any, dilation: Any, pads: list[tuple[Size, Size] | str]) -> Any:
    """Elements of an input that is padded beforehand: PyTorch's operators take equal padding on both sides only."""
    sides = [
        same_pads(size, side, step, reach, pad) if isinstance(pad, str) else pad
        for size, side, step, reach, pad in zip(shape[2:], kernel, stride, dilation, pads, strict=True)
    ]
    if all(before == after for before, after in sides):
        return 0
    padded = (size + before + after for size, (before, after) in zip(shape[2:], sides, strict=True))
    return shape[0] * shape[1] * prod(padded)
