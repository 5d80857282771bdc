"""Comments of a YAML text with their places: what the data does not keep."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

from archspec.errors import Span
from archspec.text.json_text import is_json


class Comment(NamedTuple):
    """A comment from its ``#`` to the end of the line; ``alone`` where nothing but spaces stands before it."""

    span: Span
    text: str
    alone: bool


def comments(text: str, name: str = "") -> list[Comment]:
    """Every comment of a text that is known to parse; JSON has none."""
    if "#" not in text or name.lower().endswith(".json") or is_json(text):
        return []
    begins, ends = _scalars(text)
    result = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        at = line.find("#")
        while at >= 0:
            index = start + at
            scalar = bisect_right(begins, index) - 1
            inside = scalar >= 0 and index < ends[scalar]
            if not inside and (at == 0 or line[at - 1] in " \t"):
                written = line.rstrip("\r")
                span = Span(number, at + 1, number, len(written) + 1)
                result.append(Comment(span, written[at:], not line[:at].strip()))
                break
            at = line.find("#", at + 1)
        start += len(line) + 1
    return result


def _scalars(text: str) -> tuple[list[int], list[int]]:
    """Where scalars begin and end: a ``#`` inside one starts no comment."""
    from yaml import ScalarToken

    from archspec.text import yaml_text

    loader: Any = vars(yaml_text)["Loader"](text)
    begins, ends = [], []
    while loader.check_token():
        token = loader.get_token()
        if isinstance(token, ScalarToken):
            begins.append(token.start_mark.index)
            # A block scalar's end mark is where the next content starts, behind comments that may follow it.
            body = text[token.start_mark.index : token.end_mark.index]
            ends.append(_block_end(text, token) if token.style in ("|", ">") else token.start_mark.index + len(body))
    return begins, ends


def _block_end(text: str, token: Any) -> int:
    """Where a block scalar ends: before the first line that is indented less than its own first line."""
    lines = text[token.start_mark.index : token.end_mark.index].split("\n")
    index: int = token.start_mark.index + len(lines[0]) + 1
    first = next((line for line in lines[1:] if line.strip()), "")
    indent = len(first) - len(first.lstrip(" "))
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        index += len(line) + 1
    end: int = token.end_mark.index
    return index if index < end else end
