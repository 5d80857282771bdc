"""Plain data that knows where in the text it came from.

Mappings are ``Map`` and sequences ``Seq``: a dict and a list, equal to any other, with a span beside each child. Lines
and columns count from 1 and in characters; a byte order mark is not part of the text and takes no column.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from archspec.errors import Fault, Span, SpecError
from archspec.records import NamedTuple
from archspec.text.scalars import short

MAX_DEPTH = 64
MAX_NODES = 800_000  # a flat spec of 100,000 layers has some 500,000

MAX_SMALL = 16
LINE_BREAK = r"\r\n|\n|\r"

_START = Span(1, 1, 1, 1)


class Map(dict[str, "Node"]):
    """A mapping; ``span`` is its own range, ``spans`` those of its values, ``key_spans`` those of its keys.

    Places are kept as bare numbers: spans of a hundred thousand layers would weigh more than the layers.
    """

    __slots__ = ("places", "span", "tables")

    def __init__(self) -> None:
        self.places = array("I")  # of each entry the four numbers of its key's span, then of its value's
        self.tables: tuple[dict[str, Span], dict[str, Span]] | None = None
        self.span = _START

    @property
    def key_spans(self) -> dict[str, Span]:
        """The range of each key."""
        return self._tables()[0]

    @property
    def spans(self) -> dict[str, Span]:
        """The range of each value."""
        return self._tables()[1]

    def place(self, key: str, of_key: bool = False) -> Span:
        """The range of one value, or of its key."""
        if len(self) > MAX_SMALL:
            return self._tables()[0 if of_key else 1][key]
        start = 8 * list(self).index(key) + (0 if of_key else 4)
        return Span(*self.places[start : start + 4])

    def entries(self) -> Iterator[tuple[str, Span, Node, Span]]:
        """Each key with its range, and the value with its own: for who looks at all of them, one after the other."""
        places = self.places
        for start, (key, value) in zip(range(0, len(places), 8), self.items(), strict=True):
            yield key, Span(*places[start : start + 4]), value, Span(*places[start + 4 : start + 8])

    def _tables(self) -> tuple[dict[str, Span], dict[str, Span]]:
        if self.tables is not None:
            return self.tables
        spans = [Span(*self.places[start : start + 4]) for start in range(0, len(self.places), 4)]
        tables = dict(zip(self, spans[::2], strict=True)), dict(zip(self, spans[1::2], strict=True))
        if len(self) > MAX_SMALL:  # whoever asks for one of many will ask for the others
            self.tables = tables
        return tables


class Seq(list["Node"]):
    """A sequence; ``span`` is its own range, ``spans`` those of its items."""

    __slots__ = ("places", "span")

    def __init__(self) -> None:
        self.places = array("I")
        self.span = _START

    @property
    def spans(self) -> list[Span]:
        """The range of each item."""
        return [self.span_at(index) for index in range(len(self))]

    def span_at(self, index: int) -> Span:
        """The range of one item."""
        return Span(*self.places[4 * index : 4 * index + 4])


Node: TypeAlias = Map | Seq | str | int | float | bool | None


class Document(NamedTuple):
    """A text, its data, and the way from a path to a place. ``span`` is the range of the root."""

    name: str
    text: str
    data: Node
    span: Span

    def locate(self, path: Sequence[str | int], key: bool = False) -> Span:
        """The span of the value at ``path``, or of its key; of the nearest ancestor that exists where the path goes on.

        ``key`` has a meaning only for the last step, and only where that is a key of a mapping.
        """
        node, span = self.data, self.span
        for depth, step in enumerate(path):
            if isinstance(node, Map) and isinstance(step, str) and step in node:
                span = node.place(step, of_key=key and depth == len(path) - 1)
                node = node[step]
            elif isinstance(node, Seq) and isinstance(step, int) and 0 <= step < len(node):
                span = node.span_at(step)
                node = node[step]
            else:
                break
        return span


class Builder:
    """Puts nodes together in the order of the text, with an explicit stack: nesting costs no recursion.

    Every method raises SpecError where a bound is passed; ``key`` also where the key is there already.
    """

    __slots__ = ("_end", "_here", "_key", "_key_span", "_nodes", "_stack", "data", "span", "wants_key")

    def __init__(self) -> None:
        self.data: Node = None
        self.span = _START
        self.wants_key = False
        self._here: Map | Seq | None = None
        self._key = ""
        self._key_span = _START
        self._end = _START
        self._nodes = 0
        self._stack: list[tuple[Map | Seq | None, str, Span, int, int]] = []

    def open(self, node: Map | Seq, line: int, column: int) -> None:
        """Start a collection at a place; what follows goes into it."""
        if len(self._stack) == MAX_DEPTH:
            raise SpecError(f"nested more than {MAX_DEPTH} deep", span=Span(line, column, line, column + 1))
        self._stack.append((self._here, self._key, self._key_span, line, column))
        self._here = node
        self.wants_key = type(node) is Map

    def close(self, end: tuple[int, int] | None) -> None:
        """End the innermost collection, at ``end``, or where its last child ends if nothing in the text closes it."""
        node = self._here
        end_line, end_column = end or self._end[2:]
        self._here, self._key, self._key_span, line, column = self._stack.pop()
        assert node is not None
        node.span = Span(line, column, end_line, end_column)
        self.add(node, node.span)

    def key(self, text: str, span: Span) -> None:
        """The key of the next node."""
        here = self._here
        assert type(here) is Map
        if text in here:
            first = here.key_spans[text].line
            lines = f"lines {first} and {span.line}" if first != span.line else f"line {first}, twice"
            raise SpecError(f"duplicate key `{short(text)}`: on {lines}", span=span, fault=Fault("duplicate-key", text))
        self._key = text
        self._key_span = span
        self.wants_key = False

    def add(self, value: Node, span: Span) -> None:
        """A finished value, into the collection that is open or as the root."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SpecError(f"more than {MAX_NODES} values", span=span)
        self._end = span
        here = self._here
        if type(here) is Map:
            key = self._key
            here[key] = value
            here.places.extend(self._key_span)
            here.places.extend(span)
            self.wants_key = True
        elif type(here) is Seq:
            here.append(value)
            here.places.extend(span)
            self.wants_key = False
        else:
            self.data = value
            self.span = span
            self.wants_key = False


def line_column(text: str, index: int) -> tuple[int, int]:
    """The line and column, from 1, of the character at ``index``."""
    line, start = 1, 0
    for line_break in re.finditer(LINE_BREAK, text[:index]):
        line, start = line + 1, line_break.end()
    return line, index - start + 1


def point(text: str, index: int) -> Span:
    """The span of the one character at ``index``."""
    line, column = line_column(text, index)
    return Span(line, column, line, column + 1)
