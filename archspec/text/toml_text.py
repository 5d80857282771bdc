"""Where the keys and values of a TOML text stand, which tomllib does not tell.

tomllib has judged the text before: this follows its structure and decides nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TypeAlias

from archspec.errors import Span
from archspec.records import NamedTuple
from archspec.text.edits import line_starts

Keys: TypeAlias = "tuple[str | int, ...]"

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'|([A-Za-z0-9_-]+)')
# Long strings first, which may end in up to two quotes of their own; anything else goes on to a separator or a comment.
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[^,\]}#\n]*[^,\]}#\s]', re.DOTALL
)


class Place(NamedTuple):
    """Where a key and its value stand; of a table, where it is named first."""

    key: Span
    value: Span


def places(text: str) -> dict[Keys, Place]:
    """The place of every key path of a valid TOML text; tables of an array count from 0."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = line_starts(text)
        self.found: dict[Keys, Place] = {}
        self.arrays: dict[Keys, int] = {}  # arrays of tables -> how many there are

    def read(self) -> dict[Keys, Place]:
        table: Keys = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.at

    def _span(self, begin: int, end: int) -> Span:
        lines = [bisect_right(self.starts, index) - 1 for index in (begin, end)]
        columns = [index - self.starts[line] + 1 for index, line in zip((begin, end), lines, strict=True)]
        return Span(lines[0] + 1, columns[0], lines[1] + 1, columns[1])

    def _names(self) -> tuple[list[str], Span]:
        """A key, dots and all, and its range."""
        begin = self.at
        names = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            assert match is not None
            quoted, literal, bare = match.groups()
            names.append(_unescaped(match[0]) if quoted is not None else literal if literal is not None else bare)
            self.at = end = match.end()
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return names, self._span(begin + len(self.text[begin:end]) - len(self.text[begin:end].lstrip()), end)
            self.at += 1

    def _header(self) -> Keys:
        double = self.text.startswith("[[", self.at)
        self.at += 1 + double
        names, span = self._names()
        self.at += 1 + double
        path: Keys = ()
        for index, name in enumerate(names):
            path = (*path, name)
            self.found.setdefault(path, Place(span, span))
            if double and index == len(names) - 1:
                self.arrays[path] = self.arrays.get(path, 0) + 1
            if path in self.arrays:
                path = (*path, self.arrays[path] - 1)
                self.found.setdefault(path, Place(span, span))
        return path

    def _pair(self, table: Keys) -> None:
        """``key = value``, into the table."""
        names, span = self._names()
        self.at += 1  # the sign
        self._skip(_SPACE)
        path = table
        for name in names:
            path = (*path, name)
            self.found.setdefault(path, Place(span, span))
        self.found[path] = Place(span, self._value(path))

    def _value(self, path: Keys) -> Span:
        begin = self.at
        char = self.text[begin]
        if char in "[{":
            self.at += 1
            index = 0
            while self.text[self._skip(_BLANK)] not in "]}":
                if char == "{":
                    self._pair(path)
                else:
                    inner = (*path, index)
                    span = self._value(inner)
                    self.found[inner] = Place(span, span)
                index += 1
                self._skip(_BLANK)
                self.at += self.text[self.at] == ","
            self.at += 1
        else:
            self._skip(_SCALAR)
        return self._span(begin, self.at)


def _unescaped(quoted: str) -> str:
    import tomllib

    (name,) = tomllib.loads(f"{quoted} = 0")
    return name
