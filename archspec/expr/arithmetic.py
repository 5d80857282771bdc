"""Exact, bounded arithmetic and the functions of the language, over ints, fractions and sizes.

A *size* is any object whose attribute ``is_size`` is true (see archspec.sizes: a grid of sizes, a symbol). It takes
part in every operation through its own operators and is never asked for its truth here. Everything else that is not a
number is refused before an operator sees it, so ``"ab" * 10**9`` allocates nothing.

The faults are raised as TypeError, ValueError or ZeroDivisionError in the words the user will read.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from typing import Any

from archspec.records import NamedTuple

MAX_BITS = 8192
MAX_POWER_BITS = 4096
MAX_EXPONENT = 4096


def is_size(value: object) -> bool:
    """Whether the value is a grid or a symbol, which bring operators of their own."""
    return getattr(value, "is_size", False) is True


def number(value: Any) -> Any:
    """The value as a number: a float is the decimal it prints as, a truth value (also a condition on sizes) is 0 or 1.

    Raises TypeError for anything that is not a number, ValueError for an infinite one.
    """
    kind = type(value)
    if kind is int or kind is Fraction or is_size(value):
        return value
    if kind is bool:
        return int(value)
    if getattr(value, "is_condition", False):
        return value.choose(1, 0)
    if kind is float:
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return bounded(Fraction(repr(value)))
    raise TypeError(f"{describe(value)} is not a number")


def describe(value: object) -> str:
    """A value in words, for a message."""
    match value:
        case None | bool():
            return "null" if value is None else str(value).lower()
        case str():
            return f"the text {value[:40]!r}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return f"a mapping of {len(value)}"
        case int() if value.bit_length() > 256:
            return f"a number of {value.bit_length()} bits"
        case _:
            return str(value)[:80]


def bounded(value: Any) -> Any:
    """The value, a whole fraction as an int; ValueError beyond 8192 bits."""
    if type(value) is Fraction:
        if value.denominator == 1:
            value = value.numerator
        elif max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            raise ValueError(f"the result has more than {MAX_BITS} bits")
    if type(value) is int and value.bit_length() > MAX_BITS:
        raise ValueError(f"the result has more than {MAX_BITS} bits")
    return value


def divide(left: Any, right: Any) -> Any:
    """True division, exact: an int where it comes out even, else a Fraction."""
    if isinstance(left, int) and isinstance(right, int):
        return bounded(Fraction(left, right))
    return bounded(left / right)


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` for a whole exponent from 0 to 4096 and a result of at most 4096 bits.

    Sizes bound their own powers.
    """
    base, exponent = number(base), number(exponent)
    if is_size(exponent):
        return base**exponent
    if type(exponent) is not int or not 0 <= exponent <= MAX_EXPONENT:
        raise ValueError(f"an exponent is a whole number from 0 to {MAX_EXPONENT}, not {describe(exponent)}")
    if is_size(base):
        return base**exponent
    bits = max(abs(base.numerator), base.denominator).bit_length()
    # 2**(bits-1) <= |base| < 2**bits, so the power has between (bits-1)*exponent+1 and bits*exponent bits.
    if (bits - 1) * exponent >= MAX_POWER_BITS:
        raise ValueError(f"the power has more than {MAX_POWER_BITS} bits")
    result = base**exponent
    if max(abs(result.numerator), result.denominator).bit_length() > MAX_POWER_BITS:
        raise ValueError(f"the power has more than {MAX_POWER_BITS} bits")
    return bounded(result)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": power,
}


def _spread(args: Iterable[Any]) -> list[Any]:
    """The numbers among the arguments, those of lists included."""
    items: list[Any] = []
    for arg in args:
        items.extend(arg if isinstance(arg, (list, tuple)) else (arg,))
    return [number(item) for item in items]


def minimum(*args: Any) -> Any:
    """The smallest of the arguments or of one list."""
    return _extreme(args, "smallest", min, "minimum")


def maximum(*args: Any) -> Any:
    """The largest of the arguments or of one list."""
    return _extreme(args, "largest", max, "maximum")


def _extreme(args: Iterable[Any], word: str, of_numbers: Callable[[list[Any]], Any], of_sizes: str) -> Any:
    """The extreme by Python's function where all are numbers, else pair by pair by the one of archspec.sizes."""
    items = _spread(args)
    if not items:
        raise ValueError(f"the {word} of nothing is undefined")
    if not any(map(is_size, items)):
        return bounded(of_numbers(items))
    from archspec import sizes

    return reduce(getattr(sizes, of_sizes), items)


def total(*args: Any) -> Any:
    """The sum of the arguments or of one list; 0 of nothing."""
    result: Any = 0
    for item in _spread(args):
        result = bounded(result + item)
    return result


def product(*args: Any) -> Any:
    """The product of the arguments or of one list; 1 of nothing."""
    result: Any = 1
    for item in _spread(args):
        result = bounded(result * item)
    return result


def length(value: Any) -> int:
    """The number of items of a list."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{describe(value)} is not a list")
    return len(value)


def ceil_div(left: Any, right: Any) -> Any:
    """The smallest whole number not below ``left / right``."""
    return -(-number(left) // number(right))


def _numeric(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: function(number(value))


def divisible(value: Any, divisor: Any) -> Any:
    """The multiple of ``divisor`` nearest to ``value``, at least ``divisor`` and not more than a tenth below the value.

    The rule of torchvision's ``_make_divisible`` (torchvision/models/_utils.py) in exact arithmetic:
    ``new = max(d, int(v + d/2) // d * d)``, and ``new + d`` where ``new < 0.9 v``.
    """
    value, divisor = number(value), number(divisor)
    if type(divisor) is not int or divisor < 1:
        raise ValueError(f"a divisor is a whole number above 0, not {describe(divisor)}")
    # int(v + d/2) // d = (2v + d) // 2d where v is not negative, and stays among whole numbers where v is one.
    nearest = maximum(divisor, (2 * value + divisor) // (2 * divisor) * divisor)
    if is_size(value):
        from archspec import sizes

        return sizes.where(10 * nearest < 9 * value, nearest + divisor, nearest)
    return nearest + divisor if 10 * nearest < 9 * value else nearest


def significant(value: Any, digits: Any) -> Any:
    """A whole number rounded to its first ``digits`` digits, halves to the even one; ``"%.3e"`` prints four of them."""
    value, digits = number(value), number(digits)
    if type(digits) is not int or digits < 1:
        raise ValueError(f"a number of digits is a whole number above 0, not {describe(digits)}")

    def rounded(whole: int) -> int:
        unit: int = 10 ** max(0, len(str(abs(whole))) - digits)
        return round(Fraction(whole, unit)) * unit

    if type(value) is int:
        return rounded(value)
    if not is_size(value):
        raise ValueError(f"only a whole number is rounded to its first digits, not {describe(value)}")
    from archspec import sizes

    return sizes.pointwise(rounded, value)


class Function(NamedTuple):
    """A function of the language with the fewest and the most arguments it takes (None: any number)."""

    body: Callable[..., Any]
    least: int
    most: int | None
    summary: str


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_numeric(abs), 1, 1, "the number without its sign"),
    "ceil": Function(_numeric(math.ceil), 1, 1, "the smallest whole number that is not below it"),
    "ceil_div": Function(ceil_div, 2, 2, "a / b, rounded up"),
    "divisible": Function(
        divisible, 2, 2, "torchvision's rounding: the multiple of b nearest to a, at least b, at most a tenth below a"
    ),
    "floor": Function(_numeric(math.floor), 1, 1, "the largest whole number that is not above it"),
    "int": Function(_numeric(math.trunc), 1, 1, "what stands before the point"),
    "len": Function(length, 1, 1, "items of a list"),
    "max": Function(maximum, 1, None, "the largest of its arguments, or of a list"),
    "min": Function(minimum, 1, None, "the smallest of its arguments, or of a list"),
    "prod": Function(product, 0, None, "the product of its arguments, or of a list"),
    "round": Function(_numeric(round), 1, 1, "the nearest whole number, halves to the even one"),
    "significant": Function(significant, 2, 2, "a rounded to its first b digits, halves to the even one"),
    "sum": Function(total, 0, None, "the sum of its arguments, or of a list"),
}
