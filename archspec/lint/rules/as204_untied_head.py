"""An embedding and a head that are two large matrices.

What:
    An embedding and a linear layer back to the same vocabulary that share no weights and together have more than a
    fifth of the network's parameters.
Why:
    Tied, the matrix is there once; most small language models do so.
Example:
    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 32000, dim: 64}, id: embed}
      - linear: {out: 64, act: gelu}
      - {linear: {out: 32000, bias: false}, tie: null}
    expect: {params: 4_100_160}
Cure:
    Tie the head to the embedding, or say why not.

    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 32000, dim: 64}, id: embed}
      - linear: {out: 64, act: gelu}
      - {linear: {out: 32000, bias: false}, tie: embed}
    expect: {params: 2_052_160}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.vocabulary import pairs
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS204", "untied-head", "info"


def check(context: Context) -> Iterator[Finding]:
    """Each embedding with its head."""
    for run, embedding, head in pairs(context):
        total = run.report.totals["params"]
        both = embedding.call.traits.facts["params"] + head.call.traits.facts["params"]
        if not head.call.shared and type(total) is int and 5 * both > total:
            share = f"{100 * both // total} % of the parameters, {both:,} of {total:,}"
            message = f"`{embedding.call.name}` and `{head.call.name}` have {share}"
            yield context.finding(CODE, message, use=head, run=run, hint=f"tie: {embedding.call.name}")
