"""Symbolic sizes as text in the expression language's own operators: ``(h - 1)//2 + 1``, ``w % 8 == 0``."""

from __future__ import annotations

from typing import Any

import sympy  # type: ignore[import-untyped]
from sympy.printing.precedence import PRECEDENCE  # type: ignore[import-untyped]
from sympy.printing.str import StrPrinter  # type: ignore[import-untyped]

_PRODUCT_LIKE = (sympy.floor, sympy.ceiling, sympy.Mod)


class _Printer(StrPrinter):  # type: ignore[misc]
    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        # sympy takes floor and Mod for function calls. As operators they bind like a product, and what
        # stands before them, a sign included, would go into their left operand.
        if isinstance(item, _PRODUCT_LIKE) and level >= PRECEDENCE["Add"]:
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict)  # type: ignore[no-any-return]

    def _print_Dummy(self, expr: Any) -> str:
        return str(expr.name)

    def _print_floor(self, expr: Any) -> str:
        above, below = (sympy.expand(part) for part in sympy.together(expr.args[0]).as_numer_denom())
        return self._quotient(above, "//", below)

    def _quotient(self, left: Any, sign: str, right: Any) -> str:
        above = self.parenthesize(left, PRECEDENCE["Mul"], strict=True)
        return f"{above}{sign}{self.parenthesize(right, PRECEDENCE['Pow'], strict=True)}"

    def _print_ceiling(self, expr: Any) -> str:
        return f"-({self._print_floor(sympy.floor(-expr.args[0], evaluate=False))})"

    def _print_Mod(self, expr: Any) -> str:
        dividend, divisor = expr.args
        return self._quotient(dividend, " % ", divisor)

    def _print_Max(self, expr: Any) -> str:
        return f"max({', '.join(sorted(map(self._print, expr.args)))})"

    def _print_Min(self, expr: Any) -> str:
        return f"min({', '.join(sorted(map(self._print, expr.args)))})"

    def _print_Piecewise(self, expr: Any) -> str:
        *cases, (last, _) = expr.args
        text = self._print(last)
        for value, condition in reversed(cases):
            text = f"({self._print(value)} if {self._print(condition)} else {text})"
        return str(text)

    def _print_ITE(self, expr: Any) -> str:
        condition, then, otherwise = map(self._print, expr.args)
        return f"({then} if {condition} else {otherwise})"

    def _print_Relational(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_And(self, expr: Any) -> str:
        return " and ".join(sorted(f"({self._print(part)})" for part in expr.args))

    def _print_Or(self, expr: Any) -> str:
        return " or ".join(sorted(f"({self._print(part)})" for part in expr.args))

    def _print_Not(self, expr: Any) -> str:
        return f"not ({self._print(expr.args[0])})"


_printer = _Printer()


def text_of(expr: Any) -> str:
    """A sympy expression or condition, written so that Python's operators read it back to the same value."""
    return str(_printer.doprint(expr))
