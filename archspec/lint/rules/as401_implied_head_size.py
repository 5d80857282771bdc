"""Attention whose heads do not make up its width, without saying so.

What:
    A call of a standard attention block where heads times the size of a head is not the input's width and `head_dim`
    is not given; or where the heads do not divide the width at all, which does not load.
Why:
    The size of a head is then a hidden default, worked out from another width than the one a reader sees.
Example:
    inputs: {tokens: [16, 64]}
    layers:
      - {use: fused_attention, with: {heads: 4, dim: 128}}
    expect: {params: 41_472}
Cure:
    Write `head_dim`, or take heads that divide the width.

    inputs: {tokens: [16, 64]}
    layers:
      - {use: fused_attention, with: {heads: 4, dim: 128, head_dim: 32}}
    expect: {params: 41_472}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.errors import ArchspecError
from archspec.lint.attention import calls, unsaid
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS401", "implied-head-size", "warning", "safe"


def check(context: Context) -> Iterator[Finding]:
    """Calls of this file that do not give `head_dim`."""
    sizes: dict[object, set[int]] = {}
    every = list(calls(context))
    for call in every:
        sizes.setdefault(call.node, set()).add(call.facts["head_dim"])
    for call in every:
        width = call.group.body.shapes_in()[0][-1]
        heads, size = call.facts["q_heads"], call.facts["head_dim"]
        if "head_dim" not in call.node.arguments and heads * size != width:
            message = f"{heads} heads of {size} are not the input's width, {width}"
            several: dict[str, Any] = {} if len(sizes[call.node]) == 1 else {"fix": None}
            values = (heads, size, width)
            yield unsaid(context, CODE, call, message, key="head_dim", value=str(size), values=values, **several)


def claims(error: ArchspecError) -> bool:
    """Whether an error is the width that its heads do not divide."""
    return error.fault is not None and error.fault.sort == "unmet-condition" and error.argument == "heads"
