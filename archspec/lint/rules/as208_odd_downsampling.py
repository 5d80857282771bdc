"""A size that is halved although it is odd, in a network that enlarges again.

What:
    A layer whose stride does not divide the size that comes in, in a network with a layer that enlarges its maps.
Why:
    Enlarged again, the map is smaller or larger than the one before, and a skip between the two does not fit, or needs
    padding that moves it by a pixel.
Example:
    inputs: {image: [3, 30, 30]}
    layers:
      - conv: {out: 8, kernel: 3, padding: 1, act: relu}
      - maxpool: 4
      - upsample: 4
      - conv: {out: 1, kernel: 1}
    expect: {params: 233}
Cure:
    Use sizes that the product of the strides divides.

    inputs: {image: [3, 32, 32]}
    layers:
      - conv: {out: 8, kernel: 3, padding: 1, act: relu}
      - maxpool: 4
      - upsample: 4
      - conv: {out: 1, kernel: 1}
    expect: {params: 233}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.graph import Layer
from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.windows import windowed
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS208", "odd-downsampling", "info"


def check(context: Context) -> Iterator[Finding]:
    """Layers with a stride before the last that enlarges."""
    before: set[Use] = set()
    for run in context.runs:
        enlarging = [index for index, use in enumerate(run.uses) if use.layer.upsamples and _larger(use.call)]
        before.update(run.uses[: max(enlarging, default=0)])
    for run, use, axis in windowed(context, lambda axis: axis.stride > 1 and axis.size % axis.stride > 0):
        if use in before:
            message = f"stride {axis.stride} does not divide the {axis.size} positions that come in"
            yield context.finding(CODE, message, use=use, run=run, values=(axis.size, axis.stride))


def _larger(call: Layer) -> bool:
    before, after = call.traits.inputs[0][2:], call.traits.outputs[0][2:]
    return any(type(old) is int and type(new) is int and new > old for old, new in zip(before, after, strict=False))
