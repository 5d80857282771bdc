"""The symbols a user brings and the positive-integer ones that stand in for them."""

from __future__ import annotations

from typing import Any

import sympy  # type: ignore[import-untyped]

from archspec.errors import UsageError


class StandIn(sympy.Dummy):  # type: ignore[misc]
    """The positive integer that stands for a symbol of a user's.

    The symbol itself tells two of one name apart, as in sympy, and comes back from here: in another process too.
    """

    __slots__ = ("original",)

    def __new__(cls, original: Any) -> Any:
        own = super().__new__(cls, str(original), sympy.srepr(original), positive=True, integer=True)
        own.original = original
        return own

    def __getnewargs_ex__(self) -> tuple[tuple[Any], dict[str, Any]]:
        return (self.original,), {}


def inward(expr: Any) -> Any:
    """A user's expression over stand-ins. Raises `UsageError` where its value need not be an integer."""
    if not isinstance(expr, sympy.Expr):
        raise UsageError(f"a size must be an integer, an array of integers or a symbol, not `{expr}`")
    own = sympy.expand(expr.xreplace({original: StandIn(original) for original in expr.free_symbols}))
    if not own.is_integer or own.has(sympy.Float):
        raise UsageError(f"a size must be an integer, `{expr}` need not be one", hint="write floor(...) around it")
    return own


def outward(expr: Any) -> Any:
    """An expression over the symbols that the user brought."""
    return expr.xreplace({own: own.original for own in expr.free_symbols})
