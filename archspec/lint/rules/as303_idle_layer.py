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


def check(context: Context) -> Iterator[Finding]:
    """Layers of this file."""
    for run, use in context.own_layers:
        message = idle(use)
        if message:
            yield context.finding(CODE, message, use=use, run=run)


def idle(use: Use) -> str:
    """What is wrong with a layer where it stands, or nothing."""
    source = use.source
    if use.layer.clamps and source is not None and within(source.layer.bounds, use.layer.bounds):
        return f"{use.kind} behind {source.kind} changes nothing"
    if use.kind == "dropout" and use.layer.p:
        if use.is_output:
            return "dropout on the network's result"
        if any(taker.kind == "batchnorm" for taker in use.consumers):
            return "dropout before a batch normalisation shifts its statistics"
    return ""


def within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    """Whether a range lies in another."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]
