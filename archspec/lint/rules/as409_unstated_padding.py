"""A window without a word on padding.

What:
    A convolution with a kernel above 1 and stride 1 that does not give `padding`. Exempt are windows that take in the
    whole input, and those right behind a `pad` layer.
Why:
    Without padding the map shrinks: a usual slip, found late where a skip does not fit. The fix is not a safe one
    because shapes change.
Example:
    layers:
      - conv: {out: 16, kernel: 3, act: relu}
    expect: {params: 448}
Cure:
    Write `padding: half` to keep the size, or `padding: 0` to say that it is meant.

    layers:
      - conv: {out: 16, kernel: 3, padding: half, act: relu}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.editing import says
from archspec.lint.origin import argument_path
from archspec.lint.windows import Window, windows
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS409", "unstated-padding", "warning", "unsafe"


def check(context: Context) -> Iterator[Finding]:
    """Convolutions of this file."""
    for run, use in context.own_layers:
        axes = windows(use) if use.kind == "conv" else []
        if any(axis.stride > 1 for axis in axes) or not any(map(shrinks, axes)):
            continue
        node = use.call.node
        if argument_path(context, node, "padding") or (use.source is not None and use.source.kind == "pad"):
            continue
        odd = all(axis.kernel % 2 for axis in axes)
        path = (*context.steps(node.path), *node.keys)
        yield context.finding(
            CODE,
            "the kernel is above 1 and `padding` is not given: the map shrinks",
            use=use,
            run=run,
            path=path,
            key=True,
            hint="write padding: half to keep the size, or padding: 0",
            fix=says(context, path, "padding", "half", node.kind.main, safe=False) if odd else None,
        )


def shrinks(axis: Window) -> bool:
    """Whether a window makes its axis shorter, but not down to one position."""
    return 1 < axis.cover < axis.size
