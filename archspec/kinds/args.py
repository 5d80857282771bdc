"""Types of arguments: what is validated, what the JSON Schema says, what an error reads like.

Every type lets an unresolved expression pass: a layer is checked when its file is read, with what is known then, and
again when its expressions have values.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Annotated, Any

from pydantic_core import core_schema as core

from archspec.errors import show
from archspec.expr import Expr
from archspec.sizes import Size, require, whole
from archspec.validation import Check, checked, opened

MAX_SIZE_DIGITS = 40  # a size is bounded so that products of a few stay printable


def _integer(value: Any, least: int) -> Size:
    if type(value) is int:
        if value < least:
            raise ValueError(f"must be at least {least}, got {value}")
        if value >= 10**MAX_SIZE_DIGITS:
            raise ValueError(f"must have at most {MAX_SIZE_DIGITS} digits, got {len(str(value))}")
        return value
    if getattr(value, "is_size", False):
        require(whole(value), "must be a whole number, got {value}", value=value)
        require(value >= least, f"must be at least {least}, got {{value}}", value=value)
        return value  # type: ignore[no-any-return]
    raise ValueError(f"must be a whole number, got {show(value)}")


def _sizes(value: Any, least: int) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(item if isinstance(item, Expr) else _integer(item, least) for item in value)
    return _integer(value, least)


EXPRESSION = {"type": "string", "pattern": r"\$"}
_LEAST = -(10**MAX_SIZE_DIGITS)


def _one(least: int) -> list[dict[str, Any]]:
    return [{"type": "integer"} if least == _LEAST else {"type": "integer", "minimum": least}, EXPRESSION]


def _size(least: int) -> Check:
    return checked(partial(_integer, least=least), {"anyOf": _one(least)})


def _axes(least: int) -> Check:
    items = {"type": "array", "items": {"anyOf": _one(least)}}
    return checked(partial(_sizes, least=least), {"anyOf": [*_one(least), items]})


Positive = Annotated[Size, _size(1)]
Natural = Annotated[Size, _size(0)]
Whole = Annotated[Size, _size(_LEAST)]
Axes = Annotated[Size | tuple[Size, ...], _axes(1)]
NaturalAxes = Annotated[Size | tuple[Size, ...], _axes(0)]
WholeAxes = Annotated[Size | tuple[Size, ...], _axes(_LEAST)]
Flag = Annotated[bool, opened(core.bool_schema(strict=True), {"type": "boolean"})]


def _padding(value: Any) -> Any:
    if isinstance(value, str) and value in ("half", "same_upper", "same_lower"):
        return value
    if value == "same":
        raise ValueError("must be half, same_upper or same_lower: `same` differs between frameworks at strides above 1")
    if isinstance(value, str):
        raise ValueError(f"must be whole numbers, half, same_upper or same_lower, got {show(value)}")
    return _sizes(value, 0)


_PADDINGS = {"enum": ["half", "same_upper", "same_lower"]}
_AMOUNTS = {"type": "array", "items": {"anyOf": _one(0)}}
Padding = Annotated[Size | tuple[Size, ...] | str, checked(_padding, {"anyOf": [_PADDINGS, *_one(0), _AMOUNTS]})]


def _folded(value: Any) -> Any:
    """A kind's name, ``{kind: arguments}`` or ``none``; what is inside is checked when it is unfolded."""
    if value is None or isinstance(value, str) or (isinstance(value, dict) and len(value) == 1):
        return value
    raise ValueError(f"must be a kind or {{kind: arguments}}, got {show(value)}")


Folded = Annotated[Any, checked(_folded, {"anyOf": [{"type": ["string", "null"]}, {"type": "object"}]})]


def _real(json: dict[str, float], **bounds: float) -> Check:
    """A number within JSON Schema's bounds, which pydantic's core calls by other names."""
    schema = core.float_schema(strict=True, allow_inf_nan=False, **bounds)  # type: ignore[arg-type]
    return opened(schema, {"anyOf": [{"type": "number", **json}, EXPRESSION]})


Real = Annotated[float, _real({})]
Above0 = Annotated[float, _real({"exclusiveMinimum": 0}, gt=0)]
AtLeast0 = Annotated[float, _real({"minimum": 0}, ge=0)]
Probability = Annotated[float, _real({"minimum": 0, "maximum": 1}, ge=0, le=1)]

_NULL = {"type": "null"}


def _optional_axes(value: Any) -> Any:
    return None if value is None else _sizes(value, 1)


def _output_axes(value: Any) -> Any:
    """A size, or a list in which null keeps the input's size."""
    if isinstance(value, (list, tuple)):
        return tuple(item if item is None or isinstance(item, Expr) else _integer(item, 1) for item in value)
    return _integer(value, 1)


OptionalAxes = Annotated[
    Size | tuple[Size, ...] | None,
    checked(_optional_axes, {"anyOf": [*_one(1), {"type": "array", "items": {"anyOf": _one(1)}}, _NULL]}),
]
OutputAxes = Annotated[
    Size | tuple[Size | None, ...],
    checked(_output_axes, {"anyOf": [*_one(1), {"type": "array", "items": {"anyOf": [*_one(1), _NULL]}}]}),
]


def _scale(value: Any) -> Any:
    if value is None or isinstance(value, Expr) or getattr(value, "is_size", False):
        return value
    if isinstance(value, (list, tuple)) and not any(item is None or isinstance(item, (list, tuple)) for item in value):
        return tuple(map(_scale, value))
    if isinstance(value, Fraction):
        value = float(value)
    if type(value) not in (int, float):
        raise ValueError(f"must be a number or a list of numbers, got {show(value)}")
    if not 0 < value < 10**MAX_SIZE_DIGITS:
        raise ValueError(f"must be above 0 and have at most {MAX_SIZE_DIGITS} digits")
    return value


_FACTOR: list[dict[str, Any]] = [{"type": "number", "exclusiveMinimum": 0}, EXPRESSION]
Scale = Annotated[Any, checked(_scale, {"anyOf": [*_FACTOR, {"type": "array", "items": {"anyOf": _FACTOR}}, _NULL]})]


def _ids(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError(f"must be a list of ids, got {show(value)}")


Axis = Annotated[int, opened(core.int_schema(strict=True), {"type": "integer"})]
Ids = Annotated[tuple[str, ...] | None, checked(_ids, {"type": ["array", "null"], "items": {"type": "string"}})]
