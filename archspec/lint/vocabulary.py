"""Embeddings and the heads that turn back into their vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context, Run
from archspec.lint.flow import Use


def pairs(context: Context) -> Iterator[tuple[Run, Use, Use]]:
    """Each embedding [vocab, dim] and linear layer from dim to vocab of one network, wherever the sizes are numbers."""
    for run in context.runs:
        embeddings = [use for use in run.uses if use.kind == "embedding" and not use.again]
        for head in run.uses if embeddings else ():
            if head.kind != "linear" or head.again:
                continue
            for use in embeddings:
                facts = head.call.traits.facts
                layer = use.call.traits.kind
                sizes = (layer.vocab, layer.dim)  # type: ignore[attr-defined]
                if all(type(size) is int for size in sizes) and sizes == (facts["out_features"], facts["in_features"]):
                    yield run, use, head
