"""A repository of specs with history, made from the zoo: the same one each time, but for the zoo's own changes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from measure import ROOT

CHANGED = re.compile(r"(?<=\b(?:vocab): )\d+|(?<=\b(?:classes): )\d+")  # a variable that reaches every variant
CONFIG = """\
include = ["specs/**/*.yaml"]

[[budget]]
match = "specs/**/*.yaml"
params = {max = "100G", max-increase = "5%", ignore-below = "1M"}
macs = {max-increase = "5%"}
"""


def make(folder: Path, specs: int, commits: int, more: Mapping[str, bytes] | None = None) -> list[str]:
    """A repository with so many copies of the zoo's specs, and commits that each add a line to one, by git's own
    import: a thousand calls take a minute. Returns the specs' paths; its branch `topic` is checked out."""
    zoo = sorted((ROOT / "specs").glob("*.yaml"))
    stream = bytearray()

    def blob(text: bytes) -> bytes:
        return b"data %d\n%s\n" % (len(text), text)

    def commit(files: Mapping[str, bytes], number: int) -> None:
        stream.extend(b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\n" % (1_700_000_000 + number))
        stream.extend(blob(b"change %d" % number))
        for path, text in files.items():
            stream.extend(b"M 100644 inline %s\n" % path.encode() + blob(text))
        stream.extend(b"\n")

    contents = {
        f"specs/{index // 20}/{zoo[index % len(zoo)].stem}_{index}.yaml": zoo[index % len(zoo)].read_bytes()
        for index in range(specs)
    }
    paths = list(contents)
    contents |= more or {}
    commit({"archspec.toml": CONFIG.encode(), **contents}, 0)
    changing = sorted(contents)
    for number in range(1, commits):
        path = changing[number % len(changing)]
        contents[path] += b"# change %d\n" % number
        commit({path: contents[path]}, number)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=bytes(stream), check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=folder, check=True)
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=folder, check=True)
    return paths


def edited(file: Path) -> bool:
    """Change a figure of every variant of a spec; false where it has no variable that does."""
    text, times = CHANGED.subn(lambda number: str(int(number[0]) + 1), file.read_text("utf-8"), count=1)
    file.write_text(text, "utf-8")
    return bool(times)
