"""A YAML text as the pieces that a layout places: tokens and comments, and where each may start a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from archspec.text import yaml_text

STEP = 2
_COMMENT = re.compile(r"#[^\n]*")
_SIGNS = {
    yaml.FlowMappingStartToken: "{", yaml.FlowMappingEndToken: "}",
    yaml.FlowSequenceStartToken: "[", yaml.FlowSequenceEndToken: "]", yaml.FlowEntryToken: ",",
}  # fmt: skip
_DOCUMENT = (yaml.DirectiveToken, yaml.DocumentStartToken, yaml.DocumentEndToken)
_BLOCK_HEADER = re.compile(r"([|>])([-+0-9]*)[ \t]*(#[^\n]*)?")


class Block(NamedTuple):
    """An open block collection: ``mapping``, ``sequence``, or ``bare``, a sequence as far left as the key above it."""

    sort: str
    old: int
    new: int


class Piece(NamedTuple):
    """A token or a comment. Lines and columns are those of the text, from 0.

    ``sort`` is the sign itself for signs, else ``plain``, ``quoted``, ``block`` (a block scalar, its content ready to
    print), ``comment`` or ``document``. ``indent`` is the column for it where it starts a line, ``blocks`` are the
    collections around it, outermost first.
    """

    sort: str
    text: str
    line: int
    column: int
    end_line: int
    indent: int
    blocks: tuple[Block, ...]


def pieces(text: str) -> list[Piece]:
    """The pieces of a YAML text that is known to parse and whose lines end at line feeds."""
    parts: list[Piece] = []
    done = 0
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for piece, begin, end in _tokens(text):
        parts += _comments(text, done, begin, line_starts, parts)
        if piece is not None:
            parts.append(piece)
        done = end
    parts += _comments(text, done, len(text), line_starts, parts)
    return parts


def _comments(text: str, begin: int, end: int, starts: list[int], before: list[Piece]) -> Iterator[Piece]:
    """The comments of a gap, which holds nothing else but spaces and line breaks."""
    from bisect import bisect_right

    for match in _COMMENT.finditer(text, begin, end):
        line = bisect_right(starts, match.start()) - 1
        blocks = before[-1].blocks if before else ()
        yield Piece("comment", match[0].rstrip(), line, match.start() - starts[line], line, 0, blocks)


def _tokens(text: str) -> Iterator[tuple[Piece | None, int, int]]:
    """Each visible token with its range in the text."""
    loader: Any = vars(yaml_text)["Loader"](text)
    blocks: tuple[Block, ...] = ()
    flow = 0
    starts_key = False
    while loader.check_token():
        token = loader.get_token()
        sort = type(token)
        begin, end = token.start_mark.index, token.end_mark.index
        line, column, end_line = token.start_mark.line, token.start_mark.column, token.end_mark.line
        inner = blocks[-1].new if blocks else -STEP
        if sort in (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken):
            name = "mapping" if sort is yaml.BlockMappingStartToken else "sequence"
            blocks = (*blocks, Block(name, column, inner + STEP))
        elif sort is yaml.BlockEndToken:
            blocks = _closed(blocks)[:-1]
        elif sort is yaml.KeyToken:
            if not flow:
                blocks = _closed(blocks)
            starts_key = not flow
            if text[begin:end] == "?":
                yield Piece("?", "?", line, column, line, blocks[-1].new if blocks else 0, blocks), begin, end
        elif sort is yaml.BlockEntryToken:
            if not blocks or blocks[-1].sort == "mapping":
                blocks = (*blocks, Block("bare", column, inner + STEP))
            yield Piece("-", "-", line, column, line, blocks[-1].new, blocks), begin, end
        elif sort is yaml.ValueToken:
            yield Piece(":", ":", line, column, line, inner, blocks), begin, end
        elif sort in _SIGNS:
            sign = _SIGNS[sort]
            yield Piece(sign, sign, line, column, line, inner + STEP, blocks), begin, end
            flow += (sign in "{[") - (sign in "}]")
        elif sort in _DOCUMENT:
            yield Piece("document", text[begin:end].strip(), line, column, line, 0, blocks), begin, end
        elif sort is yaml.ScalarToken:
            indent = inner if starts_key else inner + STEP
            starts_key = False
            if token.style in ("|", ">"):
                yield from _block_scalar(text, begin, end, line, column, blocks)
            else:
                written = text[begin:end]
                name = "quoted" if token.style else "plain"
                yield Piece(name, written, line, column, end_line, max(indent, 0), blocks), begin, end


def _closed(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The collections without a sequence that nothing in the text ends."""
    return blocks[:-1] if blocks and blocks[-1].sort == "bare" else blocks


def _block_scalar(
    text: str, begin: int, end: int, line: int, column: int, blocks: tuple[Block, ...]
) -> Iterator[tuple[Piece, int, int]]:
    """A block scalar with its content moved as far as what is around it, and the comment behind its sign."""
    header, *rest = text[begin:end].split("\n")
    match = _BLOCK_HEADER.match(header)
    assert match is not None
    style, signs, comment = match.groups()
    digits = signs.strip("+-")
    # The column that an indentation indicator counts from: a bare sequence has none of its own for the parser.
    owned = [block for block in blocks if block.sort != "bare"]
    before = owned[-1].old if owned else 0
    new = blocks[-1].new if blocks else 0
    first = next((text_line for text_line in rest if text_line.strip()), "")
    old_indent = before + int(digits) if digits else len(first) - len(first.lstrip(" "))
    new_indent = new + (int(digits) if digits else STEP)
    content: list[str] = []
    used = len(header) + 1
    for text_line in rest:
        if text_line.strip() and len(text_line) - len(text_line.lstrip(" ")) < old_indent:
            break
        content.append(" " * new_indent + text_line[old_indent:] if text_line[old_indent:] else "")
        used += len(text_line) + 1
    if "+" not in signs:
        while content and not content[-1].strip():
            used -= len(rest[len(content) - 1]) + 1
            content.pop()
    elif content and content[-1] == "" and begin + used > end:
        content.pop()  # the empty text behind the last line break is no line
    finish = min(begin + used - 1, len(text))
    shown = style + signs + (f"  {comment.rstrip()}" if comment else "")
    piece = Piece("block", "\n".join([shown, *content]), line, column, line + len(content), new + STEP, blocks)
    yield piece, begin, finish
