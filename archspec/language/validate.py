"""pydantic's findings in archspec's words, at their place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from archspec.errors import MAX_NAME, ArchspecError, Fault, Span, SpecError, clipped
from archspec.expr.fault import ExpressionFault
from archspec.text.document import Map, Seq

if TYPE_CHECKING:
    pass

Located = TypeVar("Located", bound=ArchspecError)


def show_name(name: str) -> str:
    """A name as a message shows it."""
    return clipped(name, MAX_NAME)


def span_of(data: Any, key: Any = None, *, of_key: bool = False) -> Span | None:
    """The place of ``data[key]`` (or of the key itself), or of ``data``."""
    if key is not None:
        if isinstance(data, Map) and key in data:
            return (data.key_spans if of_key else data.spans)[key]
        if isinstance(data, Seq) and isinstance(key, int) and key < len(data):
            return data.span_at(key)
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
