"""The checked tree of an expression: eight kinds of node, each knowing the column (from 0) where it begins.

The tree is all that later stages see. It is built only by the parser, so a node that is not one of these cannot be
evaluated, printed or compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, TypeAlias

from archspec.records import NamedTuple


class Const(NamedTuple):
    """A number, a truth value, null or a text. Values put in for names may be any object that prints itself."""

    value: Any
    column: int


class Ref(NamedTuple):
    """A name: ``c_in``, or ``$in.c`` with the path ``("in", "c")``; a part with a ``$`` is looked up first."""

    path: tuple[str | int, ...]
    text: str
    column: int


class Unary(NamedTuple):
    """``-a``, ``+a`` or ``not a``."""

    op: str
    operand: Node
    column: int


class Binary(NamedTuple):
    """``+ - * / // % **``."""

    op: str
    left: Node
    right: Node
    column: int


class Compare(NamedTuple):
    """A chain ``a < b <= c``: one more operand than operators, each operand evaluated once."""

    ops: tuple[str, ...]
    operands: tuple[Node, ...]
    column: int


class Logic(NamedTuple):
    """``and`` or ``or`` over two or more operands; nested uses of the same operator are flat."""

    op: str
    operands: tuple[Node, ...]
    column: int


class Choice(NamedTuple):
    """``then if condition else other``."""

    condition: Node
    then: Node
    other: Node
    column: int


class Call(NamedTuple):
    """A call of a listed function."""

    name: str
    args: tuple[Node, ...]
    column: int


Node: TypeAlias = Const | Ref | Unary | Binary | Compare | Logic | Choice | Call


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order of the text."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Compare() | Logic():
            return node.operands
        case Choice():
            return (node.then, node.condition, node.other)
        case Call():
            return node.args
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def lowered(node: Call) -> Node:
    """``ceil(a / b)`` as ``ceil_div(a, b)`` and ``floor(a / b)`` as ``a // b``.

    The values are the same for exact numbers, and sizes that are grids or symbols have no true division.
    """
    match node:
        case Call("ceil", (Binary("/", left, right),), column):
            return Call("ceil_div", (left, right), column)
        case Call("floor", (Binary("/", left, right),), column):
            return Binary("//", left, right, column)
        case _:
            return node


def decimal(value: Fraction) -> str | None:
    """The finite decimal expansion of a fraction that is not negative, or None where it has none of 40 digits."""
    for places in range(1, 40):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = str(scaled.numerator).rjust(places + 1, "0") if scaled < 10**40 else ""
            return f"{digits[:-places]}.{digits[-places:]}" if digits and len(digits) <= 40 else None
    return None
