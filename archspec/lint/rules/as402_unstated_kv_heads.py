"""Many heads, and no word on those of keys and values.

What:
    A call of the block `attention` or `cross_attention` with more than 8 heads and no `kv_heads`.
Why:
    Whether queries share keys decides the size of the cache, the largest cost of serving a model; the default, one
    for each head, is easily taken for a decision.
Example:
    inputs: {tokens: [16, 64]}
    layers:
      - {use: attention, with: {heads: 16, bias: false}}
    expect: {params: 16_384}
Cure:
    Write `kv_heads`: as many as heads, or fewer.

    inputs: {tokens: [16, 64]}
    layers:
      - {use: attention, with: {heads: 16, kv_heads: 16, bias: false}}
    expect: {params: 16_384}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.attention import calls, unsaid
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS402", "unstated-kv-heads", "warning", "safe"
MANY = 8


def check(context: Context) -> Iterator[Finding]:
    """Calls of this file."""
    for call in calls(context):
        heads = call.facts["q_heads"]
        if call.group.label == "fused_attention" or "kv_heads" in call.node.arguments or heads <= MANY:
            continue
        written = str(context.at((*context.steps(call.node.path), "with", "heads")))
        message = f"{heads} heads, and `kv_heads` is not given"
        yield unsaid(context, CODE, call, message, key="kv_heads", value=written, more=", or fewer")
