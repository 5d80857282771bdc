"""A text inside a zip archive: the directory and the text are of bounded size, nothing else is read."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from archspec.errors import SpecError, clipped, show
from archspec.text.contents import opened

MAX_DIRECTORY = 64 * 1024 * 1024  # bytes; an entry takes some hundred
FEW = 2  # entries of a name that are read
END = b"PK\x05\x06"
TAIL = 22 + 65_535  # of a file: the end record, and a comment behind it
STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def text_in(path: str, ends: tuple[str, ...], most: int, what: str) -> tuple[str, bytes]:
    """The one entry whose name ends so, and its bytes. Raises SpecError."""
    found = texts_in(path, ends, most)
    if len(found) != 1:
        listed = ", ".join(show(clipped(name, 80)) for name, _ in found[:3])
        there = f"there are {len(found)}: {listed}" if found else "there is none"
        raise SpecError(f"holds no {what}: one file {' or '.join(ends)} is needed, {there}")
    return found[0]


def texts_in(path: str, ends: tuple[str, ...], most: int) -> list[tuple[str, bytes]]:
    """The first entries whose names end so, and their bytes. Raises SpecError."""
    try:
        with opened(path) as stream:
            _check_directory(stream)
            with zipfile.ZipFile(stream) as archive:
                entries = [entry for entry in archive.infolist() if entry.filename.endswith(ends)]
                return [_content(archive, entry, most) for entry in entries[:FEW]]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise SpecError(f"is no whole zip archive: {clipped(str(error), 100).lower()}") from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise SpecError(f"cannot be read: {clipped(cause, 100).lower()}") from None


def _check_directory(stream: BinaryIO) -> None:
    """Raise SpecError where the directory takes more bytes than are read: zipfile reads all of it."""
    size = stream.seek(0, 2)
    stream.seek(max(size - TAIL, 0))
    tail = stream.read(TAIL)
    place = tail.rfind(END)
    if place < 0 or len(tail) < place + 22:
        raise SpecError("is no whole zip archive: it has no directory")
    length = int.from_bytes(tail[place + 12 : place + 16], "little")
    if length == 0xFFFFFFFF:  # said in a record of its own, right before
        large = tail.rfind(b"PK\x06\x06", 0, place)
        length = int.from_bytes(tail[large + 40 : large + 48], "little") if large >= 0 else size
    if length > MAX_DIRECTORY:
        raise SpecError(f"its directory has {length:,} bytes: at most {MAX_DIRECTORY:,} are read")
    stream.seek(0)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> tuple[str, bytes]:
    if entry.flag_bits & 1 or entry.compress_type not in STORED:
        raise SpecError("is encrypted, or packed in a way that is not read", path=clipped(entry.filename, 80))
    with archive.open(entry) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise SpecError(f"has more than {most:,} bytes", path=clipped(entry.filename, 80))
    return entry.filename, content
