"""What a header says, and the file it is read from: a piece at a time, and none that the file has not."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO, NoReturn

from archspec.errors import SpecError, clipped, show
from archspec.records import NamedTuple
from archspec.text.contents import opened

MAX_TENSORS = 500_000
MAX_JSON = 64 * 1024 * 1024  # bytes; an index of a trillion parameters has 14 million
MAX_LISTS = 4 * MAX_TENSORS
MAX_ENTRIES = 8_000_000
MAX_NAME = 1024  # characters
MAX_SCALARS = 2**63 - 1


class Entry(NamedTuple):
    """A tensor of a file: its shape as PyTorch has it, None where the file does not say, and its format."""

    name: str
    shape: tuple[int, ...] | None
    dtype: str


class Header(NamedTuple):
    """The tensors of a file by name, what it says beside them, and what of it could not be checked.

    ``complete``: there are no others.
    """

    format: str
    tensors: dict[str, Entry]
    metadata: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()
    complete: bool = True


class Pieces:
    """A file read from its start, or from any byte, a bounded piece at a time. Errors name the byte."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.stream: BinaryIO = self._opened()
        self.size = os.fstat(self.stream.fileno()).st_size
        self.at = 0

    def _opened(self) -> BinaryIO:
        try:
            return opened(self.path)
        except (OSError, ValueError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise SpecError(f"cannot be read: {cause.lower()}", file=self.path) from None

    def __enter__(self) -> Pieces:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stream.close()

    def read(self, count: int, what: str) -> bytes:
        """The next bytes. Raises SpecError where the file has fewer."""
        piece = self.stream.read(count) if count <= self.size - self.at else b""
        if len(piece) < count:
            self.fail(f"{what} has {count:,} bytes, the file ends {max(self.size - self.at, 0):,} bytes on")
        self.at += count
        return piece

    def skip(self, count: int, what: str) -> None:
        """Go on behind the next bytes. Raises SpecError where the file has fewer."""
        if count > self.size - self.at:
            self.fail(f"{what} has {count:,} bytes, the file ends {max(self.size - self.at, 0):,} bytes on")
        self.at += count
        self.stream.seek(self.at)

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Raise SpecError at the byte that the file is read at."""
        raise SpecError(message, hint=hint, file=self.path, path=f"byte {self.at:,}")


def parsed(text: bytes, file: str, place: str) -> Any:
    """JSON of bounded size and nesting, in which no name stands twice. Raises SpecError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
            raise SpecError(f"the name {show(twice)} stands twice", file=file, path=place)
        return made

    def unknown(constant: str) -> NoReturn:
        raise SpecError(f"{constant} is no value of JSON", file=file, path=place)

    if text.count(b"[") + text.count(b"{") > MAX_LISTS or text.count(b",") > MAX_ENTRIES:
        raise SpecError(f"more than {MAX_TENSORS:,} tensors, or lists within lists", file=file, path=place)
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=unknown)
    except UnicodeDecodeError as error:
        raise SpecError(f"byte {error.start:,} is no UTF-8", file=file, path=place) from None
    except json.JSONDecodeError as error:
        raise SpecError(f"no JSON: {error.msg.lower()} at character {error.pos:,}", file=file, path=place) from None
    except RecursionError:
        raise SpecError("lists within lists, too deep to be read", file=file, path=place) from None
    except ValueError:
        raise SpecError("a number of too many digits", file=file, path=place) from None


def named(name: str, file: str) -> str:
    """A tensor's name, which is of bounded length."""
    if not name or len(name) > MAX_NAME:
        raise SpecError(
            f"a name of {len(name):,} characters: 1 to {MAX_NAME:,} are possible", file=file, path=place_of(name)
        )
    return name


def numbers(value: Any, file: str, path: str) -> tuple[int, ...]:
    """A list of whole numbers of at least 0. Raises SpecError."""
    if not isinstance(value, list) or not all(type(size) is int and size >= 0 for size in value):
        raise SpecError(f"must be a list of whole numbers of at least 0, got {show(value)}", file=file, path=path)
    return tuple(value)


def sizes(value: Any, file: str, path: str) -> tuple[int, ...]:
    """A shape: whole numbers, whose product 63 bits can hold. Raises SpecError."""
    shape = numbers(value, file, path)
    if len(shape) > 64 or prod(shape) > MAX_SCALARS:
        raise SpecError(f"{show(value)} has more scalars than there can be", file=file, path=path)
    return shape


def place_of(name: str) -> str:
    """A tensor's name as the place of an error."""
    return clipped(name, 80)


def named_few(names: list[str]) -> str:
    """The first of some names."""
    return ", ".join(map(place_of, names[:3])) + (", ..." if len(names) > 3 else "")


def overlapping(spans: list[tuple[int, int, str]], file: str) -> None:
    """Raise SpecError where the bytes of two tensors overlap; a span is first byte, last one but one, and name."""
    end, before = 0, ""
    for first, behind, name in sorted(spans):
        if first < end and behind > first:
            message = f"its bytes from {first:,} on overlap those of `{place_of(before)}`, which end at {end:,}"
            raise SpecError(message, file=file, path=place_of(name))
        if behind > end:
            end, before = behind, name
