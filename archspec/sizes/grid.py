"""Sizes that are columns of design points: NumPy arrays that cannot overflow.

Every operation first bounds its result in Python ints by interval arithmetic. A result that provably fits runs in
int64; any other runs on exact Python ints (object dtype) and comes back to int64 where its values turn out to fit. So
one content has one representation: int64 exactly where every value fits.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from archspec.errors import ExpressionError, UsageError
from archspec.sizes import interval
from archspec.sizes.arrays import Array, extremes, fits, settled
from archspec.sizes.base import Partial, Requirement, Split, mixed
from archspec.sizes.interval import Interval

if TYPE_CHECKING:
    from archspec.sizes.base import Operand


class GridCondition:
    """A truth value per design point; ``mask`` is the bool array."""

    __slots__ = ("mask",)
    is_condition = True

    def __init__(self, mask: Array) -> None:
        self.mask = mask

    def __bool__(self) -> bool:
        """The one truth value of all points; `Split` where they differ."""
        if self.mask.all():
            return True
        if self.mask.any():
            raise Split(self.mask)
        return False

    def __and__(self, other: bool | GridCondition) -> GridCondition:
        return GridCondition(self.mask & _mask(other))

    def __or__(self, other: bool | GridCondition) -> GridCondition:
        return GridCondition(self.mask | _mask(other))

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> GridCondition:
        return GridCondition(~self.mask)

    def require(self, requirement: Requirement) -> None:
        if not self.mask.all():
            raise Partial(~self.mask, requirement.failure)

    def choose(self, a: Operand, b: Operand) -> Grid:
        """``a`` where the condition holds, ``b`` elsewhere."""
        return _operate(lambda x, y: np.where(self.mask, x, y), interval.union, a, b)


class Grid:
    """Exact integers (or fractions, in object dtype), one per design point.

    ``lo`` and ``hi`` are proven bounds of the values, not always attained.
    """

    __slots__ = ("hi", "lo", "values")
    is_size = True

    def __init__(self, values: Array, lo: Any, hi: Any) -> None:
        self.values = values
        self.lo = lo
        self.hi = hi

    @classmethod
    def of(cls, values: Array) -> Grid:
        """A grid of an integer array, copied; `UsageError` for any other dtype."""
        if values.dtype.kind not in "iuO" or values.ndim == 0:
            raise UsageError(
                f"sizes must be an array of integers with one axis or more, not {values.ndim}-d {values.dtype}"
            )
        if values.dtype.kind == "O" and not all(type(value) in (int, Fraction) for value in values.flat):
            raise UsageError("an object array of sizes must hold Python ints")
        if values.dtype.kind != "i":
            return cls(*settled(values.astype(object)))
        values = values.astype(np.int64)
        return cls(values, *extremes(values))

    def point(self, index: int) -> Any:
        """The exact value at a flat index."""
        return self.values.item(index)

    def restrict(self, keep: Array) -> Grid:
        """The points where ``keep`` is True."""
        values = self.values[keep]
        return Grid(*settled(values)) if values.dtype == object else Grid(values, self.lo, self.hi)

    def unwrap(self) -> Array:
        return self.values

    def __add__(self, other: Operand) -> Grid:
        return _operate(operator.add, interval.add, self, other)

    def __radd__(self, other: Operand) -> Grid:
        return _operate(operator.add, interval.add, other, self)

    def __sub__(self, other: Operand) -> Grid:
        return _operate(operator.sub, interval.subtract, self, other)

    def __rsub__(self, other: Operand) -> Grid:
        return _operate(operator.sub, interval.subtract, other, self)

    def __mul__(self, other: Operand) -> Grid:
        return _operate(operator.mul, interval.multiply, self, other)

    def __rmul__(self, other: Operand) -> Grid:
        return _operate(operator.mul, interval.multiply, other, self)

    def __floordiv__(self, other: Operand) -> Grid:
        return _operate(operator.floordiv, interval.floor_divide, self, _nonzero(other))

    def __rfloordiv__(self, other: Operand) -> Grid:
        return _operate(operator.floordiv, interval.floor_divide, other, _nonzero(self))

    def __mod__(self, other: Operand) -> Grid:
        return _operate(operator.mod, interval.modulo, self, _nonzero(other))

    def __rmod__(self, other: Operand) -> Grid:
        return _operate(operator.mod, interval.modulo, other, _nonzero(self))

    def __truediv__(self, other: Operand) -> Grid:
        return _operate(np.frompyfunc(Fraction, 2, 1), None, self, _nonzero(other))

    def __rtruediv__(self, other: Operand) -> Grid:
        return _operate(np.frompyfunc(Fraction, 2, 1), None, other, _nonzero(self))

    def __pow__(self, other: Operand) -> Grid:
        return _operate(operator.pow, interval.power, self, _exponent(other))

    def __rpow__(self, other: Operand) -> Grid:
        return _operate(operator.pow, interval.power, other, _exponent(self))

    def __neg__(self) -> Grid:
        return 0 - self

    def __abs__(self) -> Grid:
        return self.maximum(-self)

    def maximum(self, other: Operand) -> Grid:
        return _operate(np.maximum, interval.larger, self, other)

    def minimum(self, other: Operand) -> Grid:
        return _operate(np.minimum, interval.smaller, self, other)

    def quotient(self, a: Any, b: Any) -> Grid:
        """``a // b``, known to leave no remainder; one of the two is this grid."""
        return a // b  # type: ignore[no-any-return]

    def pointwise(self, function: Callable[..., int], sizes: tuple[Operand, ...]) -> Grid:
        """``function`` of the sizes at each point."""
        return Grid(*settled(np.frompyfunc(function, len(sizes), 1)(*map(_exact, sizes))))

    def __floor__(self) -> Grid:
        return self._each(math.floor)

    def __ceil__(self) -> Grid:
        return self._each(math.ceil)

    def __trunc__(self) -> Grid:
        return self._each(math.trunc)

    def __round__(self) -> Grid:
        return self._each(round)

    def _each(self, function: Callable[[Any], int]) -> Grid:
        if self.values.dtype != object:
            return self
        return Grid(*settled(np.frompyfunc(function, 1, 1)(self.values)))

    def __eq__(self, other: object) -> GridCondition:  # type: ignore[override]
        return _compare(operator.eq, self, other)

    def __ne__(self, other: object) -> GridCondition:  # type: ignore[override]
        return _compare(operator.ne, self, other)

    def __lt__(self, other: Any) -> GridCondition:
        return _compare(operator.lt, self, other)

    def __le__(self, other: Any) -> GridCondition:
        return _compare(operator.le, self, other)

    def __gt__(self, other: Any) -> GridCondition:
        return _compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> GridCondition:
        return _compare(operator.ge, self, other)

    def __hash__(self) -> int:
        # A grid of one repeated value equals that value, so it has its hash.
        if self.values.size and (self.values == self.values.item(0)).all():
            return hash(self.values.item(0))
        content = tuple(self.values.flat) if self.values.dtype == object else self.values.tobytes()
        return hash((self.values.shape, content))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __index__(self) -> int:
        """The one integer all points share, where a count must be a plain int; `Split` where they differ."""
        first = self.values.item(0)
        same = self.values == first
        if not same.all():
            raise Split(same)
        return operator.index(first)

    def __str__(self) -> str:
        return f"{self.values.min()}...{self.values.max()}"

    def __repr__(self) -> str:
        return f"Grid({self.values!r})"


def _mask(condition: bool | GridCondition) -> Any:
    return condition.mask if isinstance(condition, GridCondition) else condition


def _operate(
    operation: Callable[[Any, Any], Any], bounding: Callable[[Interval, Interval], Interval] | None, a: Any, b: Any
) -> Grid:
    """``operation(a, b)`` for a pair of which one at least is a grid or becomes one by the operation."""
    for operand in (a, b):
        if not isinstance(operand, (int, Grid, Fraction)):
            if getattr(operand, "is_size", False):
                raise mixed()
            return NotImplemented  # type: ignore[no-any-return]
    if bounding is not None and _is_int64(a) and _is_int64(b):
        bounds = bounding(_bounds(a), _bounds(b))
        if not fits(bounds):
            # The bounds are intervals of intervals: look at the values before leaving int64.
            for operand in (a, b):
                if isinstance(operand, Grid):
                    operand.lo, operand.hi = extremes(operand.values)
            bounds = bounding(_bounds(a), _bounds(b))
        if fits(bounds):
            return Grid(operation(_values(a), _values(b)), *bounds)
    return Grid(*settled(operation(_exact(a), _exact(b))))


def _compare(comparison: Callable[[Any, Any], Any], a: Grid, b: object) -> GridCondition:
    if isinstance(b, (int, Fraction, Grid)):
        form = _values if _is_int64(a) and _is_int64(b) else _exact
        return GridCondition(comparison(form(a), form(b)))
    if getattr(b, "is_size", False):
        raise mixed()
    return NotImplemented  # type: ignore[no-any-return]


def _values(operand: Any) -> Any:
    return operand.values if isinstance(operand, Grid) else operand


def _exact(operand: Any) -> Any:
    # A bare int would come to NumPy as uint64 above 2**63, and next to int64 as a float.
    return operand.values.astype(object) if isinstance(operand, Grid) else np.array(operand, object)


def _bounds(operand: Any) -> Interval:
    return (operand.lo, operand.hi) if isinstance(operand, Grid) else (operand, operand)


def _is_int64(operand: Any) -> bool:
    if isinstance(operand, Grid):
        return operand.values.dtype != object
    return isinstance(operand, int) and fits((operand, operand))


def _fail_where(mask: Any, message: str) -> None:
    if mask.any():
        raise Partial(mask, lambda _: ExpressionError(message))


def _nonzero(divisor: Any) -> Any:
    if isinstance(divisor, Grid):
        if divisor.lo <= 0 <= divisor.hi:
            _fail_where(divisor.values == 0, "division by zero")
    elif isinstance(divisor, (int, Fraction)) and divisor == 0:
        raise ExpressionError("division by zero")
    return divisor


def _exponent(exponent: Any) -> Any:
    if isinstance(exponent, Grid):
        if exponent.lo < 0:
            _fail_where(exponent.values < 0, "negative exponent")
    elif isinstance(exponent, int) and exponent < 0:
        raise ExpressionError(f"negative exponent {exponent}")
    return exponent
