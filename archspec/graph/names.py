"""Whether a node's expressions refer to the ``$index`` of a repeat."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archspec.expr import Expr
from archspec.language.nodes import BranchesNode, ChosenNode, LayerNode, Node, SeqNode, UseNode


@lru_cache(maxsize=4096)
def uses_index(node: Node) -> bool:
    """Whether anything in a node, its own `repeat` and `when` apart, refers to ``$index``."""
    if isinstance(node, LayerNode):
        return refers(dict(node.expressions))
    if isinstance(node, UseNode):
        return refers([node.block, dict(node.arguments)])
    if isinstance(node, ChosenNode):
        return refers(node.choice)
    if isinstance(node, SeqNode):
        return any(refers([child.when, child.repeat]) or uses_index(child) for child in node.body)
    if isinstance(node, BranchesNode):
        return any(map(uses_index, (*node.branches, node.merge, *node.act)))
    return False


def refers(value: Any) -> bool:
    """Whether ``$index`` stands anywhere in a value's expressions."""
    if isinstance(value, Expr):
        return "index" in value.names
    if isinstance(value, (list, tuple)):
        return any(map(refers, value))
    if isinstance(value, dict):
        return any(map(refers, value.values()))
    return False
