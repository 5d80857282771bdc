"""A window that steps over positions.

What:
    A convolution or pool whose stride is larger than its kernel, dilation included. A kernel of 1 is exempt: it is a
    projection that also subsamples, as in ResNet's shortcuts.
Why:
    Positions between the windows are never looked at.
Example:
    layers:
      - maxpool: {kernel: 2, stride: 3}
      - conv: {out: 16, kernel: 1}
    expect: {params: 64}
Cure:
    Enlarge the kernel or lower the stride.

    layers:
      - maxpool: 3
      - conv: {out: 16, kernel: 1}
    expect: {params: 64}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.windows import windowed
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS206", "skipped-positions", "info"


def check(context: Context) -> Iterator[Finding]:
    """Every window, by axis."""
    for run, use, axis in windowed(context, lambda axis: 1 < axis.cover < axis.stride):
        message = f"stride {axis.stride} steps over positions: the window covers {axis.cover}"
        yield context.finding(CODE, message, use=use, run=run, values=(axis.stride, axis.cover))
