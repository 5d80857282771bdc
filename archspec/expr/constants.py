"""What is wrong with an expression whatever its names stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.expr.evaluate import Evaluator
from archspec.expr.expression import Expr
from archspec.expr.fault import ExpressionFault
from archspec.expr.printer import to_text
from archspec.expr.tree import Binary, Call, Node, Ref, children, walk

DIVISIONS = ("/", "//", "%")


def check_constants(expr: Expr) -> None:
    """Raise ExpressionFault for a part without names that has no value, and for a division by a part that is 0."""
    values = {id(node): Evaluator(expr.text, _no_name).value(node) for node in _constant(expr.tree)}
    for node in walk(expr.tree):
        divisor = _divisor(node)
        if divisor is not None and values.get(id(divisor)) == 0:
            message = f"`{to_text(node)}` divides by zero"
            raise ExpressionFault(message, text=expr.text, column=node.column)


def _constant(node: Node) -> Iterator[Node]:
    """The largest parts of a tree without names."""
    if not any(isinstance(part, Ref) for part in walk(node)):
        yield node
    else:
        for part in children(node):
            yield from _constant(part)


def _divisor(node: Node) -> Node | None:
    match node:
        case Binary(op, _, right) if op in DIVISIONS:
            return right
        case Call("ceil_div", (_, right)):
            return right
        case _:
            return None


def _no_name(path: tuple[str | int, ...]) -> Any:
    raise LookupError(path)
