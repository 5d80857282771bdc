"""The symbols a user brings and the positive-integer ones that stand in for them."""

from __future__ import annotations

from typing import Any

import sympy  # type: ignore[import-untyped]

from archspec.errors import UsageError

# Each symbol of a user's has a stand-in of its own; two symbols that share a name stay two, as they do in sympy.
_stand_ins: dict[Any, Any] = {}
_originals: dict[Any, Any] = {}


def _stand_in(original: Any) -> Any:
    if original not in _stand_ins:
        own = _stand_ins[original] = sympy.Dummy(str(original), positive=True, integer=True)
        _originals[own] = original
    return _stand_ins[original]


def inward(expr: Any) -> Any:
    """A user's expression over stand-ins. Raises `UsageError` where its value need not be an integer."""
    if not isinstance(expr, sympy.Expr):
        raise UsageError(f"a size must be an integer, an array of integers or a symbol, not `{expr}`")
    own = sympy.expand(expr.xreplace({original: _stand_in(original) for original in expr.free_symbols}))
    if not own.is_integer or own.has(sympy.Float):
        raise UsageError(f"a size must be an integer, `{expr}` need not be one", hint="write floor(...) around it")
    return own


def outward(expr: Any) -> Any:
    """An expression over the symbols that the user brought."""
    return expr.xreplace({own: _originals[own] for own in expr.free_symbols})
