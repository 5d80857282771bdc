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
from archspec.lint.windows import windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, DEFAULT = "AS207", "cropped-border", "info", False


def check(context: Context) -> Iterator[Finding]:
    """Every window, by axis; a pool that rounds up leaves nothing over."""
    for run, use in context.uses():
        if use.again or getattr(use.call.traits.kind, "ceil", False) is True:
            continue
        for axis in windows(use):
            left = (axis.size + axis.padding - axis.cover) % axis.stride
            if left:
                yield context.found(
                    CODE,
                    f"of {axis.size} positions the last {left} are not covered",
                    use=use,
                    run=run,
                    values=(axis.size, left),
                )
                break
