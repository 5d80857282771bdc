"""Text to plain data with a position for every node: YAML by the 1.2 core schema, and JSON.

A text is untrusted: its bytes, depth and nodes are bounded, and nothing in it is ever more than data.
"""

from __future__ import annotations

import os
import re
import sys

from archspec.errors import Span, SpecError, UsageError
from archspec.text.contents import MAX_BYTES, content_of
from archspec.text.document import Builder, Document, line_column, point
from archspec.text.scalars import short
from archspec.text.yaml_text import build_yaml

# What YAML does not print (1.2, section 5.1), and NEL, LS and PS, which libyaml takes as line breaks and an editor may
# not, and the byte order mark, which cannot be seen. Told by what is refused: the complement takes ms to compile.
UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
# What version control writes around the two sides of a conflict, and between them.
CONFLICT = r"(?m)^(?:<{7}|\|{7}|={7}|>{7})(?= |\r?$)[^\r\n]*"


def read(path: str | os.PathLike[str]) -> Document:
    """The document in the file at ``path``, or on standard input for ``-``.

    Raises UsageError where the file cannot be read, SpecError where it holds no document.
    """
    shown = os.fspath(path)
    return read_text(text_of(path), "<stdin>" if shown == "-" else shown)


def text_of(path: str | os.PathLike[str]) -> str:
    """The text of the file at ``path``, or of standard input for ``-``, a byte order mark included.

    Raises UsageError where there is none or it cannot be read, SpecError where it is no text or no file at all.
    """
    shown = os.fspath(path)
    content = _bytes(shown)
    try:
        return decoded(content)
    except SpecError as error:
        error.located(file="<stdin>" if shown == "-" else shown)
        raise


def read_text(text: str, name: str = "<text>", constants: bool = False) -> Document:
    """The document in ``text``; strictly JSON where ``name`` ends in ``.json``. Raises SpecError, with its place.

    ``constants``: JSON may hold Infinity and NaN, as Python writes them; they are read as texts.
    """
    text = text.removeprefix("\ufeff")
    builder = Builder()
    try:
        if len(text) > MAX_BYTES:
            raise _too_large()
        if not text.replace("\n", "").isprintable() and (character := re.search(UNPRINTABLE, text)):
            code = ord(character[0])
            raise SpecError(
                f"the character U+{code:04X} is not allowed in the text",
                hint=f'write it as an escape in double quotes: "\\u{code:04X}"' if 0x2028 <= code <= 0x2029 else None,
                span=point(text, character.start()),
            )
        if not text.strip():
            raise SpecError("the text is empty")
        _build(text, name.lower().endswith(".json"), builder, constants)
    except SpecError as error:
        error.located(file=name)
        raise
    return Document(name, text, builder.data, builder.span)


def _build(text: str, strict: bool, builder: Builder, constants: bool) -> None:
    """Put what the text holds into ``builder``. Raises SpecError, of a conflict where a merge left its markers."""
    marker = re.search(CONFLICT, text) if "\n<<<<<<< " in text else None  # in brackets it would be text
    try:
        if marker is None:
            _parse(text, strict, builder, constants)
    except SpecError:
        marker = re.search(CONFLICT, text)
        if marker is None:
            raise
    if marker:
        raise _conflict(text, marker)


def _parse(text: str, strict: bool, builder: Builder, constants: bool) -> None:
    if strict or text.lstrip(" \t\r\n")[:1] in ("{", "["):
        from archspec.text.json_text import build_json, is_json

        if strict or is_json(text):
            build_json(text, builder, constants)
            return
    build_yaml(text, builder)


def _conflict(text: str, marker: re.Match[str]) -> SpecError:
    """The error of a merge that was not finished."""
    line = line_column(text, marker.start())[0]
    others = re.finditer(CONFLICT, text)
    closing = next((other for other in others if other[0][0] == ">" and other.start() > marker.start()), marker)
    last = line_column(text, closing.start())[0]
    what = f"keep one side of lines {line} to {last}, or parts of both, without" if last > line else "take out"
    return SpecError(
        f"a conflict marker: `{short(marker[0])}`",
        hint=f"a merge left it: {what} the marker{'s' * (last > line)}",
        span=Span(line, 1, line, 1 + len(marker[0])),
    )


def _bytes(path: str) -> bytes:
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if path == "-" else content_of(path)
    except FileNotFoundError:
        raise UsageError(f"no such file: {path}") from None
    except IsADirectoryError:
        raise UsageError(f"a directory, not a file: {path}") from None
    except PermissionError:
        raise UsageError(f"no permission to read {path}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"cannot read {path!r}: {reason.lower()}") from None
    if len(content) > MAX_BYTES:
        raise _too_large().located(file="<stdin>" if path == "-" else path)
    return content


def decoded(content: bytes) -> str:
    """The text in a file's bytes. Raises SpecError where they are not UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpecError("the file is UTF-16", hint="save it as UTF-8")
    if (offset := content.find(b"\0")) >= 0:
        raise SpecError(f"a binary file: byte {offset} is NUL")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise SpecError(
            f"not UTF-8: byte {error.start} is 0x{content[error.start]:02X}",
            hint="save the file as UTF-8",
            span=point(before, len(before)),
        ) from None


def _too_large() -> SpecError:
    return SpecError(f"more than {MAX_BYTES // 2**20} MiB", hint="a spec is text: use `repeat` and `blocks`")
