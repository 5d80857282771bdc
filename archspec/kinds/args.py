"""Types of arguments: what pydantic validates, what the JSON Schema says, what an error reads like.

Every type lets an unresolved expression pass: a layer is checked when its file is read, with what is known then, and
again when its expressions have values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    WithJsonSchema,
    WrapValidator,
    create_model,
)

from archspec.expr import Expr
from archspec.sizes import Size, require

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SIZE_DIGITS = 40  # a size is bounded so that products of a few stay printable


def _integer(value: Any, least: int) -> Size:
    if type(value) is int:
        if value < least:
            raise ValueError(f"must be at least {least}, got {value}")
        if value >= 10**MAX_SIZE_DIGITS:
            raise ValueError(f"a size has at most {MAX_SIZE_DIGITS} digits")
        return value
    if getattr(value, "is_size", False):
        require(value >= least, f"must be at least {least}, got {{value}}", value=value)
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        raise ValueError(f"expected a whole number, got {value!r}; an expression needs `$` before each name")
    raise ValueError(f"expected a whole number, got {value!r}")


def _sizes(value: Any, least: int) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(item if isinstance(item, Expr) else _integer(item, least) for item in value)
    return _integer(value, least)


def _checked(check: Callable[[Any, int], Any], least: int) -> PlainValidator:
    return PlainValidator(lambda value: value if isinstance(value, Expr) else check(value, least))


EXPRESSION = {"type": "string", "pattern": r"\$"}
_INTEGER = {"type": "integer"}


def _schema(least: int, *, several: bool = False) -> WithJsonSchema:
    one = [{**_INTEGER, "minimum": least}, EXPRESSION]
    return WithJsonSchema({"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}] if several else one})


Positive = Annotated[Size, _checked(_integer, 1), _schema(1)]
Natural = Annotated[Size, _checked(_integer, 0), _schema(0)]
Whole = Annotated[Size, _checked(_integer, -(10**MAX_SIZE_DIGITS)), WithJsonSchema({"anyOf": [_INTEGER, EXPRESSION]})]
Axes = Annotated[Size | tuple[Size, ...], _checked(_sizes, 1), _schema(1, several=True)]
NaturalAxes = Annotated[Size | tuple[Size, ...], _checked(_sizes, 0), _schema(0, several=True)]
WholeAxes = Annotated[
    Size | tuple[Size, ...],
    _checked(_sizes, -(10**MAX_SIZE_DIGITS)),
    WithJsonSchema({"anyOf": [_INTEGER, EXPRESSION, {"type": "array", "items": {"anyOf": [_INTEGER, EXPRESSION]}}]}),
]
Flag = StrictBool


def _padding(value: Any) -> Any:
    if isinstance(value, Expr) or value in ("half", "same_upper", "same_lower"):
        return value
    if value == "same":
        raise ValueError("`same` differs between frameworks at strides above 1; say half, same_upper or same_lower")
    if isinstance(value, str):
        raise ValueError(f"expected whole numbers, half, same_upper or same_lower, got {value!r}")
    return _sizes(value, 0)


Padding = Annotated[
    Size | tuple[Size, ...] | str,
    PlainValidator(_padding),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["half", "same_upper", "same_lower"]},
                {"type": "integer", "minimum": 0},
                {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 0}, EXPRESSION]}},
                EXPRESSION,
            ]
        }
    ),
]


def _folded(value: Any) -> Any:
    """A kind's name, ``{kind: arguments}`` or ``none``; what is inside is checked when it is unfolded."""
    if value is None or isinstance(value, (str, Expr)) or (isinstance(value, dict) and len(value) == 1):
        return value
    raise ValueError(f"expected a kind or {{kind: arguments}}, got {value!r}")


Folded = Annotated[
    Any, PlainValidator(_folded), WithJsonSchema({"anyOf": [{"type": ["string", "null"]}, {"type": "object"}]})
]


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

Axis = Annotated[int, Field(strict=True)]
Ids = tuple[str, ...] | None


def _let_pass(value: Any, validate: Callable[[Any], Any]) -> Any:
    return value if isinstance(value, Expr) else validate(value)


def build_model(name: str, types: dict[str, Any], defaults: dict[str, Any]) -> type[BaseModel]:
    """The pydantic model of a kind's arguments; ``...`` as default marks a required one."""
    fields: dict[str, Any] = {
        field: (kind if _passes(kind) else Annotated[kind, WrapValidator(_let_pass)], defaults[field])
        for field, kind in types.items()
    }
    return create_model(name, __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **fields)


def _passes(kind: Any) -> bool:
    return any(isinstance(item, PlainValidator) for item in getattr(kind, "__metadata__", ()))
