"""A vocabulary that is not a multiple of 64.

What:
    An embedding whose vocabulary, 1000 or more, is the width of a later linear layer, the head, and no multiple of 64.
Why:
    The head is the largest matrix product of a small language model; padded to a multiple of 64 it runs faster, and the
    weights added are never asked for.
Example:
    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 50257, dim: 64}, id: embed}
      - {linear: {out: 50257, bias: false}, tie: embed}
    expect: {params: 3_216_448}
Cure:
    Pad it, as nanoGPT pads 50257 to 50304.

    inputs: {tokens: {shape: [16], dtype: int64}}
    layers:
      - {embedding: {vocab: 50304, dim: 64}, id: embed}
      - {linear: {out: 50304, bias: false}, tie: embed}
    expect: {params: 3_219_456}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.origin import origin, rewritten
from archspec.lint.vocabulary import pairs
from archspec.sizes import ceil_div
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS202", "uneven-vocabulary", "info", "unsafe"
MULTIPLE, LEAST = 64, 1000


def check(context: Context) -> Iterator[Finding]:
    """The embeddings that have a head."""
    for run, embedding, head in pairs(context):
        vocab = embedding.layer.vocab
        if vocab % MULTIPLE == 0 or vocab < LEAST:
            continue
        padded = MULTIPLE * ceil_div(vocab, MULTIPLE)
        first = origin(context, run, embedding, "vocab")
        places = {place for place in (first, origin(context, run, head, "out")) if place}
        yield context.finding(
            CODE,
            f"a vocabulary of {vocab} is no multiple of {MULTIPLE}",
            use=embedding,
            run=run,
            path=first.path if first else None,
            hint=f"{padded} is the next",
            values=(vocab,),
            fix=rewritten(places, vocab, padded),
        )
