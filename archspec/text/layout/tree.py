"""A document as the tree that a layout writes: values as they are shown, and with each the comments that belong to it.

A comment on a line of its own belongs to what follows it, or to the end of the innermost collection that it is indented
like; one behind text to what its line ends with. What stands above the first line of a list's item, or of the
document, is about the whole item, or document. Empty lines are comments without text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archspec.errors import Span
from archspec.text.comments import Comment
from archspec.text.document import Document, Map, Node, Seq
from archspec.text.edits import line_starts, offset
from archspec.text.layout.quoting import Quoting, is_block
from archspec.text.layout.shapes import WIDTH, Shape, Shapes

_MODELINE = re.compile(r"#\s*yaml-language-server\s*:")
_END = Span(1 << 60, 0, 0, 0)
Place = tuple[int, int]


class Notes:
    """The comments of an item: the lines above it, those behind its first or only line, and those at its end."""

    __slots__ = ("above", "behind", "tail")

    def __init__(self) -> None:
        self.above: list[str] = []
        self.behind: list[str] = []
        self.tail: list[str] = []


class Item:
    """An entry of a mapping with its key, an item of a sequence without one, or the whole document."""

    __slots__ = ("block", "brackets", "flat", "items", "key", "notes", "null", "shape", "spread", "text")

    def __init__(self, key: str, shape: Shape, null: str = "null") -> None:
        self.key = key  # as it is written, without its colon
        self.shape = shape
        self.null = null
        self.text = ""  # a scalar on a line of its own
        self.block = ""  # a text for a block scalar
        self.flat: str | None = None  # the value inside brackets; None where one line cannot hold it
        self.brackets = ""
        self.items: Sequence[Item] = ()
        self.spread = False  # an entry a line, whatever the width
        self.notes: Notes | None = None

    def noted(self) -> Notes:
        """The comments, to add to."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes

    @property
    def entry(self) -> str:
        """Key and value inside brackets."""
        return f"{self.key}: {self.flat}" if self.key else str(self.flat)


def tree(document: Document, notes: list[Comment], shapes: Shapes, root: str, json: bool = False) -> Item:
    """The tree of a document whose lines end at line feeds, ``notes`` its comments; ``root`` names its shape."""
    return _Tree(document, notes, shapes, json).read(root)


class _Tree:
    def __init__(self, document: Document, notes: list[Comment], shapes: Shapes, json: bool) -> None:
        self.document = document
        self.shapes = shapes
        self.json = json
        self.starts = line_starts(document.text)
        self.lines = [*document.text.split("\n"), ""]  # null may stand behind the last
        self.quoting = Quoting()
        self.modelines: list[str] = []
        self.comments = [*notes, Comment(_END, "", True)]
        self.index = 0
        self.next_place = self.comments[0].span[:2]
        self.last: Item | None = None
        self.last_line = 0
        # The item that the next token starts, the column of its line, and whether an empty line above it counts.
        self.pending: tuple[Item, int, bool] | None = None
        self.closed: list[tuple[int, Item]] = []  # block collections that ended since the last token, innermost first

    def read(self, root: str) -> Item:
        document = self.document
        item = Item("", self.shapes[root])
        self.pending = item, 1, False
        self._value(item, document.data, document.span, False)
        if item.items:
            notes = item.noted()
            notes.above, notes.behind = [*notes.above, *notes.behind], []
            self.last = self.last if self.last is not item else None
        self._take(_END[:2], item, 0, False, tail=True)
        _finish(item)
        if self.modelines:
            item.noted().above[:0] = self.modelines
        return item

    def _value(self, item: Item, node: Node, span: Span, flow: bool) -> None:
        if not isinstance(node, Map | Seq):
            self._start(item, span.line, span.column, flow)
            self._scalar(item, node, span)
            # A comment behind a block scalar stands behind its sign.
            block = self.lines[span.line - 1][span.column - 1 : span.column] in ("|", ">")
            self.last, self.last_line = item, span.line if block else span.end_line
            return
        item.brackets = "{}" if isinstance(node, Map) else "[]"
        if not node:
            item.text = item.flat = item.brackets
        line, column = span.line, span.column
        bracketed = self.lines[line - 1][column - 1] in "{["
        if bracketed:
            self._start(item, line, column, flow)
            self.last, self.last_line = item, line
        if isinstance(node, Map):
            items = self._entries(item, node, flow or bracketed)
        else:
            items = []
            shape = self.shapes[item.shape.others]
            for index, (value, place) in enumerate(zip(node, node.spans, strict=True)):
                child = Item("", shape)
                items.append(child)
                self.pending = self.pending or (child, column, index > 0 and not bracketed)
                self._value(child, value, place, flow or bracketed)
        if bracketed:
            self._take((span.end_line, span.end_column - 1), item, 0, True, tail=True)
            self.closed = []
            self.last, self.last_line = item, span.end_line
        else:
            self.closed.append((column, item))
        item.items = items

    def _entries(self, item: Item, node: Map, flow: bool) -> list[Item]:
        shape = item.shape
        entries = {}
        for index, (key, span, value, place) in enumerate(node.entries()):
            null = "" if shape.unspelled(key) and not self.json else "null"
            entry = Item(self._key(key, span), self.shapes[shape.of(key)], null)
            entries[key] = entry
            self.pending = self.pending or (entry, span.column, index > 0 and not flow)
            self._start(entry, span.line, span.column, flow)
            self.last, self.last_line = entry, span.end_line
            self._value(entry, value, place, flow)
        return [entries[key] for key in shape.ordered(node)]

    def _written(self, span: Span) -> str:
        text, starts = self.document.text, self.starts
        return text[offset(starts, span.line, span.column) : offset(starts, span.end_line, span.end_column)]

    def _key(self, key: str, span: Span) -> str:
        if self.json:
            return self._written(span)
        return self.quoting.both(key, self.lines[span.line - 1][span.column - 1] not in "\"'")[1]

    def _scalar(self, item: Item, node: str | float | bool | None, span: Span) -> None:
        if isinstance(node, str) and not self.json:
            sign = self.lines[span.line - 1][span.column - 1]
            item.text, flat = self.quoting.both(node, sign not in "\"'|>")
            if is_block(node):
                item.block = node
                return
        elif node is None or isinstance(node, bool):
            item.text = flat = item.null if node is None else "true" if node else "false"
        else:
            item.text = flat = self._written(span)
        item.flat = flat if len(flat) <= WIDTH else None

    def _start(self, item: Item, line: int, column: int, flow: bool) -> None:
        """The next token belongs to ``item``: comments before it find their places."""
        pending = self.pending
        target, indent, separable = pending or (item, column, False)
        if self.next_place < (line, column):
            self._take((line, column), target, indent, flow)
        if self.closed:
            self.closed = []
        if pending:
            separable = separable or bool(target.notes and target.notes.above)
            if separable and not self.lines[line - 2].strip():
                target.noted().above.append("")
            self.pending = None

    def _take(self, end: Place, target: Item, indent: int, flow: bool, tail: bool = False) -> None:
        """The comments before a place: above ``target``, or at its end."""
        level = 0
        while self.next_place < end:
            comment = self.comments[self.index]
            self.index += 1
            self.next_place = self.comments[self.index].span[:2]
            line, column, *_ = comment.span
            text = comment.text.rstrip()
            before = self.lines[line - 1][: column - 1].strip()
            if comment.alone and _MODELINE.match(text):
                self.modelines.append(text)
            elif not comment.alone and self.last and (line == self.last_line or before in (",", ":")):
                self.last.noted().behind.append(text)
            else:
                # Once a comment stands further out, those below it do so too.
                while level < len(self.closed) and (column <= indent or column < self.closed[level][0]):
                    level += 1
                if not flow and level < len(self.closed):
                    lines = self.closed[level][1].noted().tail
                else:
                    lines = target.noted().tail if tail else target.noted().above
                if line > 1 and not self.lines[line - 2].strip() and not flow:
                    lines.append("")
                lines.append(text)


def _finish(item: Item) -> None:
    """Every comment is in its place: which belong to the whole of a collection, and whether one line can hold it."""
    items, shape, notes = item.items, item.shape, item.notes
    if not items:
        if notes and item.brackets:
            notes.behind += filter(None, notes.tail)
            notes.tail = []
        return
    for child in items:
        _finish(child)
    first = items[0].notes
    if first and first.above:
        lines = first.above[not first.above[0] :]
        if not item.key:
            item.noted().above += lines
            lines = []
        first.above = lines
    item.spread = (
        shape.spread == "always"
        or (shape.spread == "mappings" and any(child.brackets == "{}" for child in items))
        or any(child.notes and (child.notes.above or child.notes.behind) for child in items)
        or bool(notes and notes.tail)
    )
    if item.spread or sum(len(child.flat or "") for child in items) > WIDTH:
        return
    if all(child.flat is not None for child in items):
        flat = ", ".join(child.entry for child in items)
        flat = item.brackets[0] + flat + item.brackets[1]
        item.flat = flat if len(flat) <= WIDTH else None
