"""Which names a spec's expressions refer to: instances of a repeat are alike unless they ask for ``$index``, calls of a
block are unless the variables that it asks for differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from archspec.errors import ArchspecError
from archspec.expr import Expr
from archspec.graph.frame import Frame, resolve
from archspec.language.building import expressions, frozen
from archspec.language.nodes import Block, ChosenNode, LayerNode, Node, UseNode
from archspec.language.templates import names_in
from archspec.sizes import Size, same

MAX_UNFOLDED = 10_000  # instances of one repeat that differ from each other


def asked(block: Block, file_env: Mapping[str, Any]) -> tuple[Any, ...]:
    """The variables of its file that a block refers to, or one that it calls: its own parameters may hide them."""
    names = _of_block(block)
    return tuple([frozen(value) for name, value in file_env.items() if names is None or name in names])


@lru_cache(maxsize=1024)
def _of_block(block: Block) -> frozenset[str] | None:
    """The names that a block and those of its file that it calls refer to; None where it may call any of them."""
    names: set[str] = set()
    met, left = {block.name: block}, [block]
    while left:
        for node in _inside(left.pop().layers):
            names.update(_names(node), _around(node))
            if isinstance(node, UseNode):
                if isinstance(node.block, Expr):
                    return None
                if node.block in block.home.blocks and node.block not in met:
                    met[node.block] = block.home.blocks[node.block]
                    left.append(met[node.block])
    for called in met.values():
        names.update(*map(names_in, called.outputs))
        names.update(_of([parameter.default for parameter in called.params.values()]))
    return frozenset(names)


def _inside(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and all inside them."""
    for node in nodes:
        yield node
        yield from _inside(node.parts)


@lru_cache(maxsize=4096)
def _names(node: Node) -> frozenset[str]:
    """The names in a node, without those that its instances are told by from outside (see `_around`)."""
    return _of(_said(node)).union(names_in(node.tie), *[_names(part) | _around(part) for part in node.parts])


def _around(node: Node) -> frozenset[str]:
    """The names in a node's own `from`, `each`, `repeat` and `when`, which are worked out before its instances."""
    return _of(_placed(node)).union(*map(names_in, node.sources or ()))


def _placed(node: Node) -> list[Any]:
    """The values that may be expressions of which a node's instances are worked out."""
    return [node.when, node.repeat, None if node.each is None else node.each.values]


def _said(node: Node) -> list[Any]:
    """The values of an instance's own that may be expressions."""
    said: list[Any] = []
    if node.copies is not None:
        said += [node.copies.count, node.copies.active, node.copies.stacked, node.copies.first, node.copies.step]
    if isinstance(node, LayerNode):
        said += [dict(node.expressions), node.weights]
    elif isinstance(node, UseNode):
        said += [node.block, dict(node.arguments)]
    elif isinstance(node, ChosenNode):
        said += [node.choice, expressions(dict(node.defaults))]
    return said


def _of(value: Any) -> frozenset[str]:
    """The names in a value's expressions."""
    return frozenset().union(*[expr.names for expr in _expressions(value)])


def _expressions(value: Any) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, dict):
        yield from _expressions(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _expressions(part)


@lru_cache(maxsize=4096)
def _of_index(node: Node) -> tuple[Expr, ...] | None:
    """The expressions in a node that ask for the ``$index`` of the repeat that it is; one inside has its own.

    None where an address does: each instance is wired otherwise.
    """
    asking = list(_expressions(_said(node)))
    addresses: list[str | None] = []
    for part in node.parts:
        asking += _expressions(_placed(part))
        addresses += [part.tie, *(part.sources or ())]
        inside = () if part.repeat is not None else _of_index(part)
        if inside is None:
            return None
        asking += inside
    if any("index" in names_in(address) for address in addresses):
        return None
    return tuple([expr for expr in asking if "index" in expr.names])


def run_length(node: Node, child: Frame, index: int, left: Size, stays: bool) -> Size:
    """How many instances from ``index`` on are alike: all the rest where shapes stay and none uses the index.

    Those that use it are alike as long as what they make of it is. What an expression inside makes of a shape there, or
    of a variable of its own, is not known here.
    """
    asking = _of_index(node)
    if stays and asking == () and "index" not in names_in(node.tie):
        return left
    run = 1
    if not stays or asking is None or type(left) is not int:
        return run
    if node.parts and any(expr.names - child.env.keys() for expr in asking):
        return run
    values = _asked(node, asking, child)
    while run < min(left, MAX_UNFOLDED):
        child.env["index"] = index + run
        try:
            if not same(_asked(node, asking, child), values):
                break
        except ArchspecError:  # of an instance further on, which will tell where
            break
        run += 1
    return run


def _asked(node: Node, asking: tuple[Expr, ...], frame: Frame) -> tuple[Any, ...]:
    """What tells an instance from others."""
    return resolve(asking, frame), node.tie and frame.filled(node.tie)
