"""Comments of a text with their places: what the data does not keep."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from archspec.errors import Span
from archspec.records import NamedTuple
from archspec.text.document import Document, Map, Node, Seq
from archspec.text.edits import LINE_END, line_starts, offset

_COMMENT = re.compile(r"#[^\r\n]*")
# What stands behind the sign of a block scalar, up to the comment on its line.
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?=#)")


class Comment(NamedTuple):
    """A comment from its ``#`` to the end of the line; ``alone`` where nothing but spaces stands before it."""

    span: Span
    text: str
    alone: bool


def comments(document: Document) -> list[Comment]:
    """Every comment, in the order of the text; JSON has none."""
    text = document.text
    if "#" not in text:
        return []
    starts = line_starts(text)
    result: list[Comment] = []
    line = 0
    for begin, end in _gaps(document, starts):
        if text.find("#", begin, end) < 0:
            continue
        for match in _COMMENT.finditer(text, begin, end):
            index = match.start()
            while line + 1 < len(starts) and starts[line + 1] <= index:
                line += 1
            if text[starts[line]] == "%" and text[index - 1] not in " \t":
                continue  # a part of a directive
            column = index - starts[line] + 1
            span = Span(line + 1, column, line + 1, column + len(match[0]))
            result.append(Comment(span, match[0], not text[starts[line] : index].strip()))
    return result


def following(lines: Sequence[str]) -> list[int]:
    """For each line, by its number, the next one below it that holds more than a comment; 0 where there is none."""
    below = [0] * (len(lines) + 1)
    for number in range(len(lines) - 1, 0, -1):
        text = lines[number].lstrip()
        below[number] = below[number + 1] if not text or text.startswith("#") else number + 1
    return below


def _gaps(document: Document, starts: list[int]) -> Iterator[tuple[int, int]]:
    """The ranges between scalars, in which nothing but a comment has a ``#``; of those before the line of the next
    ``#`` only what is behind them counts."""
    text = document.text
    before: Span | None = None
    done = 0
    line = bisect_right(starts, text.find("#"))
    for span in _scalars(document.data, document.span):
        if span.end_line < line:
            before = span
            continue
        if span.line > len(starts):
            break  # null, behind a text that ends without a line feed
        if before is not None:
            done = offset(starts, before.end_line, before.end_column)
        begin = offset(starts, span.line, span.column)
        yield done, begin
        if text[begin : begin + 1] in ("|", ">") and (header := _HEADER.match(text, begin)):
            line_break = LINE_END.search(text, begin)
            yield header.end(), line_break.start() if line_break else len(text)
        before = span
        sign = text.find("#", offset(starts, span.end_line, span.end_column))
        if sign < 0:
            return
        line = bisect_right(starts, sign)
    if before is not None:
        done = offset(starts, before.end_line, before.end_column)
    yield done, len(text)


def _scalars(node: Node, span: Span) -> Iterator[Span]:
    """The ranges of the scalars in a node, keys too."""
    if isinstance(node, Map):
        for _, key_span, value, place in node.entries():
            yield key_span
            yield from _scalars(value, place)
    elif isinstance(node, Seq):
        for value, place in zip(node, node.spans, strict=True):
            yield from _scalars(value, place)
    else:
        yield span
