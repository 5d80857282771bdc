"""GGUF: counts, keys with values, what each tensor is, then the tensors' bytes.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; versions 2 and 3, of either byte order. Sizes stand there in
the order of memory: the reverse of PyTorch's.
"""

from __future__ import annotations

import os
import re
import struct
from math import prod
from typing import Any, NoReturn

from archspec.errors import SpecError
from archspec.importers.headers.base import (
    MAX_NAME,
    MAX_SCALARS,
    MAX_TENSORS,
    Entry,
    Header,
    Pieces,
    named,
    named_few,
    overlapping,
    place_of,
)
from archspec.records import NamedTuple

MAGIC = b"GGUF"
MAX_KEYS = 65_536
MAX_TEXT = 1024 * 1024  # bytes of a text that is kept; a chat template has a few thousand
MAX_TEXTS = 4_000_000  # of lists that are passed over; the largest vocabularies have a million, with their merges
MAX_KEPT = 4096  # numbers of a list that is kept, such as one for each block
MAX_AXES = 4  # GGML_MAX_DIMS
MAX_PARTS = 10_000
_PART = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\.gguf")

# Of each sort of value its name and, of a number, its code in `struct`: enum gguf_type.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, LIST = 8, 9


class Block(NamedTuple):
    """A format of ggml: so many bytes for so many elements of a row."""

    name: str
    elements: int
    bytes: int


# enum ggml_type and GGML_QUANT_SIZES of gguf 0.19.0; numbers that are missing were given up.
FORMATS = {
    0: Block("float32", 1, 4),
    1: Block("float16", 1, 2),
    2: Block("q4_0", 32, 18),
    3: Block("q4_1", 32, 20),
    6: Block("q5_0", 32, 22),
    7: Block("q5_1", 32, 24),
    8: Block("q8_0", 32, 34),
    9: Block("q8_1", 32, 36),
    10: Block("q2_k", 256, 84),
    11: Block("q3_k", 256, 110),
    12: Block("q4_k", 256, 144),
    13: Block("q5_k", 256, 176),
    14: Block("q6_k", 256, 210),
    15: Block("q8_k", 256, 292),
    16: Block("iq2_xxs", 256, 66),
    17: Block("iq2_xs", 256, 74),
    18: Block("iq3_xxs", 256, 98),
    19: Block("iq1_s", 256, 50),
    20: Block("iq4_nl", 32, 18),
    21: Block("iq3_s", 256, 110),
    22: Block("iq2_s", 256, 82),
    23: Block("iq4_xs", 256, 136),
    24: Block("int8", 1, 1),
    25: Block("int16", 1, 2),
    26: Block("int32", 1, 4),
    27: Block("int64", 1, 8),
    28: Block("float64", 1, 8),
    29: Block("iq1_m", 256, 56),
    30: Block("bfloat16", 1, 2),
    34: Block("tq1_0", 256, 54),
    35: Block("tq2_0", 256, 66),
    39: Block("mxfp4", 32, 17),
    40: Block("nvfp4", 64, 36),
    41: Block("q1_0", 128, 18),
}


def read(path: str) -> Header:
    """The header of a file, and of those that the same model is in where they stand beside it. Raises SpecError."""
    header = _read(path)
    count = header.metadata.get("split.count", 1)
    stem = _PART.fullmatch(path)
    if type(count) is not int or count < 2:
        return header
    if stem is None or int(stem["count"]) != count or count > MAX_PARTS:
        note = f"one of {count:,} files, whose name does not say which: what the others hold is not known"
        return header._replace(notes=(*header.notes, note), complete=False)
    tensors, notes, absent = dict(header.tensors), list(header.notes), []
    for number in range(1, count + 1):
        part = f"{stem['stem']}-{number:05d}-of-{count:05d}.gguf"
        if part == path:
            continue
        if not os.path.lexists(part):
            absent.append(os.path.basename(part))
            continue
        more = _read(part)
        twice = next((name for name in more.tensors if name in tensors), None)
        if twice is not None:
            raise SpecError("the tensor stands in another file too", file=part, path=place_of(twice))
        tensors |= more.tensors
        notes += more.notes
    if absent:
        files = f"{len(absent):,} of {count:,} files are not here ({named_few(absent)})"
        notes.append(f"{files}: what they hold is not known")
    return header._replace(tensors=tensors, notes=tuple(notes), complete=not absent)


def _read(path: str) -> Header:
    with Pieces(path) as pieces:
        return _Reader(pieces).header()


class _Reader:
    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.order = "<"
        self.texts = 0

    def header(self) -> Header:
        """All that stands before the tensors' bytes."""
        pieces = self.pieces
        if pieces.read(4, "the magic number") != MAGIC:
            pieces.at = 0
            pieces.fail("no GGUF: it begins with those four letters")
        version = self.number("I", "the version")
        if version and version & 0xFFFF == 0:  # a small number, read in the wrong order
            self.order, version = ">", int.from_bytes(version.to_bytes(4, "little"), "big")
        if version not in (2, 3):
            pieces.fail(f"version {version}: 2 and 3 are read")
        tensors = self.count("tensors", MAX_TENSORS)
        keys = self.count("keys", MAX_KEYS)
        metadata: dict[str, Any] = {}
        for _ in range(keys):
            key = self.text("a key", MAX_TEXT)
            if key in metadata:
                pieces.fail(f"the key `{place_of(key)}` stands twice")
            metadata[key] = self.value(self.number("I", "the sort of a value"))
        alignment = metadata.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= 2**20 or alignment & (alignment - 1):
            pieces.fail(f"general.alignment must be a power of 2, got {alignment}")
        return self.tensors(tensors, metadata, alignment)

    def tensors(self, count: int, metadata: dict[str, Any], alignment: int) -> Header:
        """What each tensor is, and where its bytes stand."""
        pieces = self.pieces
        entries: dict[str, Entry] = {}
        spans: list[tuple[int, int, str]] = []
        for _ in range(count):
            name = named(self.text("a tensor's name", MAX_NAME), pieces.path)
            if name in entries:
                pieces.fail(f"the tensor `{place_of(name)}` stands twice")
            entries[name], length, offset = self.tensor(name)
            if offset % alignment:
                self.wrong(name, f"its bytes begin at {offset:,}, which {alignment} does not divide")
            spans.append((offset, offset + length, name))
        overlapping(spans, pieces.path)
        start = -(-pieces.at // alignment) * alignment
        end = max((behind for _, behind, _ in spans), default=0)
        notes: tuple[str, ...] = ()
        if end and pieces.size <= start:
            notes = (f"the header alone: {end:,} bytes of tensors are not here",)
        elif end > pieces.size - start:
            name = max(spans, key=lambda span: span[1])[2]
            self.wrong(name, f"its bytes end at {start + end:,}, the file at {pieces.size:,}: the file is cut off")
        return Header("gguf", entries, metadata, notes)

    def tensor(self, name: str) -> tuple[Entry, int, int]:
        """A tensor, how many bytes it takes, and where they begin."""
        axes = self.number("I", "a number of axes")
        if axes > MAX_AXES:
            self.wrong(name, f"{axes:,} axes: at most {MAX_AXES} are possible")
        row = [self.number("Q", "a size") for _ in range(axes)]
        scalars = prod(row)
        if scalars > MAX_SCALARS:
            self.wrong(name, f"{row} has more scalars than there can be")
        sort = self.number("I", "a format")
        block = FORMATS.get(sort)
        if block is None:
            self.wrong(name, f"unknown format {sort}")
        if (row[0] if row else 1) % block.elements:
            self.wrong(
                name, f"blocks of {block.elements} ({block.name}) do not divide its rows of {row[0] if row else 1}"
            )
        offset = self.number("Q", "an offset")
        return Entry(name, tuple(reversed(row)), block.name), scalars // block.elements * block.bytes, offset

    def wrong(self, name: str, message: str) -> NoReturn:
        """Raise SpecError about a tensor."""
        raise SpecError(message, file=self.pieces.path, path=place_of(name))

    def number(self, code: str, what: str) -> Any:
        """The next number."""
        (value,) = struct.unpack(self.order + code, self.pieces.read(struct.calcsize(self.order + code), what))
        return value

    def count(self, what: str, most: int) -> int:
        """How many tensors or keys there are."""
        count: int = self.number("Q", f"the number of {what}")
        if count > most:
            self.pieces.fail(f"{count:,} {what}: at most {most:,} are read")
        return count

    def text(self, what: str, most: int) -> str:
        """The next text."""
        length = self.number("Q", f"the length of {what}")
        if length > most:
            self.pieces.fail(f"{what} of {length:,} bytes: at most {most:,} are read")
        try:
            return self.pieces.read(length, what).decode("utf-8")
        except UnicodeDecodeError:
            self.pieces.fail(f"{what} is no UTF-8")

    def value(self, sort: int) -> Any:
        """A value; None of a list that is not kept."""
        if sort in NUMBERS:
            return self.number(NUMBERS[sort], "a number")
        if sort == TEXT:
            return self.text("a text", MAX_TEXT)
        if sort != LIST:
            self.pieces.fail(f"unknown sort of value {sort}")
        return self.list()

    def list(self) -> list[Any] | None:
        """The numbers of a list, where they are few."""
        sort, count = self.number("I", "the sort of a list"), self.number("Q", "the length of a list")
        if sort == TEXT:
            self.texts += count
            if self.texts > MAX_TEXTS or count * 8 > self.pieces.size - self.pieces.at:
                self.pieces.fail(f"a list of {count:,} texts: more than are read, or than the file has")
            for _ in range(count):
                self.pieces.skip(self.number("Q", "the length of a text"), "a text")
            return None
        if sort not in NUMBERS:
            self.pieces.fail("a list of lists" if sort == LIST else f"unknown sort of value {sort}")
        size = struct.calcsize(self.order + NUMBERS[sort])
        if count > MAX_KEPT:
            self.pieces.skip(size * count, "a list")
            return None
        return list(struct.unpack(f"{self.order}{count}{NUMBERS[sort]}", self.pieces.read(size * count, "a list")))
