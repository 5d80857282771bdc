"""A window that does not reach the last position.

What:
    A convolution or pool whose steps leave positions over at the end: (size + padding - kernel) % stride is not 0.
    Off by default: the stems of most published networks do it, ResNet's too.
Why:
    What is left over depends on the size of the image, so that two sizes see different borders.
Example:
    layers:
      - conv: {out: 16, kernel: 7, stride: 2, padding: 3}
    expect: {params: 2368}
Cure:
    Choose a padding or a size that comes out even.

    inputs: {image: [3, 33, 33]}
    layers:
      - conv: {out: 16, kernel: 7, stride: 2, padding: 3}
    expect: {params: 2368}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.windows import Window, windowed
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, DEFAULT = "AS207", "cropped-border", "info", False


def check(context: Context) -> Iterator[Finding]:
    """Every window, by axis; a pool that rounds up leaves nothing over."""
    for run, use, axis in windowed(context, lambda axis: left_over(axis) > 0):
        if getattr(use.layer, "ceil", False) is not True:
            left = left_over(axis)
            message = f"of {axis.size} positions the last {left} are not covered"
            yield context.finding(CODE, message, use=use, run=run, values=(axis.size, left))


def left_over(axis: Window) -> int:
    """Positions behind the last window."""
    return (axis.size + axis.padding - axis.cover) % axis.stride
