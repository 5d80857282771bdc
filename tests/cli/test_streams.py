"""Streams that are closed or full, few characters, names that are no text: a message and an exit code, never a bug."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scratch import IDENTITY, Scratch

NET = "archspec: 1\nname: n\ninputs: {x: [4]}\nlayers: [linear: 4]\n"
CALLS = [
    ("list >&-", 2, "error: bad file descriptor"),
    ("list <&-", 0, ""),
    ("check - <&-", 2, "error: cannot read '-': bad file descriptor"),
    ("list 2>&-", 0, ""),
    ("summary nope 2>&-", 2, ""),
    ("list >&- 2>&- <&-", 2, ""),
    ("lint net.yaml -o out.txt >&- 2>&- <&-", 2, ""),
]
FULL = [
    ("list >/dev/full", 2, "error: no space left on device"),
    ("summary nope 2>/dev/full", 2, ""),
    ("list >/dev/full 2>/dev/full", 2, ""),
    ("lint net.yaml >/dev/full", 2, "error: no space left on device"),
]


@pytest.mark.parametrize(("call", "code", "said"), [*CALLS, *(FULL if Path("/dev/full").exists() else [])])
def test_streams(call: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET)
    shell = ["sh", "-c", f'"$0" -m archspec {call}', sys.executable]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.strip().lower() == said
    assert done.returncode == code or (" -o " in call and done.returncode in (0, 1))
    assert sorted(os.listdir(tmp_path)) in (["net.yaml"], ["net.yaml", "out.txt"])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1:strict"])
def test_an_encoding_of_few_characters(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET.replace("name: n", 'name: "\u2192 \u274c"'), "utf-8")
    for form in ("table", "md", "csv"):
        done = subprocess.run(
            [sys.executable, "-m", "archspec", "summary", "net.yaml", "--format", form],
            cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        assert form == "csv" or b"\\u2192 \\u274c" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
@pytest.mark.parametrize("name", [b"a\xff\xfe.yaml", b"n" * 250 + b".yaml"], ids=["bytes", "long"])
def test_names_of_any_bytes(name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in IDENTITY.items():
        monkeypatch.setenv(key, value)
    scratch = Scratch(tmp_path)
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    file.write_text(NET)
    scratch.commit()
    file.write_text(NET.replace("[linear: 4]", "[linear: 4, linear: 5]"))
    shown = os.fsdecode(name)
    calls = [
        *([command, shown, "--format", form] for command in ("lint", "check") for form in ("json", "sarif", "gitlab")),
        ["ci", "--base", "HEAD", "--out", "out"], ["summary", shown], ["expect", "--update", "--add", shown],
        ["lint", "--fix"], ["fmt"],
    ]  # fmt: skip
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-m", "archspec", *call], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert "Traceback" not in done.stderr
    assert "expect:" in file.read_text()
    assert sorted(os.listdir(os.fsencode(tmp_path))) == sorted([b".git", b"out", name])
