"""YAML in its canonical layout, tokens in the order they have: only what lies between them changes.

- Block collections are indented by two, lists under a key too.
- One space behind ``:``, ``,`` and ``-``, none before; none inside brackets; no comma before a closing bracket.
- Line breaks stay. Inside brackets a line goes on under the first value, or, where the bracket ends its line, two to
  the right; the closing bracket stands under the opening one, or the line's start.
- A comment on a line of its own moves with the innermost collection it stood in. One behind text keeps its column, at
  least two spaces behind; neighbours that were in one column stay in one.
- One empty line in a row, none at the start and the end, no spaces before a line's end, a line feed at the end.
- Single quotes become double ones where the text has neither quotes nor backslashes.
"""

from __future__ import annotations

from typing import NamedTuple

from archspec.text.layout.pieces import STEP, Piece, pieces


class _Line(NamedTuple):
    """A finished line; ``old`` is where its trailing comment stood, ``column`` that moved with the line."""

    text: str
    comment: str = ""
    column: int = 0
    old: int = 0


class _Bracket(NamedTuple):
    content: int
    close: int


def yaml_layout(text: str) -> str:
    """The text, which is known to parse, in its layout. Lines must end at line feeds."""
    return _Writer(pieces(text)).text()


class _Writer:
    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.lines: list[_Line] = []
        self.current = ""
        self.shift = 0  # how far the current line moved to the right
        self.base = 0  # where a bracket that ends the current line has its closing one
        self.brackets: list[_Bracket] = []

    def text(self) -> str:
        previous: Piece | None = None
        for index, piece in enumerate(self.pieces):
            if self._is_idle_comma(index):
                continue
            if previous is None or piece.line > previous.end_line:
                self._start_line(index, previous)
            elif piece.sort == "comment":
                self.lines.append(_Line(self.current, piece.text, piece.column + self.shift, piece.column))
                self.current = ""
                previous = piece
                continue
            else:
                self.current += _between(previous.sort, piece.sort)
            self._write(index)
            previous = piece
        self._end_line()
        return "\n".join(_aligned(self.lines)) + "\n"

    def _is_idle_comma(self, index: int) -> bool:
        """Whether a piece is a comma with its closing bracket right behind."""
        piece, behind = self.pieces[index], self.pieces[index + 1 : index + 2]
        return piece.sort == "," and bool(behind) and behind[0].sort in "}]" and behind[0].line == piece.line

    def _end_line(self) -> None:
        if self.current:
            self.lines.append(_Line(self.current))
        self.current = ""

    def _start_line(self, index: int, previous: Piece | None) -> None:
        piece = self.pieces[index]
        self._end_line()
        if previous is not None and piece.line > previous.end_line + 1:
            self.lines.append(_Line(""))
        if self.brackets:
            indent = self.brackets[-1].close if piece.sort in ("}", "]") else self.brackets[-1].content
            self.base = indent
        else:
            indent = self._comment_indent(index) if piece.sort == "comment" else piece.indent
            self.base = (piece.blocks[-1].new if piece.blocks else 0) + STEP
        self.shift = indent - piece.column
        self.current = " " * indent

    def _write(self, index: int) -> None:
        piece = self.pieces[index]
        start = len(self.current)
        if piece.sort in ("{", "["):
            behind = self.pieces[index + 1]
            hangs = behind.sort == "comment" or behind.line > piece.line
            self.current += piece.text
            self.brackets.append(_Bracket(self.base + STEP, self.base) if hangs else _Bracket(start + 1, start))
            return
        if not self.brackets and piece.blocks:
            self.base = piece.blocks[-1].new + STEP
        if piece.sort in ("}", "]"):
            self.brackets.pop()
        if piece.sort == "block":
            first, *rest = piece.text.split("\n")
            self.lines += [_Line(self.current + first), *map(_Line, rest)]
            self.current = ""
        elif "\n" in piece.text:
            self._write_lines(piece)
        else:
            self.current += _quoted(piece) if piece.sort == "quoted" else piece.text

    def _write_lines(self, piece: Piece) -> None:
        """A plain or quoted scalar over several lines, whose indentation has no meaning."""
        indent = (
            self.brackets[-1].content if self.brackets else (piece.blocks[-1].new if piece.blocks else -STEP) + STEP
        )
        first, *rest = piece.text.split("\n")
        self.current += first
        for line in rest:
            self.lines.append(_Line(self.current.rstrip(" \t") if piece.sort == "plain" else self.current))
            content = line.lstrip(" \t")
            self.shift = indent - (len(line) - len(content))
            self.current = " " * indent + content if content else ""

    def _comment_indent(self, index: int) -> int:
        """The column of a comment on its own line: that of the innermost collection it stood in."""
        piece = self.pieces[index]
        following = next((piece for piece in self.pieces[index + 1 :] if piece.sort != "comment"), None)
        before = next((piece for piece in self.pieces[index::-1] if piece.sort != "comment"), None)
        places = [(block.old, block.new) for block in (before.blocks if before else ())]
        outermost = 0
        if following is not None:
            # Never further out than what it stands before.
            outermost = following.indent
            places = [*(place for place in places if place[1] > outermost), (following.column, outermost)]
        fitting = [place for place in places if place[0] <= piece.column]
        return max(fitting)[1] if fitting else outermost


def _between(before: str, after: str) -> str:
    """What stands between two pieces of one line."""
    if before in (":", "-", "?", "document"):
        return " "
    if before in ("{", "[") or after in (",", "}", "]", ":"):
        return ""
    return " "


def _quoted(piece: Piece) -> str:
    text = piece.text
    plain = text[0] == "'" and not set(text[1:-1]) & set("'\"\\")
    return f'"{text[1:-1]}"' if plain else text


def _aligned(lines: list[_Line]) -> list[str]:
    """The lines with their trailing comments, neighbours in one column kept in one."""
    texts: list[str] = []
    group: list[_Line] = []
    for line in [*lines, _Line("")]:
        if group and (not line.comment or line.old != group[0].old):
            column = max([group[0].column, *(len(member.text.rstrip()) + 2 for member in group)])
            texts += [member.text.rstrip().ljust(column) + member.comment for member in group]
            group = []
        if line.comment:
            group.append(line)
        else:
            texts.append(line.text)
    return texts[:-1]
