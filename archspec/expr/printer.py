"""Trees as text, with the fewest parentheses that read back to the same tree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, decimal

# https://docs.python.org/3/reference/expressions.html#operator-precedence, loosest first.
CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)
_SPREADING = {"max", "min", "prod", "sum"}


def binding(node: Node) -> int:
    """How tightly the outermost operator of the node binds."""
    match node:
        case Choice():
            return CHOICE
        case Logic(op):
            return OR if op == "or" else AND
        case Compare():
            return COMPARE
        case Unary(op):
            return NOT if op == "not" else SIGN
        case Binary(op):
            return {"+": SUM, "-": SUM, "**": POWER}.get(op, PRODUCT)
        case _:
            return ATOM


def needed(node: Binary) -> tuple[int, int]:
    """How tightly the left and the right operand must bind to stand without parentheses.

    All operators group to the left but the power: its base must be an atom, its exponent may carry a sign.
    """
    level = binding(node)
    return (ATOM, SIGN) if level == POWER else (level, level + 1)


def to_text(node: Node) -> str:
    """The canonical text of the tree."""
    match node:
        case Const(value):
            return _constant(value)
        case Ref():
            return node.text
        case Unary("not", operand):
            return f"not {_inner(operand, NOT)}"
        case Unary(op, operand):
            return op + _inner(operand, SIGN)
        case Binary(op, left, right):
            least = needed(node)
            return f"{_inner(left, least[0])} {op} {_inner(right, least[1])}"
        case Compare(ops, operands):
            rest = (f" {op} {_inner(operand, SUM)}" for op, operand in zip(ops, operands[1:], strict=True))
            return _inner(operands[0], SUM) + "".join(rest)
        case Logic(op, operands):
            return f" {op} ".join(_inner(operand, binding(node) + 1) for operand in operands)
        case Choice(condition, then, other):
            return f"{_inner(then, OR)} if {_inner(condition, OR)} else {_inner(other, CHOICE)}"
        case Call(name, args):
            return f"{name}({', '.join(map(to_text, args))})"


def _inner(node: Node, least: int) -> str:
    text = to_text(node)
    return text if binding(node) >= least else f"({text})"


def _constant(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"' if "'" in value else f"'{value}'"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, Fraction):
        return decimal(value) or str(value)
    text = str(value)
    return text if isinstance(value, (int, list)) or text.isidentifier() else f"({text})"


def with_values(node: Node, values: Mapping[str, Any]) -> Node:
    """The tree with values in place of the names that ``values`` has (``c_in``, ``in.c``)."""
    match node:
        case Ref(path, _, column):
            key = ".".join(map(str, path))
            return value_node(values[key], column) if key in values else node
        case Unary(op, operand, column):
            return Unary(op, with_values(operand, values), column)
        case Binary(op, left, right, column):
            return Binary(op, with_values(left, values), with_values(right, values), column)
        case Compare(ops, operands, column):
            return Compare(ops, tuple(with_values(operand, values) for operand in operands), column)
        case Logic(op, operands, column):
            return Logic(op, tuple(with_values(operand, values) for operand in operands), column)
        case Choice(condition, then, other, column):
            return Choice(with_values(condition, values), with_values(then, values), with_values(other, values), column)
        case Call(name, args, column):
            return _call_with_values(name, tuple(with_values(arg, values) for arg in args), column)
        case _:
            return node


def value_node(value: Any, column: int) -> Node:
    """A value as a tree that reads back to it: a sign is an operator, a fraction without a decimal form a division."""
    if isinstance(value, float) and math.isfinite(value):
        value = Fraction(repr(value))
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if isinstance(value, (int, Fraction)) and value < 0:
        return Unary("-", value_node(-value, column), column)
    if isinstance(value, Fraction) and decimal(value) is None:
        return Binary("/", Const(value.numerator, column), Const(value.denominator, column), column)
    return Const(list(value) if isinstance(value, tuple) else value, column)


def _call_with_values(name: str, args: tuple[Node, ...], column: int) -> Node:
    """Lists have no literal form: their items become arguments, and their length the number it is."""
    if name == "len" and isinstance(args[0], Const) and isinstance(args[0].value, list):
        return Const(len(args[0].value), column)
    spread: list[Node] = []
    for arg in args:
        if name in _SPREADING and isinstance(arg, Const) and isinstance(arg.value, list):
            spread.extend(value_node(item, column) for item in arg.value)
        else:
            spread.append(arg)
    return Call(name, tuple(spread), column)
