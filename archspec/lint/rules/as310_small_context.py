"""A result for each position that sees less than the image.

What:
    A network of convolutions whose result has the input's spatial size, and whose receptive field is smaller than the
    input. Networks with attention, global pooling or flattening see everything. Off by default: a small context is
    often enough.
Why:
    What stands outside the receptive field cannot change a position's result, however long one trains.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - conv: {out: 2, kernel: 3, padding: 1}
    expect: {params: 738}
Cure:
    Downsample, dilate, or go deeper.

    layers:
      - conv: {out: 16, kernel: 3, padding: 8, dilation: 8, act: relu}
      - conv: {out: 2, kernel: 3, padding: 8, dilation: 8}
    expect: {params: 738}
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from archspec.kinds.axes import per_axis
from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.windows import WINDOWS, windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, DEFAULT = "AS310", "small-context", "warning", False
# Layers that see one position, or channels of it; whatever else there is may see all.
LOCAL = {
    "add",
    "sub",
    "mul",
    "div",
    "scale",
    "concat",
    "batchnorm",
    "instancenorm",
    "groupnorm",
    "dropout",
    "identity",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "silu",
    "mish",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "sigmoid",
    "tanh",
    "softplus",
    "softsign",
    "gelu",
    "prelu",
    "softmax",
    "log_softmax",
    "split",
    "channel_shuffle",
    "stochastic_depth",
}
Field = list[
    tuple[Fraction, Fraction]
]  # by axis: positions of the input seen, and the input's steps between neighbours


def check(context: Context) -> Iterator[Finding]:
    """Results with the first input's spatial size."""
    for run in context.runs:
        image = next(iter(run.report.graph.inputs.values())).shape
        fields: dict[Use, Field | None] = {}
        for use in run.uses:
            fields[use] = _field(use, fields)
            field = fields[use]
            if not use.is_output or not field or use.call.traits.outputs[0][2:] != image[2:]:
                continue
            seen = [int(axis[0]) for axis in field]
            if any(one < size for one, size in zip(seen, image[2:], strict=True)):
                shown = ["x".join(map(str, sizes)) for sizes in (seen, image[2:])]
                yield context.found(
                    CODE,
                    f"each position of `{use.path}` sees {shown[0]} of {shown[1]}",
                    use=use,
                    run=run,
                    values=tuple(shown),
                )


def _field(use: Use, fields: dict[Use, Field | None]) -> Field | None:
    """The receptive field on the input; None where all may be seen.

    Source: https://distill.pub/2019/computing-receptive-fields.
    """
    if not use.sources:
        return None
    rank = len(use.call.traits.inputs[0]) - 2
    before = [fields.get(source) if source else [(Fraction(1), Fraction(1))] * rank for source in use.sources]
    if any(field is None or len(field) != rank for field in before):
        return None
    widest = [max(axis) for axis in zip(*(field for field in before if field), strict=True)]
    layer: Any = use.call.traits.kind
    if use.kind in LOCAL:
        return widest
    if use.kind in WINDOWS and (axes := windows(use)):
        return [
            (seen + (axis.cover - 1) * step * use.times, step * axis.stride)
            for (seen, step), axis in zip(widest, axes, strict=True)
        ]
    if use.kind == "conv_transpose":
        pairs = zip(per_axis(layer.kernel, rank, "kernel"), per_axis(layer.stride, rank, "stride"), strict=True)
        return [
            (seen + (-(-k // s) - 1) * step * use.times, step / s)
            for (seen, step), (k, s) in zip(widest, pairs, strict=True)
        ]
    if use.kind in ("upsample", "pixel_shuffle"):
        old_sizes: Any = use.call.traits.inputs[0][2:]
        sizes: Any = zip(old_sizes, use.call.traits.outputs[0][2:], strict=True)
        return [(seen, step * Fraction(old, new)) for (seen, step), (old, new) in zip(widest, sizes, strict=True)]
    return None
