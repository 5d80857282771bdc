"""Sizes that are closed forms: sympy expressions over symbols that stand for positive integers.

An expression is kept expanded, so equal polynomials are identical. Rounding stays only where it can matter: a quotient
that is whole for all values loses its ``floor``, nested ones become one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy  # type: ignore[import-untyped]

from archspec.errors import ExpressionError, UsageError
from archspec.sizes.algebra import floor, floor_quotient, ratio, remainder
from archspec.sizes.base import Requirement, Undecided, assume, mixed, require
from archspec.sizes.bounds import truth
from archspec.sizes.names import inward, outward
from archspec.sizes.text import text_of

if TYPE_CHECKING:
    from archspec.sizes.base import Operand

    Size: TypeAlias = "int | Symbolic"

_MIRRORED = {
    sympy.Eq: sympy.Eq,
    sympy.Ne: sympy.Ne,
    sympy.Lt: sympy.Gt,
    sympy.Le: sympy.Ge,
    sympy.Gt: sympy.Lt,
    sympy.Ge: sympy.Le,
}
_MAX_EXPONENT = 64  # expanding a sum to a higher power gives more terms than anyone reads


def symbol(name: str) -> Symbolic:
    """The size that is a positive integer called ``name``."""
    return Symbolic(inward(sympy.Symbol(name, positive=True, integer=True)), True)


def of(expr: Any) -> Size:
    """A sympy expression as a size. Raises `UsageError` where its value need not be an integer."""
    return _wrap(inward(expr), True)


class SymbolicCondition:
    """A relation between sizes; ``formula`` is a sympy condition, ``truth`` its value where all symbols agree on it."""

    is_condition = True

    def __init__(self, formula: Any, truth: bool | None) -> None:
        self.formula = formula
        self.truth = truth

    def __bool__(self) -> bool:
        if self.truth is None:
            raise self._undecided()
        return self.truth

    def _undecided(self) -> Undecided:
        names = sorted({str(own.name) for own in self.formula.free_symbols})
        return Undecided(f"whether {self} depends on {', '.join(names)}", hint=f"give {' and '.join(names)} a number")

    def __str__(self) -> str:
        return text_of(self.formula)

    def __and__(self, other: bool | SymbolicCondition) -> bool | SymbolicCondition:
        known, rest = (self, other) if self.truth is not None else (other, self)
        truth = known if isinstance(known, bool) else known.truth
        if truth is not None:
            return rest if truth else known
        return _condition(sympy.And(self.formula, other.formula))  # type: ignore[union-attr]

    def __or__(self, other: bool | SymbolicCondition) -> bool | SymbolicCondition:
        known, rest = (self, other) if self.truth is not None else (other, self)
        truth = known if isinstance(known, bool) else known.truth
        if truth is not None:
            return known if truth else rest
        return _condition(sympy.Or(self.formula, other.formula))  # type: ignore[union-attr]

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> SymbolicCondition:
        return SymbolicCondition(sympy.Not(self.formula), None if self.truth is None else not self.truth)

    def require(self, requirement: Requirement) -> None:
        if self.truth is False:
            raise requirement.failure()
        if self.truth is None:
            for part in sorted(map(text_of, sympy.And.make_args(self.formula))):
                if not assume(part):
                    raise self._undecided()

    def choose(self, a: Operand, b: Operand) -> Size:
        """``a`` where the condition holds, ``b`` elsewhere: a piecewise size where that is open."""
        if self.truth is not None:
            return a if self.truth else b  # type: ignore[return-value]
        chosen = sympy.Piecewise((_expr(a), self.formula), (_expr(b), True))
        return _wrap(chosen, _whole(a) and _whole(b))


class Symbolic:
    """A closed form: a sympy expression over stand-in symbols; ``whole`` tells that its value is always an integer.

    A result without symbols is an int (or a Fraction), never a `Symbolic`.
    """

    __slots__ = ("expr", "whole")
    is_size = True

    def __init__(self, expr: Any, whole: bool) -> None:
        self.expr = expr
        self.whole = whole

    def subs(self, values: Mapping[str, int]) -> Size:
        """The size where symbols, by name, have these values; each is at least 1, or `UsageError`."""
        for name, value in values.items():
            if value < 1:
                raise UsageError(f"a symbol stands for a positive integer, {name} cannot be {value}")
        known = {own: sympy.Integer(values[own.name]) for own in self.expr.free_symbols if own.name in values}
        return _wrap(sympy.expand(self.expr.xreplace(known)), self.whole)

    def unwrap(self) -> Any:
        return outward(self.expr)

    def __add__(self, other: Operand) -> Size:
        return _polynomial(operator.add, self, other)

    def __sub__(self, other: Operand) -> Size:
        return _polynomial(operator.sub, self, other)

    def __rsub__(self, other: Operand) -> Size:
        return _polynomial(operator.sub, other, self)

    def __mul__(self, other: Operand) -> Size:
        return _polynomial(operator.mul, self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __floordiv__(self, other: Operand) -> Size:
        return _operate(_floor_quotient, self, other)

    def __rfloordiv__(self, other: Operand) -> Size:
        return _operate(_floor_quotient, other, self)

    def __mod__(self, other: Operand) -> Size:
        return _operate(_remainder, self, other)

    def __rmod__(self, other: Operand) -> Size:
        return _operate(_remainder, other, self)

    def __truediv__(self, other: Operand) -> Size:
        return _operate(_true_quotient, self, other)

    def __rtruediv__(self, other: Operand) -> Size:
        return _operate(_true_quotient, other, self)

    def __pow__(self, other: Operand) -> Size:
        return _operate(_power, self, other)

    def __rpow__(self, other: Operand) -> Size:
        return _operate(_power, other, self)

    def __neg__(self) -> Size:
        return self * -1

    def __abs__(self) -> Size:
        return self.maximum(-self)

    def maximum(self, other: Operand) -> Size:
        return _extreme(sympy.Max, self >= other, self, other)

    def minimum(self, other: Operand) -> Size:
        return _extreme(sympy.Min, self <= other, self, other)

    def quotient(self, a: Operand, b: Operand) -> Size:
        """``a / b``, assumed to be whole; one of the two is this size."""
        return _wrap(ratio(_expr(a), _expr(b)), True)

    def pointwise(self, function: Callable[..., int], sizes: tuple[Operand, ...]) -> Size:
        raise Undecided(f"{self} is needed as a number here", hint="give its symbols numbers")

    def __floor__(self) -> Size:
        return self if self.whole else _wrap(floor(self.expr), True)

    def __ceil__(self) -> Size:
        return self if self.whole else _wrap(-floor(-self.expr), True)

    def __trunc__(self) -> Size:
        return (self >= 0).choose(self.__floor__(), self.__ceil__())

    def __round__(self) -> Size:
        if self.whole:
            return self
        # Just above an even integer lies a half: rounding it up would leave the even one.
        above = self.expr + sympy.Rational(1, 2)
        nearest = floor(above)
        odd_half = sympy.Eq(sympy.Mod(above, 2), 1)
        return _wrap(sympy.Piecewise((nearest - 1, odd_half), (nearest, True)), True)

    def __eq__(self, other: object) -> SymbolicCondition:  # type: ignore[override]
        return _relate(sympy.Eq, self, other)

    def __ne__(self, other: object) -> SymbolicCondition:  # type: ignore[override]
        return _relate(sympy.Ne, self, other)

    def __lt__(self, other: Any) -> SymbolicCondition:
        return _relate(sympy.Lt, self, other)

    def __le__(self, other: Any) -> SymbolicCondition:
        return _relate(sympy.Le, self, other)

    def __gt__(self, other: Any) -> SymbolicCondition:
        return _relate(sympy.Gt, self, other)

    def __ge__(self, other: Any) -> SymbolicCondition:
        return _relate(sympy.Ge, self, other)

    def __hash__(self) -> int:
        return hash(self.expr)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __index__(self) -> int:
        raise Undecided(f"{self} is used as a count, which must be a number", hint="give its symbols numbers")

    def __str__(self) -> str:
        return text_of(self.expr)

    def __repr__(self) -> str:
        return f"Symbolic({self})"


def _expr(operand: Any) -> Any:
    if isinstance(operand, Symbolic):
        return operand.expr
    return sympy.Rational(operand.numerator, operand.denominator)


def _whole(operand: Any) -> bool:
    return operand.whole if isinstance(operand, Symbolic) else operand.denominator == 1


def _wrap(expr: Any, whole: bool) -> Size:
    if expr.is_Rational:
        return int(expr) if expr.is_Integer else Fraction(int(expr.p), int(expr.q))  # type: ignore[return-value]
    return Symbolic(expr, whole)


def _known(operand: object) -> bool:
    """Whether an operand can be computed with; raises for a grid."""
    if isinstance(operand, (int, Fraction, Symbolic)):
        return True
    if getattr(operand, "is_size", False):
        raise mixed()
    return False


def _operate(rule: Callable[[Any, Any, bool], Size], a: Any, b: Any) -> Size:
    if not (_known(a) and _known(b)):
        return NotImplemented  # type: ignore[no-any-return]
    return rule(_expr(a), _expr(b), _whole(a) and _whole(b))


def _polynomial(operation: Any, a: Any, b: Any) -> Size:
    def rule(x: Any, y: Any, whole: bool) -> Size:
        result = sympy.expand(operation(x, y))
        return _wrap(result, whole or bool(result.is_integer))

    return _operate(rule, a, b)


def _relate(relation: Any, a: Symbolic, b: object) -> SymbolicCondition:
    if not _known(b):
        return NotImplemented  # type: ignore[no-any-return]
    right = _expr(b)
    always = truth(relation, sympy.expand(a.expr - right), a.whole and _whole(b))
    left = a.expr
    if right.is_Rational:  # h >= 3 reads better than h - 2 >= 1
        constant = left.as_coeff_Add()[0]
        left, right = left - constant, right - constant
        if left.could_extract_minus_sign():  # and w <= 8 better than -w >= -8
            left, right, relation = -left, -right, _MIRRORED[relation]
    if right == 0 and relation in (sympy.Eq, sympy.Ne):  # and w % 2 == 0 better than 4*(w % 2) == 0
        left = left.as_coeff_Mul()[1]
    return SymbolicCondition(relation(left, right, evaluate=False), always)


def _condition(formula: Any) -> SymbolicCondition:
    return SymbolicCondition(formula, bool(formula) if formula in (sympy.true, sympy.false) else None)


def _extreme(function: Any, ordered: SymbolicCondition, a: Operand, b: Operand) -> Size:
    if ordered.truth is not None:
        return a if ordered.truth else b  # type: ignore[return-value]
    return _wrap(function(_expr(a), _expr(b)), _whole(a) and _whole(b))


def _true_quotient(x: Any, y: Any, whole: bool) -> Size:
    _nonzero(y)
    quotient = ratio(x, y)
    return _wrap(quotient, bool(quotient.is_integer))


def _floor_quotient(x: Any, y: Any, whole: bool) -> Size:
    _nonzero(y)
    return _wrap(floor_quotient(x, y, whole), True)


def _remainder(x: Any, y: Any, whole: bool) -> Size:
    _nonzero(y)
    return _wrap(remainder(x, y, whole), whole)


def _power(x: Any, y: Any, whole: bool) -> Size:
    if y.is_Integer and not 0 <= y <= _MAX_EXPONENT:
        raise ExpressionError(f"the exponent of a symbolic size must be 0 to {_MAX_EXPONENT}, got {y}")
    if not y.is_Integer:
        require(_relate(sympy.Ge, Symbolic(y, whole), 0), "negative exponent {y}", y=text_of(y))
    return _wrap(sympy.expand(x**y), whole)


def _nonzero(divisor: Any) -> None:
    if divisor.is_Rational:
        if divisor == 0:
            raise ExpressionError("division by zero")
    else:
        require(_relate(sympy.Ne, Symbolic(divisor, True), 0), "division by zero")
