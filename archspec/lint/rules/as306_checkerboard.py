"""A transposed convolution whose windows overlap unevenly.

What:
    A transposed convolution with a stride above 1 that does not divide its kernel.
Why:
    Neighbouring positions are then covered by different numbers of windows, which shows as a checkerboard in the output
    (https://distill.pub/2016/deconv-checkerboard).
Example:
    layers:
      - conv_transpose: {out: 8, kernel: 3, stride: 2}
    expect: {params: 224}
Cure:
    Choose a kernel that is a multiple of the stride, or upsample and convolve.

    layers:
      - conv_transpose: {out: 8, kernel: 4, stride: 2, padding: 1}
    expect: {params: 392}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.origin import argument_path
from archspec.lint.windows import steps
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS306", "checkerboard", "warning"


def check(context: Context) -> Iterator[Finding]:
    """Every transposed convolution; those whose kernel is a default of the file are found there, once."""
    for run, use in context.layers:
        if use.kind != "conv_transpose":
            continue
        pairs = steps(use)
        uneven = next(((k, s) for k, s in pairs if type(s) is int and s > 1 and k % s), None)
        if uneven:
            path = argument_path(context, use.call.node, "kernel") if context.is_own(use) else None
            message = f"stride {uneven[1]} does not divide the kernel, {uneven[0]}: windows overlap unevenly"
            yield context.finding(CODE, message, use=use, run=run, path=path, values=uneven)
