"""Which names a spec's expressions refer to: instances of a repeat are alike unless they ask for ``$index``, calls of a
block are unless the variables that it asks for differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from archspec.expr import Expr
from archspec.graph.frame import Frame, resolve
from archspec.language.building import expressions, frozen
from archspec.language.nodes import Block, ChosenNode, LayerNode, Node, UseNode
from archspec.language.templates import names_in
from archspec.sizes import Size, same

MAX_UNFOLDED = 10_000  # instances of one repeat that differ from each other


def uses_index(node: Node) -> bool:
    """Whether anything in a node, its own `repeat` and `when` apart, refers to ``$index``."""
    return "index" in _names(node)


def asked(block: Block, file_env: Mapping[str, Any]) -> tuple[Any, ...]:
    """The variables of its file that a block refers to, or one that it calls: its own parameters may hide them."""
    names = _of_block(block)
    return tuple([frozen(value) for name, value in file_env.items() if names is None or name in names])


@lru_cache(maxsize=1024)
def _of_block(block: Block) -> frozenset[str] | None:
    """The names that a block and those of its file that it calls refer to; None where it may call any of them."""
    names: set[str] = set()
    met, left = {block.name}, [block]
    while left:
        for node in _inside(left.pop().layers):
            names.update(_names(node), _around(node))
            if isinstance(node, UseNode):
                if isinstance(node.block, Expr):
                    return None
                if node.block in block.home.blocks and node.block not in met:
                    met.add(node.block)
                    left.append(block.home.blocks[node.block])
    for name in met:
        names.update(*map(names_in, block.home.blocks[name].outputs))
        names.update(_of([parameter.default for parameter in block.home.blocks[name].params.values()]))
    return frozenset(names)


def _inside(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and all inside them."""
    for node in nodes:
        yield node
        yield from _inside(node.parts)


@lru_cache(maxsize=4096)
def _names(node: Node) -> frozenset[str]:
    """The names in a node, without those that its instances are told by from outside (see `_around`)."""
    copies = node.copies
    names = names_in(node.tie) | (frozenset() if copies is None else _of([copies.count, copies.active, copies.stacked]))
    if isinstance(node, LayerNode):
        return names | _of([dict(node.expressions), node.weights])
    if isinstance(node, UseNode):
        return names | _of([node.block, dict(node.arguments)])
    if isinstance(node, ChosenNode):
        return names | _of([node.choice, expressions(dict(node.defaults))])
    return names.union(*[_names(part) | _around(part) for part in node.parts])


def _around(node: Node) -> frozenset[str]:
    """The names in a node's own `from`, `each`, `repeat` and `when`, which are worked out before its instances."""
    values = node.each.values if node.each is not None else None
    return _of([node.when, node.repeat, values]).union(*map(names_in, node.sources or ()))


def _of(value: Any) -> frozenset[str]:
    """The names in a value's expressions."""
    if isinstance(value, Expr):
        return value.names
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return frozenset()
    return frozenset().union(*map(_of, value))


def run_length(node: Node, child: Frame, index: int, left: Size, indexed: bool, stays: bool) -> Size:
    """How many instances from ``index`` on are alike: all the rest where shapes stay and none uses the index."""
    if stays and not indexed:
        return left
    run = 1
    if stays and isinstance(node, UseNode) and type(left) is int:
        key = _asked(node, child)
        while run < min(left, MAX_UNFOLDED):
            child.env["index"] = index + run
            if not same(_asked(node, child), key):
                break
            run += 1
    return run


def _asked(node: UseNode, frame: Frame) -> tuple[Any, ...]:
    """What tells a call of a block from others in the same place."""
    return resolve(dict(node.arguments), frame), resolve(node.block, frame), node.tie and frame.filled(node.tie)
