"""Division of symbolic expressions, with as little rounding left in the result as holds for all values."""

from __future__ import annotations

from typing import Any

import sympy  # type: ignore[import-untyped]

from archspec.sizes.bounds import sign


def ratio(x: Any, y: Any) -> Any:
    """``x/y``, expanded, common factors cancelled."""
    return sympy.expand(x / y if y.is_Rational else sympy.cancel(x / y))


def floor(expr: Any) -> Any:
    """``floor(expr)`` with nested floors made one and whole constants outside, so that equal roundings look equal."""
    for term in sympy.Add.make_args(expr):
        coefficient, rounded = term.as_coeff_Mul()
        if isinstance(rounded, sympy.floor) and coefficient.p == 1:
            # floor((floor(x) + m)/n) = floor((x + m)/n) for an integer m and a positive integer n
            whole = sympy.expand((expr - term) * coefficient.q)
            if whole.is_integer:
                expr = sympy.expand((rounded.args[0] + whole) * coefficient)
                break
    constant = sympy.floor(expr.as_coeff_Add()[0])
    return constant + sympy.floor(expr - constant)


def floor_quotient(x: Any, y: Any, whole: bool) -> Any:
    """``floor(x/y)`` for ``y != 0``; ``whole`` tells that both are integers for all values of the symbols."""
    quotient = ratio(x, y)
    if quotient.is_integer or (whole and y == 1):
        return quotient
    if whole and x.could_extract_minus_sign() and sign(y, whole)[0]:
        # floor(-a/b) = -ceil(a/b) = -floor((a + b - 1)/b) for integers and b > 0
        return sympy.expand(-floor(ratio(y - 1 - x, y)))
    return floor(quotient)


def remainder(x: Any, y: Any, whole: bool) -> Any:
    """``x % y`` for ``y != 0``, with the divisor's sign."""
    quotient = ratio(x, y)
    if not whole:
        above, below = quotient.as_numer_denom()
        if y == 1 and above.is_integer and below.is_integer:  # w % 8 == 0 reads better than w/8 - w//8 == 0
            return remainder(above, below, True) / below
        return sympy.expand(x - y * floor(quotient))
    if quotient.is_integer or y == 1:
        return sympy.S.Zero
    if y.is_Integer:
        terms = (term.as_coeff_Mul() for term in sympy.Add.make_args(x))
        x = sympy.Add(*((c % y if c.is_Integer and rest.is_integer else c) * rest for c, rest in terms))
    return sympy.expand(sympy.Mod(x, y))
