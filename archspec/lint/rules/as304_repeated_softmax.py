"""A softmax of a softmax.

What:
    A softmax or log-softmax whose input a softmax or log-softmax has put out, with at most reshaping and dropout
    between.
Why:
    Probabilities lie between 0 and 1: the second softmax makes them all nearly equal, gradients vanish, and the network
    can no longer be sure of anything. A log-softmax of logarithms changes nothing.
Example:
    layers:
      - flatten
      - {linear: {out: 10, act: softmax}}
      - log_softmax
    expect: {params: 30_730}
Cure:
    Keep one; none where the loss takes logits, as PyTorch's CrossEntropyLoss does.

    layers:
      - flatten
      - linear: 10
      - log_softmax
    expect: {params: 30_730}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS304", "repeated-softmax", "warning"


def check(context: Context) -> Iterator[Finding]:
    """Each softmax that this file writes, or whose input it does."""
    for run, use in context.uses:
        before = use.giver if softens(use) else None
        if before is not None and softens(before) and (context.is_own(use) or context.is_own(before)):
            message = f"a softmax of a softmax: `{use.call.node.name}` takes the output of `{before.call.node.name}`"
            yield context.finding(CODE, message, use=use, run=run, hint="keep one, or none where the loss takes logits")


def softens(use: Use) -> bool:
    """Whether a layer is a softmax or its logarithm."""
    return use.kind in ("softmax", "log_softmax")
