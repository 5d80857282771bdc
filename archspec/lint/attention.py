"""Calls of the standard attention blocks in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from archspec.graph.graph import Group
from archspec.language.blocks import block_called
from archspec.language.nodes import UseNode
from archspec.lint.context import Context, Run
from archspec.lint.editing import says
from archspec.lint.flow import Use
from archspec.text.findings import Finding

BLOCKS = {"attention", "fused_attention", "cross_attention"}


class AttentionCall(NamedTuple):
    """A call of a block, its attention's facts, and where it stands."""

    node: UseNode
    group: Group
    facts: dict[str, Any]
    use: Use
    run: Run


def calls(context: Context) -> Iterator[AttentionCall]:
    """Calls that this file writes, of blocks it does not redefine."""
    for run, use in context.uses:
        if use.kind != "scaled_dot_product_attention" or use.again or not use.groups:
            continue
        group = use.groups[-1]
        node = group.node
        if not isinstance(node, UseNode) or node.file != context.file or group.label not in BLOCKS:
            continue
        if block_called(group.label, node).home is not context.home:
            yield AttentionCall(node, group, use.call.traits.facts, use, run)


def unsaid(
    context: Context, code: str, call: AttentionCall, message: str, *, key: str, value: str, more: str = "", **of: Any
) -> Finding:
    """The finding of an argument that a call leaves out; its fix says it. ``of`` goes to the finding."""
    path = (*context.steps(call.node.path), "with")
    written = {"hint": f"write {key}: {value}{more}", "fix": says(context, path, key, value, safe=True), **of}
    return context.finding(code, message, use=call.use, run=call.run, path=path, **written)
