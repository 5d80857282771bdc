"""Inline suppressions: ``# archspec: ignore[AS204] reason="the tokenizer is fixed"``, on the line or the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from archspec.errors import Span
from archspec.text.comments import Comment, following
from archspec.text.edits import LINE_END

_MARK = re.compile(r"#\s*archspec:\s*ignore\b")
_WHOLE = re.compile(r"#\s*archspec:\s*ignore\[\s*([A-Z0-9,\s]*?)\s*\](?:\s+reason=\"([^\"]*)\")?\s*(?:#.*)?$")


class Suppression(NamedTuple):
    """One suppression: the line it is about, the codes it names, why; without a reason it suppresses nothing.

    ``codes`` is empty where it cannot be read.
    """

    span: Span
    line: int
    codes: tuple[str, ...]
    reason: str
    alone: bool


def suppressions(comments: Iterable[Comment], text: str) -> list[Suppression]:
    """The suppressions among the comments; one on a line of its own is about the next line that is no comment."""
    below = following(LINE_END.split(text))
    marks = []
    for comment in comments:
        mark = _MARK.search(comment.text)
        if mark is None:
            continue
        whole = _WHOLE.fullmatch(comment.text[mark.start() :])
        codes = tuple(filter(None, re.split(r"[,\s]+", whole[1]))) if whole else ()
        line = comment.span.line
        if comment.alone:
            line = below[line] or line
        span = comment.span._replace(column=comment.span.column + mark.start())
        marks.append(Suppression(span, line, codes, ((whole[2] if whole else "") or "").strip(), comment.alone))
    return marks
