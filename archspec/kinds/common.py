"""What several families share: decimal arguments, sizes that may be left out, the meaning of an axis argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import Field, PlainValidator, WithJsonSchema, WrapValidator

from archspec.errors import ShapeError
from archspec.expr import Expr
from archspec.kinds.args import EXPRESSION, MAX_SIZE_DIGITS, Axes
from archspec.kinds.base import Shape
from archspec.sizes import Size

if TYPE_CHECKING:
    from collections.abc import Callable


def _number(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number", **bounds}, EXPRESSION]})


Real = Annotated[float, Field(strict=True, allow_inf_nan=False), _number()]
Above0 = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0), _number(exclusiveMinimum=0)]
AtLeast0 = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0), _number(minimum=0)]
Probability = Annotated[float, Field(strict=True, ge=0, le=1), _number(minimum=0, maximum=1)]

_SIZE: list[dict[str, Any]] = [{"type": "integer", "minimum": 1}, EXPRESSION]
_NULL = {"type": "null"}


def _or_none(value: Any, validate: Callable[[Any], Any]) -> Any:
    return None if value is None else validate(value)


def _items_or_none(value: Any, validate: Callable[[Any], Any]) -> Any:
    if isinstance(value, (list, tuple)) and not any(isinstance(item, (list, tuple)) for item in value):
        return tuple(None if item is None else validate(item) for item in value)
    return validate(value)


# `Axes` with None let pass: its validator is taken over, since pydantic would report a union's every branch.
OptionalAxes = Annotated[
    Size | tuple[Size, ...] | None,
    get_args(Axes)[1],
    WrapValidator(_or_none),
    WithJsonSchema({"anyOf": [*_SIZE, {"type": "array", "items": {"anyOf": _SIZE}}, _NULL]}),
]
# A size, or a list in which null keeps the input's size.
OutputAxes = Annotated[
    Axes,
    WrapValidator(_items_or_none),
    WithJsonSchema({"anyOf": [*_SIZE, {"type": "array", "items": {"anyOf": [*_SIZE, _NULL]}}]}),
]


def _scale(value: Any) -> Any:
    if value is None or isinstance(value, Expr) or getattr(value, "is_size", False):
        return value
    if isinstance(value, (list, tuple)) and not any(item is None or isinstance(item, (list, tuple)) for item in value):
        return tuple(map(_scale, value))
    if type(value) not in (int, float):
        raise ValueError(f"expected a number or a list of numbers, got {value!r}")
    if not 0 < value < 10**MAX_SIZE_DIGITS:
        raise ValueError(f"must be above 0 and have at most {MAX_SIZE_DIGITS} digits")
    return value


_FACTOR: list[dict[str, Any]] = [{"type": "number", "exclusiveMinimum": 0}, EXPRESSION]
Scale = Annotated[
    Any,
    PlainValidator(_scale),
    WithJsonSchema({"anyOf": [*_FACTOR, {"type": "array", "items": {"anyOf": _FACTOR}}, _NULL]}),
]


def axis_index(axis: int, shape: Shape, name: str = "axis") -> int:
    """``axis`` as an index from the front of ``shape``; negative ones count from the end. Raises ShapeError.

    The batch, axis 0, is refused: what happens across the samples of a batch is no layer of a network.
    """
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ShapeError(f"{name} {axis} is out of range: the input has axes 1 to {rank - 1}")
    if axis % rank == 0:
        raise ShapeError(f"{name} {axis} is the batch axis", hint="axis 1 is the first axis of a shape as written")
    return axis % rank
