"""Changes to a text by position, which leave everything else, comments and layout included, as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archspec.errors import Span
from archspec.records import NamedTuple
from archspec.text.document import LINE_BREAK

LINE_END = re.compile(LINE_BREAK)


class Edit(NamedTuple):
    """Replace a range by a text; an empty range inserts."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that remove a finding; ``safe`` where they change no figure and no meaning."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made. Of two that overlap only the first is made."""
    starts = line_starts(text)
    ranges = sorted(
        (offset(starts, e.span.line, e.span.column), offset(starts, e.span.end_line, e.span.end_column), e.text)
        for e in edits
    )
    parts: list[str] = []
    done = 0
    for begin, end, new in ranges:
        if begin < done:
            continue
        parts += [text[done:begin], new]
        done = end
    return "".join([*parts, text[done:]])


def line_starts(text: str) -> list[int]:
    """Where each line begins, as readers count them."""
    return [0, *(line_break.end() for line_break in LINE_END.finditer(text))]


def offset(starts: list[int], line: int, column: int) -> int:
    """The index in the text of a line and column that count from 1."""
    return starts[line - 1] + column - 1
