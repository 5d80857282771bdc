"""Documents whose examples are run: their blocks, the commands in them, and whether an output is the one shown.

A ```console block holds commands, each after ``$ ``, and what each prints, standard output and errors together; a line
``...`` stands for any number of lines.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: where it stands, its language and its text."""

    document: Path
    line: int
    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document."""
    text = document.read_text("utf-8")
    return [
        Block(document, text.count("\n", 0, fence.start(2)) + 1, fence[1], fence[2]) for fence in BLOCK.finditer(text)
    ]


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it should print."""
    listed: list[tuple[str, str]] = []
    lines = iter(text.splitlines(keepends=True))
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\\n"):
                command += next(lines)
            listed.append((command, ""))
        else:
            assert listed, "a console block begins with a command"
            listed[-1] = (listed[-1][0], listed[-1][1] + line)
    return listed


def matches(expected: str, got: str) -> bool:
    """Whether an output is the expected one, whose lines ``...`` stand for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line) for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, got) is not None


def shortened(expected: str, got: str) -> str:
    """A new output, cut where the old one was: as many lines before and after its one ``...``."""
    before, lines = expected.splitlines(), got.splitlines(keepends=True)
    if before.count("...") != 1 or len(before) > len(lines):
        return got
    first = before.index("...")
    last = len(before) - first - 1
    return "".join([*lines[:first], "...\n", *lines[len(lines) - last :]])


def rewritten(block: Block, outputs: list[str]) -> None:
    """Write what the commands of a block print now into its document, where it is not what stands there."""
    new = [
        f"$ {command}{output if matches(output, now) else shortened(output, now)}"
        for (command, output), now in zip(commands(block.text), outputs, strict=True)
    ]
    before = block.document.read_text("utf-8")
    block.document.write_text(before.replace(block.text, "".join(new)), "utf-8")
