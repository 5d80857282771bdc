"""A head that could be the embedding, and no word on it.

What:
    A linear layer from an embedding's width back to its vocabulary, without `tie`.
Why:
    Frameworks differ in what they take for granted (`tie_word_embeddings`), and a checkpoint loaded under the wrong
    default talks gibberish. What is meant should stand in the file.
Example:
    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 512, dim: 64}, id: embed}
      - linear: {out: 64, act: gelu}
      - linear: {out: 512, bias: false}
    expect: {params: 69_696}
Cure:
    Write `tie: ID` with the embedding's id, or `tie: null` where the two are apart.

    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 512, dim: 64}, id: embed}
      - linear: {out: 64, act: gelu}
      - {linear: {out: 512, bias: false}, tie: embed}
    expect: {params: 36_928}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.editing import fix, named
from archspec.lint.vocabulary import pairs
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS403", "unstated-tie", "warning", "safe"


def check(context: Context) -> Iterator[Finding]:
    """Heads that this file writes."""
    for run, embedding, head in pairs(context):
        node = head.call.node
        if context.is_own(head) and "tie" not in node.data:
            yield context.finding(
                CODE,
                f"`{head.call.name}` has the shape of `{embedding.call.name}`, and does not say whether they are tied",
                use=head,
                run=run,
                hint=f"write tie: {embedding.call.name}, or tie: null",
                fix=fix("write tie: null", named(context, context.steps(node.path), "tie", "null"), safe=True),
            )
