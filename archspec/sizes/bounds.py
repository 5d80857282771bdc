"""What holds for all positive values of the symbols: the sign of an expression, proved by bounding it from below.

Every symbol is at least 1, so with ``w = 1 + t`` an expression becomes a polynomial in ``t >= 0``: where no coefficient
but the constant is negative, the constant bounds it. A rounded quotient ``floor(x)`` counts first as an unknown of at
least ``floor(lower bound of x)``, and where that proves nothing as ``x - f`` with a fraction ``0 <= f < 1``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy  # type: ignore[import-untyped]

from archspec.records import NamedTuple


class Lower(NamedTuple):
    """A proven lower bound: ``expr >= least``, or ``expr > least`` where ``strict``."""

    least: Any
    strict: bool


@lru_cache(maxsize=4096)
def lower_bound(expr: Any) -> Lower | None:
    """The best lower bound found, None where none is."""
    if expr.is_Rational:
        return Lower(expr, False)
    bounds = [bound for opened in (False, True) if (bound := _bound(expr, opened)) is not None]
    return max(bounds, default=None)


def _bound(expr: Any, opened: bool) -> Lower | None:
    unknowns: dict[Any, Any] = {}
    fractions: set[Any] = set()
    if not _replace(expr, opened, unknowns, fractions):
        return None
    terms = sympy.expand(_substitute(expr, unknowns)).as_coefficients_dict()
    least, strict = sympy.S.Zero, False
    for monomial, coefficient in terms.items():
        if monomial is sympy.S.One:
            least += coefficient
        elif not coefficient.is_nonnegative:
            if monomial not in fractions:
                return None
            least, strict = least + coefficient, True  # -c*f > -c
    return Lower(least, strict)


def _substitute(expr: Any, unknowns: dict[Any, Any]) -> Any:
    while (replaced := expr.xreplace(unknowns)) != expr:
        expr = replaced
    return expr


def _replace(expr: Any, opened: bool, unknowns: dict[Any, Any], fractions: set[Any]) -> bool:
    """Fill ``unknowns`` with nonnegative stand-ins for what is no sum, product or power; False where one has none."""
    if expr.is_Rational or expr in unknowns:
        return True
    if expr.is_Add or expr.is_Mul:
        return all(_replace(part, opened, unknowns, fractions) for part in expr.args)
    if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
        return _replace(expr.base, opened, unknowns, fractions)
    unknown = sympy.Dummy(nonnegative=True)
    if opened and isinstance(expr, sympy.floor):
        unknowns[expr] = expr.args[0] - unknown
        fractions.add(unknown)
        return _replace(expr.args[0], opened, unknowns, fractions)
    least = _least(expr)
    if least is None:
        return False
    unknowns[expr] = least + unknown
    return True


def _least(atom: Any) -> Any:
    """A lower bound of what is not a polynomial."""
    if isinstance(atom, sympy.floor):
        inner = lower_bound(atom.args[0])
        return None if inner is None else sympy.floor(inner.least)
    if isinstance(atom, (sympy.Max, sympy.Min)):
        inners = [lower_bound(part) for part in atom.args]
        known = [inner.least for inner in inners if inner is not None]
        if isinstance(atom, sympy.Max):
            return max(known, default=None)
        return min(known) if len(known) == len(inners) else None
    if isinstance(atom, sympy.Piecewise):
        inners = [lower_bound(value) for value, _ in atom.args]
        return None if None in inners else min(inner.least for inner in inners if inner is not None)
    if isinstance(atom, sympy.Mod):
        divisor = lower_bound(atom.args[1])
        return sympy.S.Zero if divisor is not None and divisor.least >= 0 else None
    if atom.is_positive and atom.is_integer:
        return sympy.S.One
    return sympy.S.Zero if atom.is_nonnegative else None


def truth(relation: Any, difference: Any, whole: bool) -> bool | None:
    """Whether ``difference`` relates to zero for all, for no (False) or for some values of the symbols (None)."""
    positive, nonnegative = sign(difference, whole)
    negative, nonpositive = sign(-difference, whole)
    zero, nonzero = nonnegative and nonpositive, positive or negative
    always, never = {
        sympy.Eq: (zero, nonzero),
        sympy.Ne: (nonzero, zero),
        sympy.Gt: (positive, nonpositive),
        sympy.Ge: (nonnegative, negative),
        sympy.Lt: (negative, nonnegative),
        sympy.Le: (nonpositive, positive),
    }[relation]
    return True if always else False if never else None


def sign(expr: Any, whole: bool) -> tuple[bool, bool]:
    """Whether an expression is proved positive, and proved not negative."""
    bound = lower_bound(expr)
    if bound is None:
        return False, False
    least, strict = bound
    if whole:  # an integer above 2.5 is 3 or more
        least, strict = sympy.floor(least) + 1 if strict else sympy.ceiling(least), False
    return bool(least > 0 or (strict and least >= 0)), bool(least >= 0)
