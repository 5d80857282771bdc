"""One linear layer with most of the parameters.

What:
    A linear layer on flattened features with more than half of a network's parameters, in a network of a million or
    more.
Why:
    Such a layer is usually replaceable by pooling the features first, as networks since GoogLeNet do: fewer weights,
    less to overfit, and images of any size.
Example:
    layers:
      - conv: {out: 64, kernel: 3, padding: 1, act: relu}
      - maxpool: 2
      - flatten
      - linear: {out: 256, act: relu}
      - linear: 10
    expect: {params: 4_198_922}
Cure:
    Pool before the layer, or say why not.

    layers:
      - conv: {out: 64, kernel: 3, padding: 1, act: relu}
      - global_avgpool
      - flatten
      - linear: {out: 256, act: relu}
      - linear: 10
    expect: {params: 21_002}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS203", "dominant-layer", "info"
LEAST = 1_000_000


def check(context: Context) -> Iterator[Finding]:
    """The linear layers behind a flatten."""
    for run, use in context.layers:
        if use.kind != "linear":
            continue
        total = run.report.totals["params"]
        params = use.call.traits.facts["params"]
        if type(total) is not int or total < LEAST or 2 * params <= total or not flattened(use):
            continue
        share = f"{100 * params // total} % of the parameters, {params:,} of {total:,}"
        message = f"`{use.call.name}` has {share}"
        yield context.finding(CODE, message, use=use, run=run, hint="pool the features before it")


def flattened(use: Use) -> bool:
    """Whether a layer's input was more than one position."""
    source = use.source
    while source is not None and source.layer.memory in ("input", "reshape"):  # every element, in the same order
        if source.layer.memory == "reshape" and any(size != 1 for size in source.call.traits.inputs[0][2:]):
            return True
        source = source.source
    return False
