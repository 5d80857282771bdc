"""YAML text to a tree, straight from the parser's events: no composer, no resolver, no constructor takes part.

libyaml's composer recurses and ends the process at 200,000 brackets; its event stream keeps its own stack. Its line
breaks are those of YAML 1.1 (NEL, LS and PS too), so the reader refuses these before a text comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import yaml
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from archspec.errors import Fault, Span, SpecError
from archspec.text.document import Builder, Map, Seq, line_column, point
from archspec.text.scalars import check_characters, plain_value, short

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

Result = TypeVar("Result")


def build_yaml(text: str, builder: Builder) -> None:
    """Put the one document of ``text`` into ``builder``. Raises SpecError."""
    try:
        _walk(text, builder)
    except yaml.MarkedYAMLError as error:
        raise _reworded(error, text) from None
    except yaml.YAMLError as error:
        raise SpecError(f"not YAML: {error}") from None


def _walk(text: str, builder: Builder) -> None:
    next_event: Callable[[], Any] = Loader(text).get_event  # the stubs type events without marks and values
    flow: list[bool] = []
    documents = 0
    # A spec says the same few words and numbers over and over: each is looked at once.
    plain: dict[str, str | int | float | bool | None] = {}
    while event := next_event():
        kind = type(event)
        start, end = event.start_mark, event.end_mark
        if kind is ScalarEvent:
            span = Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
            if event.anchor is not None or event.tag is not None:
                raise _property(event, text, span)
            value, style = event.value, event.style
            if style in ("|", ">"):
                # Its end mark is the start of the next content; the range ends with its last character.
                written = text[start.index : end.index].rstrip(" \t\r\n")
                lines, column = line_column(written, len(written))
                span = Span(*span[:2], start.line + lines, column + (start.column if lines == 1 else 0))
            elif style == '"':
                _located(check_characters, value, span)
            if builder.wants_key:
                if not style and value in ("", "<<"):
                    raise _odd_key(value, span)
                builder.key(value, span)
            elif style:
                builder.add(value, span)
            else:
                if value not in plain:
                    plain[value] = _located(plain_value, value, span)
                builder.add(plain[value], span)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            line, column = start.line + 1, start.column + 1
            span = Span(line, column, line, column + 1)
            if event.anchor is not None or event.tag is not None:
                raise _property(event, text, span)
            if builder.wants_key:
                raise SpecError("a key is a mapping or a sequence", hint="keys are strings: quote it", span=span)
            builder.open(Map() if kind is MappingStartEvent else Seq(), line, column)
            # The mapping of `[a: 1]` is flow style to the parser, with no bracket of its own.
            flow.append(text[start.index] in "{[")
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            builder.close((end.line + 1, end.column + 1) if flow.pop() else None)
        elif kind is yaml.AliasEvent:
            raise SpecError(
                f"an alias: `{short(text[start.index : end.index])}`",
                hint="quote it if it is text; use `vars` or `blocks` to say a thing once",
                span=Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1),
                fault=Fault("yaml-reference", text[start.index : end.index]),
            )
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise SpecError("a second document starts here", hint="one file holds one document", span=_at(start))
    if not documents:
        raise SpecError("nothing in the text but comments")


def _property(event: Any, text: str, span: Span) -> SpecError:
    if event.anchor is not None:
        hint = "quote it if it is text; use `vars` or `blocks` to say a thing once"
        fault = Fault("yaml-reference", f"&{event.anchor}")
        return SpecError(f"an anchor: `&{short(event.anchor)}`", hint=hint, span=span, fault=fault)
    tag = text[event.start_mark.index : event.end_mark.index].split(maxsplit=1)[0]
    fault = Fault("yaml-reference", tag)
    return SpecError(f"a tag: `{short(tag)}`", hint=_WORDING[_TAG][1], span=span, fault=fault)


def _odd_key(key: str, span: Span) -> SpecError:
    if not key:
        return SpecError("an empty key", span=span)
    hint = "write the keys out, or say them once under `defaults`"
    return SpecError("a merge key: `<<`", hint=hint, span=span, fault=Fault("yaml-reference", key))


def _located(function: Callable[[str], Result], text: str, span: Span) -> Result:
    try:
        return function(text)
    except SpecError as error:
        error.located(span=span)
        raise


def _reworded(error: yaml.MarkedYAMLError, text: str) -> SpecError:
    """The parser's complaint in our words: the first phrase of ``_WORDING`` in it decides."""
    problem = str(error.problem)
    mark = error.problem_mark or error.context_mark
    assert mark is not None
    char = text[mark.index : mark.index + 1]
    opened = error.context_mark
    if opened is not None and not text[mark.index :].strip():
        if "',' or" in problem:
            return SpecError(f"`{text[opened.index]}` is never closed", span=_at(opened))
        if "end of stream" in problem:
            return SpecError("a quoted string is never closed", hint="add the closing quote", span=_at(opened))
        if "node content" in problem:
            return SpecError("the text ends where a value should follow", span=point(text, len(text.rstrip())))
    if opened is not None and "expected ':'" in problem:
        mark = opened  # where the key stands, not where the search for its colon ended
    if char == "\t":
        return SpecError("a tab where YAML takes only spaces", hint="indent with spaces", span=_at(mark))
    if char == "{" and text[: mark.index].endswith("$"):
        return SpecError("`${` inside a flow mapping or sequence", hint="write $name, without braces", span=_at(mark))
    message, hint = next(
        (words for phrase, words in _WORDING.items() if phrase in problem),
        (f"not YAML: {problem.removeprefix('found ').replace('did not find expected', 'expected')}", None),
    )
    since = f" in what starts on line {opened.line + 1}" if opened is not None and opened.line != mark.line else ""
    fault = Fault("yaml-reference", "!") if _TAG in problem else None
    return SpecError(message.replace("CHAR", char) + since, hint=hint, span=_at(mark), fault=fault)


_INDENT = "line it up with its siblings, or quote a value that goes on after its closing quote or bracket"
_TAG = "undefined tag handle"
_WORDING: dict[str, tuple[str, str | None]] = {
    "cannot start any token": ("a plain value cannot start with `CHAR`", "put the value in quotes"),
    "mapping values are not allowed": (
        "a `:` that ends no key",
        "fix the indentation, or quote a value with `: ` in it",
    ),
    "sequence entries are not allowed": (
        "a `- ` where no list can start",
        "put the list on its own lines, or quote it",
    ),
    "',' or '}'": ("expected `,` or `}`", "quote a value that has brackets, commas or `: ` in it"),
    "',' or ']'": ("expected `,` or `]`", "quote a value that has brackets, commas or `: ` in it"),
    "'-' indicator": ("expected another `- ` or the end of the list", _INDENT),
    "expected key": ("expected a key or the end of the mapping", _INDENT),
    "<block end>": ("expected another item or the end of the block", _INDENT),
    "expected ':'": ("expected `:` after a key", "a key is one line of at most 1024 characters"),
    "escape": (
        "an escape that is not YAML's",
        "in double quotes write \\\\ for a backslash; \\U0001F600 beyond U+FFFF",
    ),
    "alphabetic or numeric": ("a plain value cannot start with `&` or `*`", "put the value in quotes"),
    "<document start>": ("text after the end of the document", "one file holds one document"),
    _TAG: ("a tag", "quote it if it is text; nothing in a spec has a tag"),
    "tab": ("a tab where YAML takes only spaces", "indent with spaces"),
}


def _at(mark: Any) -> Span:
    return Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
