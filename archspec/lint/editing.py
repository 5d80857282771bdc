"""Fixes as edits of the text: put a key into a mapping, take one out, in the style the mapping is written in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archspec.errors import ArchspecError, Span
from archspec.text.document import Map
from archspec.text.edits import Edit, Fix, offset

if TYPE_CHECKING:
    from archspec.lint.context import Context

Path = Sequence[str | int]


def fix(title: str, *edits: Edit | None, safe: bool) -> Fix | None:
    """A fix by some edits; None where the text offers no place for one of them."""
    whole = tuple(edit for edit in edits if edit is not None)
    return Fix(title, whole, safe) if len(whole) == len(edits) else None


def says(context: Context, path: Path, key: str, value: str, main: str | None = None, *, safe: bool) -> Fix | None:
    """The fix that writes ``key: value`` into what stands at a path, as `insert` does."""
    return fix(f"write {key}: {value}", insert(context, path, key, value, main), safe=safe)


def drops(context: Context, path: Path, *, safe: bool) -> Fix | None:
    """The fix that leaves the entry at a path out."""
    return fix("leave it out", remove(context, path), safe=safe)


def written(context: Context, span: Span) -> str:
    """The text of a range."""
    begin, end = (offset(context.starts, *place) for place in (span[:2], span[2:]))
    return context.text[begin:end]


def is_json(context: Context) -> bool:
    """Whether the file is JSON, which quotes its keys."""
    from archspec.text.json_text import is_json

    return context.file.lower().endswith(".json") or is_json(context.text)


def insert(context: Context, path: Path, key: str, value: str, main: str | None = None) -> Edit | None:
    """Add ``key: value`` to what stands at a path: a mapping, or with ``main`` the one argument a scalar stands for.

    ``value`` is YAML, and JSON where it is no plain word. None where the text offers no place for it.
    """
    span, data = context.span(path), context.at(path)
    entry = f"{key}:{value}" if value[:1] in "\r\n" else f"{key}: {value}"
    if is_json(context):
        literal = value in ("true", "false", "null") or value[:1].isdigit() or value[:1] in "{["
        entry = f"{json.dumps(key)}: {value if literal else json.dumps(value)}"
    if isinstance(data, Map):
        if written(context, span)[:1] == "{":
            return _into_flow(context, data, span, entry)
        return _into_block(context, data, span, entry)
    if data is not None and not isinstance(data, (list, dict)) and main:
        return Edit(span, f"{{{json.dumps(main) if is_json(context) else main}: {written(context, span)}, {entry}}}")
    return None


def remove(context: Context, path: Path) -> Edit | None:
    """Take the entry at a path out of its mapping, its line with it where it has one. None for the only entry."""
    around = context.at(path[:-1])
    key = path[-1]
    if not isinstance(around, Map) or len(around) < 2 or not isinstance(key, str):
        return None
    keys = list(around)
    index = keys.index(key)
    start, end = around.key_spans[key], around.spans[key]
    if written(context, context.span(path[:-1]))[:1] == "{":
        if index + 1 < len(keys):
            following = around.key_spans[keys[index + 1]]
            return Edit(Span(start.line, start.column, following.line, following.column), "")
        before = around.spans[keys[index - 1]]
        return Edit(Span(before.end_line, before.end_column, end.end_line, end.end_column), "")
    if context.lines[start.line - 1][: start.column - 1].strip():
        return None  # the first key of a list's item stands behind its dash
    return without_lines(context, start.line, end.end_line)


def without_lines(context: Context, first: int, last: int) -> Edit:
    """Take whole lines out; no line feed need end the last one."""
    lines = context.lines
    end = (last + 1, 1) if last < len(lines) else (len(lines), len(lines[-1]) + 1)
    return Edit(Span(first, 1, *end), "")


def replace(context: Context, path: Path, value: str) -> Edit:
    """Put a plain value in another's place."""
    return Edit(context.span(path), value)


def correction(error: ArchspecError, context: Context) -> Fix | None:
    """What was probably meant in the place of what is at fault, where an error knows both."""
    if error.fault is None or error.fault.nearest is None or error.span is None or error.file != context.file:
        return None
    sign = "$" if error.fault.sort == "unknown-variable" else ""
    old, new = sign + error.fault.name, sign + error.fault.nearest
    line, column, *_ = error.span
    begin = offset(context.starts, line, column)
    if context.text[begin : begin + 1] in ('"', "'"):
        begin, column = begin + 1, column + 1
    if not context.text.startswith(old, begin):
        return None
    return fix(f"write {new}", Edit(Span(line, column, line, column + len(old)), new), safe=False)


def named(context: Context, path: Path, entry: str, value: str) -> Edit | None:
    """Add a key such as `id` or `tie` to a layer, which may be the bare name of a kind."""
    data = context.at(path)
    if isinstance(data, str) and not is_json(context):
        return Edit(context.span(path), f"{{{data}: , {entry}: {value}}}")
    return insert(context, path, entry, value)


def _into_flow(context: Context, data: Any, span: Span, entry: str) -> Edit:
    inside = written(context, span)[1:-1]
    bare = inside.rstrip()
    closing = Span(span.end_line, span.end_column - 1, span.end_line, span.end_column - 1)
    if bare.endswith(",") or not data:
        return Edit(closing, (" " if bare.endswith(",") and bare == inside else "") + entry)
    last = data.spans[list(data)[-1]]
    # Behind the last value, not before the brace: that may stand on a line of its own.
    place = Span(last.end_line, last.end_column, last.end_line, last.end_column)
    key = data.key_spans[list(data)[-1]]
    before = context.lines[key.line - 1][: key.column - 1]
    between = f",{context.newline}{before}" if not before.strip() else ", "
    return Edit(place, between + entry)


def _into_block(context: Context, data: Any, span: Span, entry: str) -> Edit | None:
    lines = context.lines
    first = data.key_spans[next(iter(data))]
    before = lines[first.line - 1][: first.column - 1]
    if before.replace("-", "").strip():
        return None  # a pair inside `[...]`
    end = lines[span.end_line - 1].removesuffix("\r")
    place = Span(span.end_line, len(end) + 1, span.end_line, len(end) + 1)
    return Edit(place, f"{context.newline}{' ' * (first.column - 1)}{entry}")
