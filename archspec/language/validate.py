"""pydantic's findings in archspec's words, at their place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from archspec.errors import MAX_NAME, ArchspecError, Fault, Span, SpecError, clipped, did_you_mean, show
from archspec.expr.fault import ExpressionFault

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails, ValidationError

Located = TypeVar("Located", bound=ArchspecError)


class Finding(NamedTuple):
    """What pydantic found: its place below the validated mapping, the error, and whether the key itself is at fault."""

    keys: tuple[Any, ...]
    error: SpecError
    of_key: bool


def explain(error: ValidationError, names: Iterable[str], what: str = "argument") -> Finding:
    """The first finding, an unknown key before all others; ``names`` are the keys that exist, for the suggestion."""
    findings = error.errors(include_url=False)
    return worded(next((item for item in findings if item["type"] == "extra_forbidden"), findings[0]), names, what)


def explain_given(error: ValidationError, names: Iterable[str]) -> Finding | None:
    """The first finding about what is there, None where something is only missing."""
    findings = error.errors(include_url=False)
    return next((worded(item, names, "argument") for item in findings if item["type"] != "missing"), None)


def worded(found: ErrorDetails, names: Iterable[str], what: str) -> Finding:
    """One of pydantic's findings in our words."""
    place, sort = found["loc"], found["type"]
    key = str(place[-1]) if place else ""
    hint = fault = None
    if sort == "extra_forbidden":
        message = f"unknown {what} `{show_name(key)}`"
        fault = Fault.of_name(f"unknown-{what}", key, names)
        hint = fault.suggestion
    elif sort == "missing":
        message = f"missing {what} `{key}`"
        place = place[:-1]
    elif sort == "value_error":
        message = f"`{key}` " + found["msg"].removeprefix("Value error, ") if place else found["msg"]
        if isinstance(found["input"], str) and "whole number" in message:
            hint = "a number without quotes, or an expression with `$` before each name: 4*$width"
    elif sort == "literal_error":
        expected = found["ctx"]["expected"].replace("True", "true").replace("False", "false")
        message = f"`{key}` must be {expected}, got {show(found['input'])}"
        if isinstance(found["input"], str):
            choices = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            hint = did_you_mean(found["input"], choices)
    elif sort.endswith("_type"):
        message = f"`{key}` must be {_TYPES.get(sort, sort.removesuffix('_type'))}, got {show(found['input'])}"
    elif sort in _BOUNDS:
        (bound,) = found["ctx"].values()
        message = f"`{key}` must be {_BOUNDS[sort]} {bound:g}, got {show(found['input'])}"
    else:
        message = f"`{key}`: {found['msg'][0].lower()}{found['msg'][1:]}"
    keys = tuple(part for part in place if not str(part).startswith("function-"))
    return Finding(keys, SpecError(message, hint=hint, fault=fault), sort == "extra_forbidden")


_BOUNDS = {
    "greater_than": "above", "greater_than_equal": "at least", "less_than": "below", "less_than_equal": "at most",
}  # fmt: skip
_TYPES = {
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a mapping",
    "list_type": "a list",
    "int_type": "a whole number",
    "float_type": "a number",
}


def show_name(name: str) -> str:
    """A name as a message shows it."""
    return clipped(name, MAX_NAME)


def span_of(data: Any, key: Any = None, *, of_key: bool = False) -> Span | None:
    """The place of ``data[key]`` (or of the key itself), or of ``data``."""
    if key is not None:
        spans: dict[Any, Span] | list[Span] | None = getattr(data, "key_spans" if of_key else "spans", None)
        if isinstance(spans, dict) and key in spans:
            return spans[key]
        if isinstance(spans, list) and isinstance(key, int) and key < len(spans):
            return spans[key]
    return getattr(data, "span", None)


def fail(
    message: str,
    data: Any,
    *keys: str | int,
    path: str,
    hint: str | None = None,
    fault: Fault | None = None,
    of_key: bool = False,
) -> SpecError:
    """A SpecError placed at ``data[keys...]``, or at the last key itself."""
    return place(SpecError(message, hint=hint, fault=fault), data, keys, path, of_key=of_key)


def place(error: Located, data: Any, keys: tuple[str | int, ...], path: str, *, of_key: bool = False) -> Located:
    """Locate an error at ``data[keys...]``, as far as the text goes; inside the expression that it arose in."""
    span = span_of(data)
    there = True
    for depth, key in enumerate(keys, 1):
        path = f"{path}.{key}" if path else str(key)
        if not there:
            continue
        span = span_of(data, key, of_key=of_key and depth == len(keys)) or span
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            there = False
    if error.span is None and error.inside and span:
        text, column = error.inside
        for leaf, at, steps in _texts(data, span):
            if leaf.rstrip() == text.rstrip():
                span, path = at, ".".join((path, *steps))
                exact = _within(at, leaf, column)
                if exact and isinstance(error, ExpressionFault):
                    error.message = error.cause
                span = exact or span
                break
    return error.located(span=span, path=path)


def _texts(data: Any, span: Span, steps: tuple[str, ...] = ()) -> Iterator[tuple[str, Span, tuple[str, ...]]]:
    """Every text in the data, with its place and the steps to it."""
    if isinstance(data, str):
        yield data, span, steps
    elif isinstance(data, (list, dict)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _texts(value, span_of(data, key) or span, (*steps, str(key)))


def _within(span: Span, text: str, column: int) -> Span | None:
    """The place of a column of a text on one line; None where escapes or line breaks make it unclear."""
    width = span.end_column - span.column
    if span.line != span.end_line or width - len(text) not in (0, 2):  # 2: the quotes
        return None
    start = span.column + column + (width - len(text)) // 2
    return Span(span.line, start, span.line, start + 1)
