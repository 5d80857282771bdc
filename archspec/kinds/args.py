"""Types of arguments: what is validated, what the JSON Schema says, what an error reads like.

Every type lets an unresolved expression pass: a layer is checked when its file is read, with what is known then, and
again when its expressions have values.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from archspec.errors import show
from archspec.expr import Expr
from archspec.models.types import EXPRESSION, Json, Open, Taken, one_of, opened, unfit
from archspec.sizes import Size, require, whole

MAX_SIZE_DIGITS = 40  # a size is bounded so that products of a few stay printable
_LEAST = -(10**MAX_SIZE_DIGITS)
QUOTED = "a number without quotes, or an expression with `$` before each name: 4*$width"
_NULL: Json = {"type": "null"}


def _integer(value: Any, least: int = _LEAST) -> Size:
    """A size of any sort, at least ``least`` and of bounded length. Raises what ``unfit`` makes, ShapeError."""
    if type(value) is int:
        if value < least:
            raise unfit(f"must be at least {least}, got {value}")
        if value >= 10**MAX_SIZE_DIGITS:
            raise unfit(f"must have at most {MAX_SIZE_DIGITS} digits, got {len(str(value))}")
        return value
    if getattr(value, "is_size", False):
        require(whole(value), "must be a whole number, got {value}", value=value)
        require(value >= least, f"must be at least {least}, got {{value}}", value=value)
        return value  # type: ignore[no-any-return]
    raise unfit(f"must be a whole number, got {show(value)}", QUOTED if isinstance(value, str) else None)


def _sizes(value: Any, least: int) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple([item if isinstance(item, Expr) else _integer(item, least) for item in value])
    return _integer(value, least)


def _number(least: int) -> Json:
    return {"type": "integer"} if least == _LEAST else {"type": "integer", "minimum": least}


def _list(*items: Json) -> Json:
    return {"type": "array", "items": one_of(*items, EXPRESSION)}


def _size(least: int) -> Taken:
    return opened(partial(_integer, least=least), _number(least))


def _axes(least: int) -> Taken:
    return opened(partial(_sizes, least=least), _number(least), _list(_number(least)))


Positive = Annotated[Size, _size(1)]
Natural = Annotated[Size, _size(0)]
Whole = Annotated[Size, _size(_LEAST)]
Axes = Annotated[Size | tuple[Size, ...], _axes(1)]
NaturalAxes = Annotated[Size | tuple[Size, ...], _axes(0)]
WholeAxes = Annotated[Size | tuple[Size, ...], _axes(_LEAST)]
FRONT = "..."  # in front of a list of axes: those that it does not name


def _behind_front(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], str) and value[0] == FRONT:
        return (FRONT, *_sizes(value[1:], _LEAST))
    return _sizes(value, _LEAST)


FrontAxes = Annotated[
    Size | tuple[Size | str, ...],
    opened(_behind_front, _number(_LEAST), _list(_number(_LEAST), {"enum": [FRONT]})),
]
Axis = Annotated[int, Open()]
Flag = Annotated[bool, Open()]
Real = Annotated[float, Field(allow_inf_nan=False), Open()]
Above0 = Annotated[float, Field(gt=0, allow_inf_nan=False), Open()]
AtLeast0 = Annotated[float, Field(ge=0, allow_inf_nan=False), Open()]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), Open()]

PADDINGS = ("half", "same_upper", "same_lower")


def _padding(value: Any) -> Any:
    if isinstance(value, str) and value in PADDINGS:
        return value
    if value == "same":
        raise unfit("must be half, same_upper or same_lower: `same` differs between frameworks at strides above 1")
    if isinstance(value, str):
        raise unfit(f"must be whole numbers, half, same_upper or same_lower, got {show(value)}", QUOTED)
    return _sizes(value, 0)


Padding = Annotated[
    Size | tuple[Size, ...] | str, opened(_padding, {"enum": list(PADDINGS)}, _number(0), EXPRESSION, _list(_number(0)))
]


def _folded(value: Any) -> Any:
    """A kind's name, ``{kind: arguments}`` or ``none``; what is inside is checked when it is unfolded."""
    if value is None or isinstance(value, str) or (isinstance(value, dict) and len(value) == 1):
        return value
    raise unfit(f"must be a kind or {{kind: arguments}}, got {show(value)}")


FOLDED: Json = {"ref": "folded"}
Folded = Annotated[Any, Taken(lambda value: value if isinstance(value, Expr) else _folded(value), FOLDED)]


def _optional_axes(value: Any) -> Any:
    return None if value is None else _sizes(value, 1)


def _output_axes(value: Any) -> Any:
    """A size, or a list in which null keeps the input's size."""
    if isinstance(value, (list, tuple)):
        return tuple([item if item is None or isinstance(item, Expr) else _integer(item, 1) for item in value])
    return _integer(value, 1)


OptionalAxes = Annotated[Size | tuple[Size, ...] | None, opened(_optional_axes, _number(1), _list(_number(1)), _NULL)]
OutputAxes = Annotated[Size | tuple[Size | None, ...], opened(_output_axes, _number(1), _list(_number(1), _NULL))]


def _scale(value: Any) -> Any:
    if value is None or isinstance(value, Expr) or getattr(value, "is_size", False):
        return value
    if isinstance(value, (list, tuple)) and not any(item is None or isinstance(item, (list, tuple)) for item in value):
        return tuple(map(_scale, value))
    if isinstance(value, Fraction):
        value = float(value)
    if type(value) not in (int, float):
        raise unfit(f"must be a number or a list of numbers, got {show(value)}")
    if not 0 < value < 10**MAX_SIZE_DIGITS:
        raise unfit(f"must be above 0 and have at most {MAX_SIZE_DIGITS} digits")
    return value


_FACTOR: Json = {"type": "number", "exclusiveMinimum": 0}
Scale = Annotated[Any, opened(_scale, _FACTOR, EXPRESSION, _list(_FACTOR), _NULL)]


def _ids(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise unfit(f"must be a list of ids, got {show(value)}")


Ids = Annotated[tuple[str, ...] | None, Taken(_ids, {"type": ["string", "array", "null"], "items": {"type": "string"}})]
