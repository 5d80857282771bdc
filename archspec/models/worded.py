"""pydantic's findings in archspec's words; its own texts reach no user."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import Tag

from archspec.errors import MAX_NAME, Fault, SpecError, clipped, did_you_mean, show
from archspec.models.types import Invalid
from archspec.records import NamedTuple

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
    findings = _errors(error)
    return _worded(next((item for item in findings if item["type"] == "extra_forbidden"), findings[0]), model, what)


def worded_given(error: ValidationError, model: type[BaseModel], what: str = "key") -> Finding | None:
    """The first finding about what is there, None where something is only missing."""
    findings = _errors(error)
    return next((_worded(item, model, what) for item in findings if item["type"] != "missing"), None)


def _errors(error: ValidationError) -> list[ErrorDetails]:
    """The findings, of which those that a check raised let go of the frames they came through.

    The collector cannot see into pydantic's error: what it holds would hold it, by way of a frame and the error that is
    raised there, for as long as the process lives.
    """
    findings = error.errors(include_url=False)
    for found in findings:
        raised = found.get("ctx", {}).get("error")
        if isinstance(raised, BaseException):
            raised.__traceback__ = raised.__context__ = None
    return findings


def _worded(found: ErrorDetails, model: type[BaseModel], what: str) -> Finding:
    place, sort, value = found["loc"], found["type"], found["input"]
    keys, annotation = _walk(model, place)
    context: dict[str, Any] = found.get("ctx", {})
    error = context.get("error")
    if isinstance(error, Invalid):
        return Finding((*keys, *error.keys), SpecError(error.message, hint=error.hint), error.of_key)
    key = clipped(str(keys[-1]), MAX_NAME) if keys else ""
    named = f"`{key}` " if key else ""
    hint = None
    if sort == "extra_forbidden":
        fault = Fault.of_name(f"unknown-{what}", str(keys[-1]), known_keys(model, place[:-1]))
        return Finding(keys, SpecError(f"unknown {what} `{key}`", hint=fault.suggestion, fault=fault), True)
    if sort == "missing":
        return Finding(keys[:-1], SpecError(f"missing {what} `{key}`"), False)
    if sort == "unfit":
        message, hint = named + context["cause"], context["hint"]
    elif sort == "literal_error":
        choices = get_args(annotation)
        shown = [show(choice) for choice in choices]
        message = f"{named}must be {' or '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}, got {show(value)}"
        hint = did_you_mean(value, filter(_is_text, choices)) if isinstance(value, str) else None
    elif sort in _BOUNDS:
        name, words = _BOUNDS[sort]
        message = f"{named}must be {words} {context[name]:g}, got {show(value)}"
    else:
        parts = f" with {', '.join(known_keys(model, place))}" if sort == "model_type" else ""
        message = f"{named}must be {_TYPES.get(sort, 'something else')}{parts}, got {show(value)}"
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
    _, place = _walk(model, keys)
    return [field.alias or name for name, field in getattr(place, "model_fields", {}).items()]


def _walk(model: Any, place: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
    """The keys of a place, without the tags of unions' members, and what stands there by the types on the way.

    Only the types tell the two apart: a key may be any text.
    """
    annotation, keys = model, []
    for key in place:
        tagged = [part for part in _members(annotation) if Tag(key) in getattr(part, "__metadata__", ())]
        if tagged:
            annotation = get_args(tagged[0])[0]
        else:
            keys.append(key)
            annotation = _below(next(_parts(annotation), None), key)
    return tuple(keys), next(_parts(annotation), None)


def _below(annotation: Any, key: Any) -> Any:
    """The type of a key's value, of the items of a list, or of the values of a mapping."""
    fields = getattr(annotation, "model_fields", None)
    if fields is None:
        return (None, *get_args(annotation))[-1]
    others = get_type_hints(annotation, include_extras=True).get("__pydantic_extra__")
    return next((field.annotation for name, field in fields.items() if key in (name, field.alias)), _below(others, key))


def _parts(annotation: Any) -> Iterator[Any]:
    """The members of a union but null, without what stands beside them in ``Annotated``."""
    for part in _members(annotation):
        if get_origin(part) is Annotated:
            yield from _parts(get_args(part)[0])
        elif part is not type(None):
            yield part


def _members(annotation: Any) -> Iterator[Any]:
    """The members of a union, or the type that is none."""
    if get_origin(annotation) is Annotated and get_origin(get_args(annotation)[0]) in (Union, UnionType):
        annotation = get_args(annotation)[0]
    yield from get_args(annotation) if get_origin(annotation) in (Union, UnionType) else [annotation]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
