"""Sizes: one arithmetic over Python ints, columns of design points and symbols.

    int         exact and unbounded; the path of a plain analysis, at the speed of plain Python
    Grid        an integer array, one entry per design point, that cannot overflow    (needs numpy)
    Symbolic    a closed form over symbols that stand for positive integers           (needs sympy)

Formulas are written once, with ``+ - * // % **``, comparisons and the functions below. A condition on sizes goes to
`require` where it must hold and to `where` where it chooses; a plain ``if`` on one works too: it raises `Split` where
design points disagree and `Undecided` where the answer depends on a symbol. Importing this module loads neither numpy
nor sympy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from archspec.errors import UsageError
from archspec.sizes.base import Partial, Requirement, Split, Undecided, assuming, at, require, same, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archspec.sizes.grid import Grid, GridCondition
    from archspec.sizes.symbolic import Symbolic, SymbolicCondition

    Size: TypeAlias = int | Grid | Symbolic
    Condition: TypeAlias = bool | GridCondition | SymbolicCondition
else:
    # The classes behind the union load numpy and sympy; annotations evaluated at run time need none of them.
    Size = Condition = Any

__all__ = [
    "Condition",
    "Grid",
    "GridCondition",
    "Partial",
    "Requirement",
    "Size",
    "Split",
    "Symbolic",
    "SymbolicCondition",
    "Undecided",
    "as_size",
    "assuming",
    "at",
    "ceil_div",
    "divide",
    "is_size",
    "maximum",
    "minimum",
    "pointwise",
    "prod",
    "require",
    "restrict",
    "rounded",
    "same",
    "shown",
    "symbol",
    "truncate",
    "unwrap",
    "where",
    "whole",
]


def __getattr__(name: str) -> Any:
    if name in ("Grid", "GridCondition"):
        from archspec.sizes import grid

        return getattr(grid, name)
    if name in ("Symbolic", "SymbolicCondition"):
        return getattr(_symbolic(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _symbolic() -> Any:
    try:
        from archspec.sizes import symbolic
    except ModuleNotFoundError as error:
        if error.name != "sympy":
            raise
        raise UsageError("symbolic sizes need sympy", hint="pip install archspec-nn[symbolic]") from None
    return symbolic


def is_size(value: object) -> bool:
    """Whether a value is a size as it stands: an int, a `Grid` or a `Symbolic`."""
    return type(value) is int or getattr(value, "is_size", False)


def as_size(value: Any) -> Size:
    """A user's value as a size: ints stay, an integer ndarray becomes a `Grid`, a sympy expression a `Symbolic`.

    Symbols stand for positive integers, whatever they assume; `unwrap` gives them back as they came. `UsageError` for
    anything else: floats, bools, lists, arrays of another dtype, expressions that need not be integers.
    """
    if is_size(value):
        return value  # type: ignore[no-any-return]
    if type(value).__name__ == "ndarray":
        from archspec.sizes.grid import Grid

        return Grid.of(value)
    if hasattr(value, "free_symbols") and hasattr(value, "xreplace"):
        return _symbolic().of(value)  # type: ignore[no-any-return]
    raise UsageError(
        f"a size must be an integer, an array of integers or a symbol, not {type(value).__name__} {value!r}"
    )


def symbol(name: str) -> Symbolic:
    """A symbol that stands for a positive integer; `UsageError` where sympy is not installed."""
    return _symbolic().symbol(name)  # type: ignore[no-any-return]


def unwrap(value: Size) -> Any:
    """What a user gets back: an int, an ndarray (int64 where all fits, else exact objects) or a sympy expression."""
    return value if isinstance(value, int) else value.unwrap()


def restrict(value: Any, keep: Any) -> Any:
    """A value at the design points where the bool array ``keep`` is True: grids, also inside shapes, shrink to them."""
    if isinstance(value, (tuple, list)):
        return type(value)(restrict(item, keep) for item in value)
    method = getattr(value, "restrict", None)
    return value if method is None else method(keep)


def maximum(a: Size, b: Size) -> Size:
    """The larger of two sizes."""
    if isinstance(a, int):
        return max(a, b) if isinstance(b, int) else b.maximum(a)
    return a.maximum(b)


def minimum(a: Size, b: Size) -> Size:
    """The smaller of two sizes."""
    if isinstance(a, int):
        return min(a, b) if isinstance(b, int) else b.minimum(a)
    return a.minimum(b)


def ceil_div(a: Size, b: Size) -> Size:
    """``a / b`` rounded up."""
    return -(-a // b)


def divide(
    a: Size, b: Size, message: str, *, hint: str | None = None, argument: str | None = None, **values: Any
) -> Size:
    """``a / b``, which must be whole: otherwise `require` fails with ``message`` and ``values``."""
    if isinstance(a, int) and isinstance(b, int):
        require(b != 0 and a % b == 0, message, hint=hint, argument=argument, **values)
        return a // b
    require(a % b == 0, message, hint=hint, argument=argument, **values)
    return b.quotient(a, b) if isinstance(a, int) else a.quotient(a, b)  # type: ignore[union-attr]


def pointwise(function: Callable[..., int], *sizes: Size) -> Size:
    """A function of ints that has no closed form, point by point on grids; `Undecided` for symbols."""
    if all(isinstance(size, int) for size in sizes):
        return function(*sizes)
    return next(size for size in sizes if not isinstance(size, int)).pointwise(function, sizes)


def prod(sizes: Iterable[Size]) -> Size:
    """The product; 1 of nothing."""
    return math.prod(sizes)


def where(condition: Condition, a: Size, b: Size) -> Size:
    """``a`` where the condition holds, else ``b``; both are computed, so both must have a value everywhere."""
    if isinstance(condition, bool):
        return a if condition else b
    return condition.choose(a, b)


def whole(value: Size) -> Condition:
    """Whether a size is a whole number: columns and closed forms hold fractions too."""
    return type(value) is int or value % 1 == 0


def truncate(value: Any) -> Size:
    """A number with its fraction cut off, as ``int`` does: ``truncate(Fraction(3, 4) * width)``."""
    return math.trunc(value)  # type: ignore[no-any-return]


def rounded(value: Any) -> Size:
    """A number rounded to the nearest integer, halves to even, as ``round`` does."""
    return round(value)  # type: ignore[no-any-return]
