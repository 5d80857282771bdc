"""Numbers that tally every operation done to them. Plain numbers beside them are constants: known before the input."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

tally: Counter[str] = Counter()
W = 0.5  # every weight: the values do not matter, which operations are done does


class Tallied:
    """A number; arithmetic on it is tallied."""

    def __init__(self, value: float) -> None:
        self.value = value


def _operation(name: str, function: Callable[..., float]) -> Callable[..., Tallied]:
    def operation(*operands: Any) -> Tallied:
        tally[name] += 1
        return Tallied(function(*[each.value if isinstance(each, Tallied) else each for each in operands]))

    return operation


for _name, _function in {
    "add": lambda a, b: a + b, "radd": lambda a, b: b + a, "sub": lambda a, b: a - b, "rsub": lambda a, b: b - a,
    "mul": lambda a, b: a * b, "rmul": lambda a, b: b * a, "truediv": lambda a, b: a / b,
    "rtruediv": lambda a, b: b / a, "pow": lambda a, b: a**b, "neg": lambda a: -a, "abs": abs,
    "floor": math.floor, "ceil": math.ceil, "round": round,
}.items():  # fmt: skip
    setattr(Tallied, f"__{_name}__", _operation(_name, _function))

exp, log, tanh, erf, sqrt, sin, cos = (
    _operation(f.__name__, f) for f in (math.exp, math.log, math.tanh, math.erf, math.sqrt, math.sin, math.cos)
)
negation = _operation("not", lambda a: not a)
largest, smallest = _operation("max", max), _operation("min", min)
above = _operation("compare", lambda a, b: a > b)


def numbers(*shape: int) -> Any:
    """An array of tallied numbers between 0 and 1."""
    array = np.empty(shape, object)
    for i, index in enumerate(np.ndindex(*shape)):
        array[index] = Tallied((i * 7 % 11 + 1) / 12)
    return array


def zeros(*shape: int) -> Any:
    """An array of tallied zeros."""
    return each(lambda _: Tallied(0.0), np.empty(shape, object))


def each(function: Callable[[Any], Any], array: Any) -> Any:
    """``function`` of every element."""
    result = np.empty_like(array)
    for index in np.ndindex(*array.shape):
        result[index] = function(array[index])
    return result


def add_up(items: Iterable[Any]) -> Any:
    """The sum of n numbers: n - 1 additions."""
    return reduce(lambda a, b: a + b, items)


def most(items: Iterable[Any]) -> Any:
    """The largest of n numbers: n - 1 comparisons."""
    return reduce(largest, items)


def dot(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """A sum of products that starts at zero: a multiplication and an addition to each."""
    total: Any = Tallied(0.0)
    for a, b in pairs:
        total = total + a * b
    return total


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)): 4 operations."""
    return 1 / (1 + exp(-x))
