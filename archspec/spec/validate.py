"""pydantic's findings in archspec's words, at their place in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from archspec.errors import ArchspecError, Span, SpecError, did_you_mean

if TYPE_CHECKING:
    from pydantic import ValidationError


def explain(error: ValidationError, names: Iterable[str], what: str = "argument") -> tuple[tuple[Any, ...], SpecError]:
    """The first finding: its place below the validated mapping, and the error that names it.

    ``names`` are the keys that exist, for the suggestion.
    """
    found = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")[0]
    place, sort = found["loc"], found["type"]
    key = str(place[-1]) if place else ""
    hint = None
    if sort == "extra_forbidden":
        message = f"unknown {what} `{key}`"
        hint = did_you_mean(key, names) or "known: " + ", ".join(names)
    elif sort == "missing":
        message = f"missing {what} `{key}`"
        place = place[:-1]
    elif sort == "value_error":
        message = f"`{key}` " + found["msg"].removeprefix("Value error, ") if place else found["msg"]
    elif sort == "literal_error":
        message = f"`{key}` must be {found['ctx']['expected']}, got {found['input']!r}"
        if isinstance(found["input"], str):
            hint = did_you_mean(found["input"], found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    elif sort.endswith("_type"):
        message = f"`{key}` must be {_TYPES.get(sort, sort.removesuffix('_type'))}, got {_show(found['input'])}"
    else:
        message = f"`{key}`: {found['msg'][0].lower()}{found['msg'][1:]}"
    return tuple(part for part in place if not str(part).startswith("function-")), SpecError(message, hint=hint)


_TYPES = {
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a mapping",
    "list_type": "a list",
    "int_type": "a whole number",
    "float_type": "a number",
}


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def span_of(data: Any, key: Any = None, *, of_key: bool = False) -> Span | None:
    """The place of ``data[key]`` (or of the key itself), or of ``data``."""
    if key is not None:
        spans = getattr(data, "key_spans" if of_key else "spans", None)
        if isinstance(spans, dict) and key in spans:
            return spans[key]  # type: ignore[no-any-return]
        if isinstance(spans, list) and isinstance(key, int) and key < len(spans):
            return spans[key]  # type: ignore[no-any-return]
    return getattr(data, "span", None)


def fail(
    message: str, data: Any, *keys: str | int, path: str, hint: str | None = None, of_key: bool = False
) -> SpecError:
    """A SpecError placed at ``data[keys...]``, or at the last key itself."""
    error = SpecError(message, hint=hint)
    place(error, data, keys, path, of_key=of_key)
    return error


def place(error: Located, data: Any, keys: tuple[str | int, ...], path: str, *, of_key: bool = False) -> Located:
    """Locate an error at ``data[keys...]``, as far as the text goes; inside the expression that it arose in."""
    span = span_of(data)
    for depth, key in enumerate(keys, 1):
        path = f"{path}.{key}" if path else str(key)
        span = span_of(data, key, of_key=of_key and depth == len(keys)) or span
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            data = None
    inside = getattr(error, "inside", None)
    found = _leaf(data, inside[0].rstrip(), span, path) if inside else None
    if isinstance(error, ExpressionError) and inside and found is not None and error.span is None:
        span, path = found
        column = _offset(span, inside)
        ...
    return error.located(span=span, path=path)
