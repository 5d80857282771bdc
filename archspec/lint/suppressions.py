"""Inline suppressions: ``# archspec: ignore[AS204] reason="the tokenizer is fixed"``, on the line or the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from archspec.errors import Span
from archspec.text.comments import Comment

_MARK = re.compile(r"#\s*archspec:\s*ignore\b")
_WHOLE = re.compile(r"#\s*archspec:\s*ignore\[\s*([A-Z0-9,\s]*?)\s*\](?:\s+reason=\"([^\"]*)\")?\s*(?:#.*)?$")


class Suppression(NamedTuple):
    """One suppression: the line it is about, the codes it names, why. ``codes`` is empty where it cannot be read."""

    span: Span
    line: int
    codes: tuple[str, ...]
    reason: str
    alone: bool

    def covers(self, code: str, span: Span | None) -> bool:
        """Whether it is about a finding; without a reason it is about none."""
        return bool(self.reason) and code in self.codes and span is not None and span.line == self.line


def suppressions(comments: Iterable[Comment], text: str) -> list[Suppression]:
    """The suppressions among the comments; one on a line of its own is about the next line that is no comment."""
    lines = text.split("\n")
    marks = []
    for comment in comments:
        mark = _MARK.search(comment.text)
        if mark is None:
            continue
        whole = _WHOLE.fullmatch(comment.text[mark.start() :])
        codes = tuple(filter(None, re.split(r"[,\s]+", whole[1]))) if whole else ()
        line = _next(lines, comment.span.line) if comment.alone else comment.span.line
        span = comment.span._replace(column=comment.span.column + mark.start())
        marks.append(Suppression(span, line, codes, ((whole[2] if whole else "") or "").strip(), comment.alone))
    return marks


def _next(lines: list[str], line: int) -> int:
    """The first line below that holds more than a comment."""
    for number, text in enumerate(lines[line:], line + 1):
        if text.strip() and not text.lstrip().startswith("#"):
            return number
    return line
