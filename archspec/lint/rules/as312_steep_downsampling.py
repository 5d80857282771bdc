"""A map that shrinks to a thirty-second within three layers.

What:
    A convolution or pool on maps of two or more axes that, together with the two layers with weights or a window
    before it, has a stride of 32 or more along one. Exempt are a single convolution whose kernel is its stride (the
    patches of a vision transformer), and a window over the whole map, which pools it.
Why:
    Of 224 positions 7 are left before a layer has seen more than edges: what is small in the image is lost. Most
    networks halve their maps, with several layers between.
Example:
    inputs: {image: [3, 64, 64]}
    layers:
      - conv: {out: 32, kernel: 7, stride: 4, padding: 3, act: relu}
      - maxpool: 4
      - conv: {out: 64, kernel: 3, stride: 2, padding: 1, act: relu}
      - conv: {out: 64, kernel: 3, padding: 1, act: relu}
    expect: {params: 60_160}
Cure:
    Downsample in smaller steps, with layers between.

    inputs: {image: [3, 64, 64]}
    layers:
      - conv: {out: 32, kernel: 7, stride: 2, padding: 3, act: relu}
      - maxpool: 2
      - conv: {out: 64, kernel: 3, padding: 1, act: relu}
      - conv: {out: 64, kernel: 3, padding: 1, act: relu}
    expect: {params: 60_160}
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.windows import windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS312", "steep-downsampling", "warning"
LEAST, WITHIN = 32, 3
COUNTED = ("projection", "recurrent", "attention")


class Pass(NamedTuple):
    """A layer that counts: the sizes of the map that it takes, and its strides; none for one without a window."""

    sizes: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    patches: bool = False  # a convolution that looks at each position once


def check(context: Context) -> Iterator[Finding]:
    """The first layer on each way at which the stride is too large."""
    for run in context.runs:
        passed: dict[Use | None, tuple[Pass, ...]] = {}
        for use in run.uses:
            before: tuple[Pass, ...] = ()
            if len(use.sources) == 1:
                before = passed.get(use.source, ())
            elif ways := [passed[source] for source in use.sources if source is not None]:
                before = max(ways, key=stride)
            passed[use] = passes = behind(use, before)
            if not passes or passes is before or max(passes[-1].strides, default=1) == 1 or stride(passes) < LEAST:
                continue
            moving = [layer for layer in passes if max(layer.strides, default=1) > 1]
            if len(moving) > 1 or not moving[0].patches:
                passed[use] = ()  # said once
                sizes = ["x".join(map(str, shape)) for shape in (moving[0].sizes, use.call.traits.outputs[0][2:])]
                within = f"{len(passes[passes.index(moving[0]) :])} layers" if len(moving) > 1 else "one layer"
                message = f"{sizes[0]} positions become {sizes[1]} within {within}: stride {stride(passes)}"
                hint = "downsample in smaller steps, with layers between"
                yield context.finding(CODE, message, use=use, run=run, hint=hint, values=(stride(passes),))


def behind(use: Use, before: tuple[Pass, ...]) -> tuple[Pass, ...]:
    """The last layers that count, behind a layer."""
    axes = windows(use)
    if len(axes) > 1:
        if all(axis.cover >= axis.size for axis in axes):
            return ()  # the whole map is pooled
        patches = use.layer.role == "projection" and all(axis.cover == axis.stride for axis in axes)
        layer = Pass(tuple(axis.size for axis in axes), tuple(axis.stride for axis in axes), patches)
        return (*before, layer)[-WITHIN:]
    return (*before, Pass())[-WITHIN:] if use.layer.role in COUNTED else before


def stride(passes: tuple[Pass, ...]) -> int:
    """The largest stride of an axis over several layers."""
    sliding = [layer.strides for layer in passes if layer.strides]
    return max(map(prod, zip(*sliding, strict=False)), default=1)
