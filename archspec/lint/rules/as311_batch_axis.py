"""An input whose first axis looks like the batch.

What:
    An input such as [1, 3, 224, 224] that goes into a convolution or pool: four axes, the second of them 1 or 3, as the
    channels of an image are, the last two 16 or more.
Why:
    The batch axis is never written. With it the convolution is a 3-d one over a single channel: it counts a kernel too
    many, and the image's channels become its depth. The fix is not a safe one because figures change.
Example:
    inputs: {image: [1, 3, 32, 32]}
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
Cure:
    Leave it out; `--batch` says how many samples there are.

    inputs: {image: [3, 32, 32]}
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.errors import Span
from archspec.lint.context import Context
from archspec.lint.editing import fix
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS311", "batch-axis", "warning", "unsafe"
IMAGE = (1, 3)  # channels
LEAST = 16


def check(context: Context) -> Iterator[Finding]:
    """The inputs, in each variant that has a window on one."""
    for run in context.runs:
        for name, tensor in run.report.graph.inputs.items():
            shape: Any = tensor.shape[1:]
            windows = [use for use in run.uses if use.layer.sees == "window" and use.call.traits.inputs[0][1:] == shape]
            if not windows or not batched(shape):
                continue
            path: tuple[str, ...] = ("inputs", name)
            if isinstance(context.at(path), dict):
                path = (*path, "shape")
            (line, column, *_), (end, end_column, *_) = context.span((*path, 0)), context.span((*path, 1))
            what = f"`{windows[0].path}` is 3-d here, over {shape[0]} channel{'s' * (shape[0] != 1)}"
            yield context.finding(
                CODE,
                f"the first axis of `{name}` looks like a batch: {what}",
                path=path,
                run=run,
                hint=f"leave it out: [{', '.join(map(str, shape[1:]))}]",
                values=(name, *shape),
                fix=fix("leave it out", Edit(Span(line, column, end, end_column), ""), safe=False),
            )


def batched(shape: tuple[int, ...]) -> bool:
    """Whether an image stands behind the first axis, which is not itself the channels of a few frames or slices."""
    return len(shape) == 4 and shape[0] not in (3, 4) and shape[1] in IMAGE and min(shape[2:]) >= LEAST
