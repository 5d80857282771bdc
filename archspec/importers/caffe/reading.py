"""The text form of protocol buffers: names with values, or with messages in braces; any of them may repeat."""

from __future__ import annotations

import re
from typing import Any

from archspec.errors import Span, SpecError, clipped, show, suggestion

TOKEN = re.compile(
    r"""(?P<space>[\s,;]+|\#[^\n]*)|(?P<name>[A-Za-z_]\w{0,100})|(?P<number>-?(?:\d[\d.]{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?f?)
    |(?P<text>"[^"\n\\]{0,1000}"|'[^'\n\\]{0,1000}')|(?P<mark>[{}<>:\[\]])""",
    re.VERBOSE,
)
MAX_DEPTH = 20
MAX_TOKENS = 2_000_000
MAX_SIZE = 2**40
CLOSED = {"{": "}", "<": ">"}


class Message:
    """A message: the values of each name, in their order, and which names were read."""

    def __init__(self, line: int, path: str) -> None:
        self.line = line
        self.path = path
        self.fields: dict[str, list[Any]] = {}
        self.lines: dict[str, int] = {}
        self.read: set[str] = set()

    def fail(self, message: str, name: str | None = None, hint: str | None = None) -> SpecError:
        """An error of this message, at a name in it."""
        line = self.lines.get(name or "", self.line)
        where = f"{self.path}.{name}" if name and self.path else name or self.path
        return SpecError(message, hint=hint, span=Span(line, 1, line, 2), path=clipped(show(where)[1:-1], 120) or None)

    def all(self, name: str) -> list[Any]:
        """Every value of a name."""
        self.read.add(name)
        return self.fields.get(name, [])

    def one(self, name: str, default: Any = None) -> Any:
        """The value of a name that stands once."""
        values = self.all(name)
        if len(values) > 1:
            raise self.fail(f"stands {len(values)} times", name)
        return values[0] if values else default

    def message(self, name: str) -> Message:
        """A message; an empty one where there is none."""
        value = self.one(name)
        if value is None:
            return Message(self.line, self.path)
        if not isinstance(value, Message):
            raise self.fail(f"must be a message in braces, got {show(value)}", name)
        return value

    def messages(self, name: str) -> list[Message]:
        """Messages."""
        values = self.all(name)
        for value in values:
            if not isinstance(value, Message):
                raise self.fail(f"must be a message in braces, got {show(value)}", name)
        return values

    def text(self, name: str, default: str = "") -> str:
        """A text, or a word."""
        value = self.one(name, default)
        if not isinstance(value, str):
            raise self.fail(f"must be text, got {shown(value)}", name)
        return value

    def texts(self, name: str) -> list[str]:
        """Texts."""
        values = self.all(name)
        if not all(isinstance(value, str) for value in values):
            raise self.fail("must be text", name)
        return values

    def whole(self, name: str, default: int | None = None, least: int = 0) -> int:
        """A whole number."""
        value = self.one(name, default)
        if not is_whole(value, least):
            raise self.fail(f"must be a whole number of at least {least}, got {shown(value)}", name)
        return int(value)

    def wholes(self, name: str, least: int = 0) -> list[int]:
        """Whole numbers."""
        values = self.all(name)
        if len(values) > 1000 or not all(is_whole(value, least) for value in values):
            raise self.fail(f"must be whole numbers of at least {least}", name)
        return values

    def number(self, name: str, default: float) -> float:
        """A number."""
        value = self.one(name, default)
        if not isinstance(value, (int, float)):
            raise self.fail(f"must be a number, got {shown(value)}", name)
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self.one(name, "true" if default else "false")
        if value not in ("true", "false"):
            raise self.fail(f"must be true or false, got {shown(value)}", name)
        return bool(value == "true")

    def only(self, name: str, *values: Any) -> None:
        """A name that may be absent or have one of these values."""
        value = self.one(name, values[0])
        if value not in values:
            raise self.fail(f"is {shown(value)}, which archspec does not know", name)

    def ignore(self, *names: str) -> None:
        """Names that no size follows from."""
        self.read.update(names)

    def done(self) -> None:
        """Raise SpecError where a name was not read."""
        for name in self.fields:
            if name not in self.read:
                message = f"{show(name)} is a name that archspec does not know here: a size may follow from it"
                raise self.fail(message, name, suggestion(name, sorted(self.read)) if self.read else None)


def is_whole(value: Any, least: int) -> bool:
    """A whole number that a size may be."""
    return isinstance(value, int) and least <= value <= MAX_SIZE


def shown(value: Any) -> str:
    """A value as an error may show it."""
    return "a message" if isinstance(value, Message) else show(value)


def message_of(text: str) -> Message:
    """The message that a text holds. Raises SpecError."""
    root = Message(1, "")
    opened: list[tuple[Message, str]] = [(root, "")]
    name: str | None = None
    listed = False
    line = 1
    place = count = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise _wrong(line, f"{show(text[place])} is nothing that may stand here")
        token, kind, place = match[0], match.lastgroup, match.end()
        count += 1
        if count > MAX_TOKENS:
            raise _wrong(line, f"more than {MAX_TOKENS:,} words")
        message, end = opened[-1]
        if kind == "space":
            line += token.count("\n")
        elif kind == "mark" and token in CLOSED and name is not None and not listed:
            if len(opened) > MAX_DEPTH:
                raise _wrong(line, f"nested more than {MAX_DEPTH} deep")
            inner = Message(line, f"{message.path}.{name}" if message.path else name)
            _add(message, name, inner, line)
            opened.append((inner, CLOSED[token]))
            name = None
        elif kind == "mark" and token == end and name is None and len(opened) > 1:
            opened.pop()
        elif kind == "mark" and token == ":" and name is not None:
            continue
        elif kind == "mark" and token == "[" and name is not None and not listed:
            listed = True
        elif kind == "mark" and token == "]" and listed:
            name, listed = None, False
        elif kind == "name" and name is None:
            name = token
        elif kind in ("name", "number", "text") and name is not None:
            _add(message, name, _value(token, kind, line), line)
            name = name if listed else None
        else:
            raise _wrong(line, f"{show(token)} is nothing that may stand here")
    if len(opened) > 1 or name is not None:
        raise _wrong(line, "the text ends before what it began")
    return root


def _add(message: Message, name: str, value: Any, line: int) -> None:
    message.fields.setdefault(name, []).append(value)
    message.lines.setdefault(name, line)


def _value(token: str, kind: str, line: int) -> Any:
    if kind == "text":
        return token[1:-1]
    if kind == "name":
        return token
    try:
        return int(token) if re.fullmatch(r"-?\d+", token) else float(token.rstrip("f"))
    except ValueError:
        raise _wrong(line, f"{show(token)} is no number") from None


def _wrong(line: int, message: str) -> SpecError:
    return SpecError(message, span=Span(line, 1, line, 2))
