"""A recurrent layer that does not say how many biases it has.

What:
    An lstm, gru or rnn without `bias`.
Why:
    PyTorch has two bias vectors for each layer and direction, Keras one, textbooks none: the same layer has three
    parameter counts.
Example:
    inputs: {words: [16, 32]}
    layers:
      - lstm: 64
    expect: {params: 25_088}
Cure:
    Write `bias: 2`, `1` or `false`.

    inputs: {words: [16, 32]}
    layers:
      - lstm: {hidden: 64, bias: 2}
    expect: {params: 25_088}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.language.nodes import LayerNode
from archspec.lint.context import Context
from archspec.lint.editing import says
from archspec.lint.origin import argument_path
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS408", "unstated-bias", "warning", "safe"


def check(context: Context) -> Iterator[Finding]:
    """Recurrent layers of this file."""
    for node, _ in context.nodes():
        if isinstance(node, LayerNode) and node.kind.role == "recurrent" and not argument_path(context, node, "bias"):
            path = (*context.steps(node.path), *node.keys)
            yield context.finding(
                CODE,
                f"the {node.kind.kind} does not say how many bias vectors it has",
                path=path,
                key=True,
                hint="write bias: 2 as in PyTorch, 1 as in Keras, or false",
                fix=says(context, path, "bias", "2", node.kind.main, safe=True),
            )
