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

from archspec.kinds.axes import axis_index
from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.windows import steps, windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, DEFAULT = "AS310", "small-context", "warning", False
# By axis: the positions of the input that are seen, and the input's steps between neighbours.
Field = list[tuple[Fraction, Fraction]]


def check(context: Context) -> Iterator[Finding]:
    """Results with the first input's spatial size."""
    for run in context.runs:
        image = next(iter(run.report.graph.inputs.values())).shape
        fields: dict[Use, Field | None] = {}
        for use in run.uses:
            field = fields[use] = _field(use, fields)
            if not use.is_output or not field or use.call.traits.outputs[0][2:] != image[2:]:
                continue
            seen = [int(axis[0]) for axis in field]
            if any(part < whole for part, whole in zip(seen, image[2:], strict=True)):
                shown = tuple("x".join(map(str, sizes)) for sizes in (seen, image[2:]))
                message = f"each position of `{use.path}` sees {shown[0]} of {shown[1]}"
                yield context.finding(CODE, message, use=use, run=run, values=shown)


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
    if _local(use):
        return widest
    if use.kind == "conv_transpose":
        pairs = zip(widest, steps(use), strict=True)
        return [(seen + (-(-k // s) - 1) * step * use.times, step / s) for (seen, step), (k, s) in pairs]
    if use.layer.upsamples and use.layer.sees == "near":
        sizes: Any = zip(use.call.traits.inputs[0][2:], use.call.traits.outputs[0][2:], strict=True)
        return [(seen, step * Fraction(*pair)) for (seen, step), pair in zip(widest, sizes, strict=True)]
    return [
        (seen + (axis.cover - 1) * step * use.times, step * axis.stride)
        for (seen, step), axis in zip(widest, windows(use), strict=False)
    ] or None


def _local(use: Use) -> bool:
    """Whether a layer sees one position; the statistics of a normalisation tell nothing of a place."""
    layer = use.layer
    if layer.sees == "axis" and hasattr(layer, "axis"):
        return axis_index(layer.axis, use.call.traits.inputs[0]) == 1
    return layer.sees in ("element", "channels") or layer.role == "normalisation"
