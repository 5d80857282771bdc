"""A normalisation of what is normalised.

What:
    A normalisation whose input another one has put out, with at most reshaping and dropout between, where nothing else
    takes the first one's output. Local response normalisation is exempt: it divides by its neighbours alone.
Why:
    The second takes out again the scale and shift that the first has learned: weights and passes over memory to little
    effect.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1, bias: false, norm: batchnorm}
      - batchnorm
      - relu
    expect: {params: 496}
Cure:
    Keep one.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1, bias: false, norm: batchnorm}
      - relu
    expect: {params: 464}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS305", "repeated-norm", "warning"


def check(context: Context) -> Iterator[Finding]:
    """Each normalisation that this file writes, or whose input it does."""
    for run, use in context.uses:
        before = use.giver if normalises(use) else None
        if before is None or not normalises(before) or not alone(before, use):
            continue
        if context.is_own(use) or context.is_own(before):
            name, first = use.call.node.name, before.call.node.name
            message = f"a normalisation of what is normalised: `{name}` takes the output of `{first}`"
            yield context.finding(CODE, message, use=use, run=run, hint="keep one of the two")


def normalises(use: Use) -> bool:
    """Whether a layer scales by statistics of what it normalises, not of an element's neighbours."""
    return bool(use.layer.role == "normalisation" and use.layer.sees != "channels")


def alone(before: Use, use: Use) -> bool:
    """Whether a layer's output goes to another one and nowhere else."""
    while before is not use:
        if before.is_output or len(before.consumers) != 1:
            return False
        before = before.consumers[0]
    return True
