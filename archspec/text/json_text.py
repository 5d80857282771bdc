"""JSON text to a tree. Python's parser judges the syntax; the tokens of a valid text then give data and positions.

YAML takes most JSON, but not tabs for indentation, escaped surrogate pairs, or keys of more than 1024 characters.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Never

from archspec.errors import Span, SpecError
from archspec.text.document import Builder, Map, Seq, point
from archspec.text.scalars import check_characters, plain_value

# In a text known to be JSON these find every token but commas and colons, which say nothing more.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|\r\n|[\n\r]|[^\s,:\[\]{}"]+')
_STRING_OR_CONSTANT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(-?Infinity|NaN)')


def is_json(text: str) -> bool:
    """Whether a text is a JSON collection, so that nothing is lost by reading it as such."""
    if text.lstrip(" \t\r\n")[:1] not in ("{", "["):
        return False
    try:
        _check(text)
    except ValueError:
        return False
    return True


def build_json(text: str, builder: Builder, constants: bool = False) -> None:
    """Put the value of ``text`` into ``builder``; with ``constants`` Infinity and NaN are texts. Raises SpecError."""
    try:
        _check(text, constants)
    except json.JSONDecodeError as error:
        raise _reworded(error, text) from None
    except ValueError as error:
        match = next(match for match in _STRING_OR_CONSTANT.finditer(text) if match[1])
        raise SpecError(str(error), span=point(text, match.start())) from None
    line, line_start = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        column = match.start() - line_start + 1
        char = token[0]
        if char in "\r\n":
            line, line_start = line + 1, match.end()
        elif char == "{":
            builder.open(Map(), line, column)
        elif char == "[":
            builder.open(Seq(), line, column)
        elif char in "}]":
            builder.close((line, column + 1))
        else:
            _scalar(token, Span(line, column, line, column + len(token)), builder)


def _scalar(token: str, span: Span, builder: Builder) -> None:
    try:
        if token[0] != '"':
            builder.add(plain_value(token), span)
            return
        text = token[1:-1]
        if "\\" in text:
            text = json.loads(token)
            check_characters(text)
    except SpecError as error:
        error.located(span=span)
        raise
    if builder.wants_key:
        builder.key(text, span)
    else:
        builder.add(text, span)


def _check(text: str, constants: bool = False) -> None:
    # Numbers stay text: Python refuses to convert more than 4300 digits, with an error of its own. What is too deep for
    # Python's parser is too deep for the builder, which will name the place.
    with suppress(RecursionError):
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str if constants else _constant)


def _constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON, nor a size")


def _reworded(error: json.JSONDecodeError, text: str) -> SpecError:
    index = error.pos
    before = text[:index].rstrip(" \t\r\n")
    after = text[index:].lstrip(", \t\r\n")
    if (
        text[index : index + 1] in ("}", "]", ",")
        and after[:1] in ("}", "]")
        and (text[index] == "," or before[-1:] == ",")
    ):
        comma = index if text[index] == "," else len(before) - 1
        return SpecError("a trailing comma, which JSON does not take", hint="remove it", span=point(text, comma))
    if text[index : index + 1] in ("#", "/"):
        return SpecError(
            "not JSON: a comment", hint="YAML takes comments: name the file .yaml", span=point(text, index)
        )
    if text[index : index + 1] == "'":
        return SpecError("not JSON: a single quote", hint="JSON strings are in double quotes", span=point(text, index))
    if not text[index:].strip():
        return SpecError("not JSON: the text ends too early", hint="close every bracket", span=point(text, len(before)))
    if error.msg.startswith("Invalid control character"):
        return SpecError(
            "not JSON: a line break or tab inside a string", hint="write \\n or \\t", span=point(text, index)
        )
    problem = error.msg.removesuffix(" at").replace("starting", "").strip()
    return SpecError(f"not JSON: {problem[:1].lower()}{problem[1:]}", span=point(text, index))
