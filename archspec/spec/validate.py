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


def fail(message: str, data: Any, key: Any = None, *, path: str, hint: str | None = None, of_key: bool = False) -> SpecError:
    """A SpecError placed at ``data[key]``."""
    where = path if key is None else f"{path}.{key}" if path else str(key)
    return SpecError(message, hint=hint, span=span_of(data, key, of_key=of_key), path=where)


def place(error: ArchspecError, data: Any, keys: tuple[Any, ...], path: str) -> ArchspecError:
    """Locate an error at ``data[keys...]``, as far as the text goes."""
    span = span_of(data)
    for key in keys:
        span = span_of(data, key, of_key=key == keys[-1] and error.message.startswith("unknown ")) or span
        path += f".{key}"
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            break
    return error.located(span=span, path=path)
