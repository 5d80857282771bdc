"""A configuration as its sections, whose keys have to be read."""

from __future__ import annotations

import re

from archspec.errors import Span, SpecError, clipped, show, suggestion

MAX_SECTIONS = 20_000
MAX_SIZE = 2**40
MAX_ITEMS = 1000  # of a list


class Section:
    """A section: its kind, its keys with their lines, and which of them were read."""

    def __init__(self, kind: str, line: int) -> None:
        self.kind = kind
        self.line = line
        self.place = -1  # among the layers
        self.values: dict[str, tuple[str, int]] = {}
        self.read: set[str] = set()

    def fail(self, message: str, key: str | None = None, hint: str | None = None) -> SpecError:
        """An error of this section, at a key."""
        line = self.values[key][1] if key in self.values else self.line
        where = f"[{clipped(self.kind, 40)}]" if key is None else f"[{clipped(self.kind, 40)}].{key}"
        return SpecError(message, hint=hint, span=Span(line, 1, line, 2), path=where)

    def text(self, key: str, default: str) -> str:
        """A value as it stands."""
        self.read.add(key)
        return self.values[key][0] if key in self.values else default

    def whole(self, key: str, default: int | None = None, least: int = 0) -> int:
        """A whole number."""
        text = self.text(key, "" if default is None else str(default))
        if not re.fullmatch(r"-?\d{1,15}", text) or not least <= int(text) <= MAX_SIZE:
            raise self.fail(f"must be a whole number of at least {least}, got {show(text)}", key)
        return int(text)

    def wholes(self, key: str) -> list[int]:
        """Whole numbers, with commas between."""
        texts = [part.strip() for part in self.text(key, "").split(",")]
        if len(texts) > MAX_ITEMS or not all(re.fullmatch(r"-?\d{1,9}", text) for text in texts):
            raise self.fail(f"must be whole numbers, got {show(self.text(key, ''))}", key)
        return list(map(int, texts))

    def number(self, key: str, default: float) -> float:
        """A number."""
        text = self.text(key, str(default))
        if not re.fullmatch(r"-?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e-?\d{1,2})?", text):
            raise self.fail(f"must be a number, got {show(text)}", key)
        return float(text)

    def only(self, key: str, *values: str) -> None:
        """A key that may be absent or one of these values."""
        text = self.text(key, values[0])
        if text not in values:
            raise self.fail(f"is {show(text)}, which archspec does not know", key)

    def ignore(self, *keys: str) -> None:
        """Keys that no size follows from."""
        self.read.update(keys)

    def done(self) -> None:
        """Raise SpecError where a key was not read."""
        for key in self.values:
            if key not in self.read:
                message = f"{show(key)} is a key that archspec does not know here: a size may follow from it"
                raise self.fail(message, key, suggestion(key, sorted(self.read)) if self.read else None)


def sections_of(text: str) -> list[Section]:
    """The sections of a configuration. Raises SpecError."""
    sections: list[Section] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        span = Span(number, 1, number, 2)
        if line[0] == "[":
            kind = line[1:-1].strip()
            if line[-1] != "]" or not re.fullmatch(r"\w{1,40}", kind):
                raise SpecError(f"must be a section such as [convolutional], got {show(line)}", span=span)
            if len(sections) >= MAX_SECTIONS:
                raise SpecError(f"more than {MAX_SECTIONS:,} sections", span=span)
            sections.append(Section(kind, number))
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not re.fullmatch(r"[\w-]{1,60}", key) or not sections:
            raise SpecError(f"must be a section, or a key and its value, got {show(line)}", span=span)
        if key in sections[-1].values:
            raise sections[-1].fail(f"{show(key)} stands twice", key)
        sections[-1].values[key] = value, number
    return sections
