"""Two linear maps with nothing between them.

What:
    A convolution or linear layer that only another one takes, at most through dropout or batch normalisation, without
    an activation between. Exempt are pairs that save something: a narrow middle (low rank), groups (depthwise and
    pointwise), windows along different axes (1x3 and 3x1).
Why:
    Two linear maps in a row are one: the second adds weights and operations, not what the network can express.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
    expect: {params: 2768}
Cure:
    Put an activation between them, or keep one.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
    expect: {params: 2768}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS302", "collapsing-pair", "warning"
PAIRS = ("conv", "linear")


def check(context: Context) -> Iterator[Finding]:
    """Pairs of which this file writes the second."""
    for run, use in context.uses:
        if use.kind not in PAIRS or not context.is_own(use):
            continue
        before = use.source
        while before is not None and _passes(before) and len(before.consumers) == 1:
            before = before.source
        if before is None or before.kind != use.kind or len(before.consumers) != 1 or before.is_output:
            continue
        if collapses(before, use):
            name, behind = before.call.node.name, use.call.node.name
            same = before.call.node is use.call.node
            pair = f"`{name}` in a row is" if same else f"`{name}` and `{behind}` are"
            yield context.finding(CODE, f"{pair} one linear map: no activation between them", use=use, run=run)


def _passes(use: Use) -> bool:
    """Whether a layer leaves a linear map linear, and does no more than scale and shift each of its elements."""
    shapes = use.call.traits.inputs == use.call.traits.outputs
    return shapes and use.layer.linear and use.layer.sees == "element"


def collapses(first: Use, second: Use) -> bool:
    """Whether one layer could do what the two do, at no greater cost."""
    a, b = first.call.traits.facts, second.call.traits.facts
    if first.kind == "linear":
        return _wide(a["in_features"], a["out_features"], b["out_features"])
    kernels = list(zip(a["kernel"], b["kernel"], strict=False))
    separable = all(max(side) > 1 for side in zip(*kernels, strict=True)) and all(1 in pair for pair in kernels)
    return a["groups"] == 1 == b["groups"] and not separable and _wide(a["c_in"], a["c_out"], b["c_out"])


def _wide(before: Any, middle: Any, after: Any) -> bool:
    """Whether the middle is no bottleneck: the product of the two maps then has full rank."""
    return bool(middle >= min(before, after))
