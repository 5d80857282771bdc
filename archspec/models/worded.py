"""pydantic's findings in archspec's words; its own texts reach no user."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin

from archspec.errors import MAX_NAME, Fault, SpecError, clipped, did_you_mean, show

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


class Finding(NamedTuple):
    """What is wrong with a mapping: where below it, the error, and whether the key itself is at fault."""

    keys: tuple[Any, ...]
    error: SpecError
    of_key: bool


def worded(error: ValidationError, model: type[BaseModel], what: str = "key") -> Finding:
    """The first finding, an unknown key before all others; ``what`` the model's keys are called."""
    findings = error.errors(include_url=False)
    return _worded(next((item for item in findings if item["type"] == "extra_forbidden"), findings[0]), model, what)


def worded_given(error: ValidationError, model: type[BaseModel], what: str = "key") -> Finding | None:
    """The first finding about what is there, None where something is only missing."""
    findings = error.errors(include_url=False)
    return next((_worded(item, model, what) for item in findings if item["type"] != "missing"), None)


def _worded(found: ErrorDetails, model: type[BaseModel], what: str) -> Finding:
    keys, sort, value = found["loc"], found["type"], found["input"]
    context: dict[str, Any] = found.get("ctx", {})
    key = clipped(str(keys[-1]), MAX_NAME) if keys else ""
    named = f"`{key}` " if key else ""
    hint = None
    if sort == "extra_forbidden":
        fault = Fault.of_name(f"unknown-{what}", str(keys[-1]), known_keys(model, keys[:-1]))
        return Finding(keys, SpecError(f"unknown {what} `{key}`", hint=fault.suggestion, fault=fault), True)
    if sort == "missing":
        return Finding(keys[:-1], SpecError(f"missing {what} `{key}`"), False)
    if sort == "unfit":
        message, hint = named + context["cause"], context["hint"]
    elif sort == "literal_error":
        choices = get_args(_annotation(model, keys))
        shown = [show(choice) for choice in choices]
        message = f"{named}must be {' or '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}, got {show(value)}"
        hint = did_you_mean(value, filter(_is_text, choices)) if isinstance(value, str) else None
    elif sort in _BOUNDS:
        name, words = _BOUNDS[sort]
        message = f"{named}must be {words} {context[name]:g}, got {show(value)}"
    else:
        message = f"{named}must be {_TYPES.get(sort, 'something else')}, got {show(value)}"
    return Finding(keys, SpecError(message, hint=hint), False)


_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_TYPES = {
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
}


def known_keys(model: type[BaseModel], keys: tuple[Any, ...] = ()) -> list[str]:
    """The keys of the mapping at a place below a model's; none where any may stand there."""
    place = _annotation(model, keys)
    return [field.alias or name for name, field in getattr(place, "model_fields", {}).items()]


def _annotation(model: Any, keys: tuple[Any, ...]) -> Any:
    """What stands at a place by the types of the fields on the way."""
    place = model
    for key in keys:
        fields = getattr(place, "model_fields", None)
        if fields is None:
            place = (*get_args(place), None)[-1]  # the items of a list, the values of a mapping
        else:
            place = next((field.annotation for name, field in fields.items() if key in (name, field.alias)), None)
        place = next((part for part in _parts(place) if part is not type(None)), None)
    return place


def _parts(annotation: Any) -> Iterator[Any]:
    """The members of a union, without what stands beside them in ``Annotated``."""
    if get_origin(annotation) is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
