"""A layer without an effect where it stands.

What:
    An activation right behind one that makes it idle (relu behind relu), a dropout on the network's result, a dropout
    whose output goes into a batch normalisation.
Why:
    The first does nothing. The second makes results random in training. The third shifts the variances that the
    normalisation learns in training against those of inference (https://arxiv.org/abs/1801.05134).
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
      - relu
    expect: {params: 448}
Cure:
    Remove it, or move it.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1, act: relu}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS303", "idle-layer", "warning"
# Behind these relu changes nothing; behind itself, neither does an idempotent function.
NOT_NEGATIVE = {"relu", "relu6", "sigmoid", "hardsigmoid", "softmax", "softplus"}
IDEMPOTENT = {"relu", "relu6", "hardtanh"}


def check(context: Context) -> Iterator[Finding]:
    """Layers of this file."""
    for run, use in context.uses():
        if use.again or not context.is_own(use):
            continue
        message = idle(use)
        if message:
            yield context.found(CODE, message, use=use, run=run)


def idle(use: Use) -> str:
    """What is wrong with a layer where it stands, or nothing."""
    source = use.source
    if source is not None and (
        (use.kind in IDEMPOTENT and source.kind == use.kind) or (use.kind == "relu" and source.kind in NOT_NEGATIVE)
    ):
        return f"{use.kind} behind {source.kind} changes nothing"
    if use.kind == "dropout" and getattr(use.call.traits.kind, "p", None):
        if use.is_output:
            return "dropout on the network's result"
        if any(one.kind == "batchnorm" for one in use.consumers):
            return "dropout before a batch normalisation shifts its statistics"
    return ""
