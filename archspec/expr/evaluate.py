"""The guarded value of a tree: every operand is checked before an operator sees it, every result is bounded."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from archspec.errors import ArchspecError, ExpressionError
from archspec.expr.arithmetic import FUNCTIONS, OPERATORS, bounded, describe, number
from archspec.expr.fault import ExpressionFault
from archspec.expr.printer import to_text
from archspec.expr.tree import Binary, Call, Choice, Compare, Const, Logic, Node, Ref, Unary, lowered

Lookup = Callable[[tuple[str | int, ...]], Any]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Evaluator:
    """Evaluates the trees of one text with one lookup."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self.text = text
        self.lookup = lookup

    def value(self, node: Node) -> Any:
        """The value of the node; a reference alone gives what the lookup gave. Raises ExpressionFault."""
        match node:
            case Const(value):
                return value
            case Ref():
                return self.reference(node)
            case Unary("not", operand):
                return not self.truth(operand)
            case Unary(op, operand):
                value = self.number(operand)
                return self.guarded(node, operator.neg, value) if op == "-" else value
            case Binary(op, left, right):
                return self.guarded(node, OPERATORS[op], self.number(left), self.number(right))
            case Compare():
                return self.comparison(node)
            case Logic(op, operands):
                return self.logic(op, operands)
            case Choice(condition, then, other):
                return self.value(then) if self.truth(condition) else self.value(other)
            case Call():
                simple = lowered(node)
                if not isinstance(simple, Call):
                    return self.value(simple)
                return self.guarded(node, FUNCTIONS[simple.name].body, *map(self.value, simple.args))

    def reference(self, node: Ref) -> Any:
        path: list[str | int] = []
        for part in node.path:
            inner = isinstance(part, str) and part.startswith("$")
            path.append(self.part(str(part)[1:], node) if inner else part)
        return self.found(tuple(path), node)

    def part(self, name: str, node: Ref) -> str | int:
        part = self.found((name,), node)
        if type(part) is int or type(part) is str:
            return part
        raise self.fault(f"a part of `{node.text}` is {describe(part)}, neither index nor key", node)

    def found(self, path: tuple[str | int, ...], node: Ref) -> Any:
        try:
            return self.lookup(path)
        except LookupError:
            raise self.fault(f"nothing is named `{'.'.join(map(str, path))}`", node) from None
        except ArchspecError as error:
            error.inside = error.inside or (self.text, node.column)
            raise

    def number(self, node: Node) -> Any:
        value = self.value(node)
        try:
            return number(value)
        except (TypeError, ValueError) as error:
            raise self.fault(f"`{to_text(node)}`: {error}", node) from None

    def truth(self, node: Node) -> Any:
        """A value fit to be a condition; asking for its truth is left to Python, a grid or a symbol may object."""
        value = self.value(node)
        if isinstance(value, (str, list, tuple, dict)):
            raise self.fault(f"`{to_text(node)}`: {describe(value)} is neither true nor false", node)
        return value

    def logic(self, op: str, operands: tuple[Node, ...]) -> Any:
        for operand in operands[:-1]:
            value = self.truth(operand)
            if (not value) if op == "and" else value:
                return value
        return self.truth(operands[-1])

    def comparison(self, node: Compare) -> Any:
        left = self.value(node.operands[0])
        result: Any = True
        for i, op in enumerate(node.ops):
            right = self.value(node.operands[i + 1])
            result = self.compared(node, i, op, left, right)
            if i + 1 < len(node.ops) and not result:
                return result
            left = right
        return result

    def compared(self, node: Compare, i: int, op: str, left: Any, right: Any) -> Any:
        if op in ("==", "!=") and any(isinstance(side, (str, list, tuple, dict, type(None))) for side in (left, right)):
            return _COMPARE[op](left, right)
        pair = []
        for side, operand in zip((left, right), node.operands[i : i + 2], strict=True):
            try:
                pair.append(number(side))
            except (TypeError, ValueError) as error:
                raise self.fault(f"`{to_text(operand)}`: {error}", operand) from None
        return self.guarded(node, _COMPARE[op], *pair)

    def guarded(self, node: Node, function: Callable[..., Any], *values: Any) -> Any:
        try:
            return bounded(function(*values))
        except ZeroDivisionError:
            with_values = ", ".join(map(describe, values))
            raise self.fault(f"`{to_text(node)}` divides by zero (its operands: {with_values})", node) from None
        except ExpressionError as error:
            raise self.fault(f"`{to_text(node)}`: {error.message}", node) from None
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self.fault(f"`{to_text(node)}`: {error}", node) from None

    def fault(self, cause: str, node: Node) -> ExpressionFault:
        return ExpressionFault(cause, text=self.text, column=node.column)
