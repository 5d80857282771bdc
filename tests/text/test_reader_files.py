from __future__ import annotations

import gc
import io
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from archspec.errors import SpecError, UsageError
from archspec.text import reader
from archspec.text.contents import MAX_BYTES
from archspec.text.reader import read, read_text


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\nb: 1")
    document = read(path)
    assert (document.name, document.text, document.data) == (str(path), "a: é\r\nb: 1", {"a": "é", "b": 1})
    assert read(str(path)) == document


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é: [1".encode())))
    with pytest.raises(SpecError, match=r"^<stdin>:1:4: `\[` is never closed"):
        read("-")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: \xe9t\xe9\n", ":2:4: not UTF-8: byte 8 is 0xE9"),
        (b"\xc3", ":1:1: not UTF-8: byte 0 is 0xC3"),
        (b"\xff\xfea\0:\0", ": the file is UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0", ": a binary file: byte 8 is NUL"),
        (b"", ": the text is empty"),
        (b"#" * (MAX_BYTES + 1), ": more than 16 MiB"),
    ],
)
def test_file_that_is_not_text(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: str) -> str:
        with pytest.raises(UsageError) as caught:
            read(path)
        return str(caught.value)

    assert failing(f"{tmp_path}/none.yaml") == f"no such file: {tmp_path}/none.yaml"
    assert failing(str(tmp_path)) == f"a directory, not a file: {tmp_path}"
    assert failing("a\0b").startswith("cannot read 'a\\x00b': ")
    assert failing("n" * 5000).startswith("cannot read 'nnn")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Tests may run as a user whom no file refuses.
    monkeypatch.setattr(reader, "content_of", refuse)
    assert failing("secret.yaml") == "no permission to read secret.yaml"


def test_collector_is_left_as_it_was() -> None:
    for broken in ("a: 1", "a: ["):
        with suppress(SpecError):
            read_text(broken)
        assert gc.isenabled()
