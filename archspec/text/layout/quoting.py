"""Scalars as a layout writes them: quotes where they are needed, and double ones."""

from __future__ import annotations

import json
import re

import yaml

from archspec.errors import SpecError
from archspec.text.layout.shapes import STEP
from archspec.text.reader import UNPRINTABLE
from archspec.text.scalars import plain_value

# A plain scalar ends at these; the first may be a dash with text right behind it.
_START = re.compile(r"""-(?=[^\s])|[^\s\-?:,\[\]{}#&*!|>'"%@`]""")
_END_IN_BLOCK = re.compile(r":(?:\s|$)|\s#|[\n\t]|\s$")
_END_IN_FLOW = re.compile(r"[,\[\]{}?]")
_BREAK = re.compile(r"(?<=\S) (?=\S)")


class Quoting:
    """How texts are written, each looked at once: a spec says the same few words over and over."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bool], tuple[str, str]] = {}

    def both(self, text: str, plain: bool) -> tuple[str, str]:
        """A text on a line of its own, and inside brackets. ``plain`` where it has no quotes so far.

        Quotes stay where YAML 1.1 reads the plain text as something else, ``no`` or ``1_000``.
        """
        pair = self.known.get((text, plain))
        if pair is None:
            bare = _START.match(text) is not None and (plain or _is_text(text)) and not text.startswith(("---", "..."))
            bare = bare and not _END_IN_BLOCK.search(text) and not re.search(UNPRINTABLE, text)
            block = text if bare else _quoted(text)
            pair = block, _quoted(text) if bare and _END_IN_FLOW.search(text) else block
            self.known[text, plain] = pair
        return pair


def _is_text(text: str) -> bool:
    """Whether the plain text is that text, in YAML 1.1 and 1.2."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], [])
    try:
        return plain_value(text) == text and not any(pattern.match(text) for _, pattern in resolvers)
    except SpecError:
        return False


def _quoted(text: str) -> str:
    """In double quotes, or in single ones where that saves escapes."""
    escaped = json.dumps(text, ensure_ascii=False)
    escaped = re.sub(UNPRINTABLE, lambda match: f"\\u{ord(match[0]):04X}", escaped)
    saves = text.count('"') + text.count("\\") > text.count("'")
    if saves and escaped.count("\\") == text.count('"') + 2 * text.count("\\"):
        return "'" + text.replace("'", "''") + "'"
    return escaped


def is_block(text: str) -> bool:
    """Whether a text over several lines can be a block scalar that shows all there is in it."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and any(lines)
        and not text.endswith("\n\n")
        and all(line == line.rstrip() for line in lines)
        and "\t" not in text
        and not re.search(UNPRINTABLE, text)
    )


def block_scalar(text: str, width: int) -> tuple[str, list[str]]:
    """The sign of a block scalar and its lines: ``|``, or ``>`` where one is longer than ``width`` and may be folded.

    Lines that start with a space, and empty ones at the start, cannot be folded.
    """
    lines = text.removesuffix("\n").split("\n")
    chomping = "" if text.endswith("\n") else "-"
    first = next(filter(None, lines))
    if not lines[0] or any(line[:1] == " " for line in lines) or all(len(line) <= width for line in lines):
        return f"|{STEP if first[0] == ' ' else ''}{chomping}", lines
    folded: list[str] = []
    for line in lines:
        if folded and line:
            folded.append("")  # one break is a space, so that n line breaks are n empty lines
        folded += fold(line, width, width) if line else [""]
    return f">{chomping}", folded


def fold(text: str, first: int, width: int) -> list[str]:
    """A text over lines, broken at single spaces: at most ``first`` and then ``width`` characters where it can be."""
    lines: list[str] = []
    current = ""
    for word in _BREAK.split(text):
        room = width if lines else first
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]
