"""Which instances of a repeat are alike: whether a node's expressions refer to ``$index``, and to what effect."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archspec.expr import Expr
from archspec.graph.frame import Frame, resolve
from archspec.language.nodes import BranchesNode, ChosenNode, LayerNode, Node, SeqNode, UseNode
from archspec.sizes import Size, same

MAX_UNFOLDED = 10_000  # instances of one repeat that differ from each other


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


def run_length(node: Node, child: Frame, index: int, left: Size, indexed: bool, stays: bool) -> Size:
    """How many instances from ``index`` on are alike: all the rest where shapes stay and none uses the index."""
    if stays and not indexed:
        return left
    run = 1
    if stays and isinstance(node, UseNode) and type(left) is int:
        key = resolve(dict(node.arguments), child), resolve(node.block, child)
        while run < min(left, MAX_UNFOLDED):
            child.env["index"] = index + run
            if not same((resolve(dict(node.arguments), child), resolve(node.block, child)), key):
                break
            run += 1
    return run
