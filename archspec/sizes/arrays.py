"""Integer arrays with exact content: int64 where every value fits, Python ints in object dtype where one does not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from archspec.sizes.interval import Interval

Array: TypeAlias = npt.NDArray[Any]


def fits(bounds: Interval) -> bool:
    """Whether all integers within the bounds are int64."""
    return bounds[0] >= -(2**63) and bounds[1] < 2**63


def extremes(values: Array) -> Interval:
    """Least and largest value of an int64 array; zeros for an empty one."""
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def settled(values: Array) -> tuple[Array, Any, Any]:
    """An object array of ints and fractions in its one representation, with its least and largest value."""
    items = [item.numerator if item.denominator == 1 else item for item in values.flat]
    low, high = (min(items), max(items)) if items else (0, 0)
    whole = not any(type(item) is Fraction for item in items)
    result = np.empty(len(items), np.int64 if whole and fits((low, high)) else object)
    result[:] = items
    return result.reshape(values.shape), low, high
