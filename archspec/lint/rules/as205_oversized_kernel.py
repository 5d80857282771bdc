"""A window that covers more than the whole map.

What:
    A convolution or pool whose window, dilation included, is larger than its input along every axis. It fits only
    because of its padding.
Why:
    Wherever the window stands, a part of it lies on zeros: weights and operations for nothing. Maps are often smaller
    than one thinks, where a network for large images is used on small ones.
Example:
    inputs: {image: [3, 4, 4]}
    layers:
      - conv: {out: 16, kernel: 7, padding: 3}
    expect: {params: 2368}
Cure:
    Take a kernel that fits, or downsample less before it.

    inputs: {image: [3, 4, 4]}
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.windows import windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS205", "oversized-kernel", "info"


def check(context: Context) -> Iterator[Finding]:
    """Every window of this file's layers."""
    for run, use in context.own_layers:
        axes = windows(use)
        if axes and all(axis.cover > axis.size for axis in axes):
            cover = "x".join(str(axis.cover) for axis in axes)
            sizes = "x".join(str(axis.size) for axis in axes)
            message = f"the window covers {cover}, the map of `{use.call.name}` is {sizes}"
            hint = "take a kernel that fits, or downsample less before it"
            yield context.finding(CODE, message, use=use, run=run, hint=hint, values=(cover, sizes))
