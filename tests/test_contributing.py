"""CONTRIBUTING.md is followed to the letter in a copy of the repository: its files written, its commands run, in order.

The first line of a block of Python or YAML names its file. ``FILE, under LINE`` puts the block behind that line of a
file that is there, ``FILE, at the end`` behind its last. ``pytest tests/test_contributing.py --overwrite`` writes the
outputs of the commands anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from documents import Block, blocks, commands, matches, rewritten

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
NAMED = re.compile(r"# ([\w./-]+\.\w+)(?:, (?:under (.+)|at the (end)))?\n")
# The tests that hold for whatever is added: reference, pages, conventions, rules, networks, metrics.
HOUSE = (
    "tests/test_docs.py",
    "tests/conventions/test_convention.py",
    "tests/lint/test_rules.py",
    "tests/analysis/test_metrics.py",
)
COPIED = ("archspec", "specs", "tools", "docs", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md")


def copy_to(folder: Path) -> None:
    """The repository's files, without what was made from them."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / name)


def write(block: Block, folder: Path) -> None:
    """The file that a block shows, or the lines that it adds to one."""
    named = NAMED.match(block.text)
    assert named, f"CONTRIBUTING.md:{block.line}: the first line names the file"
    file, text = folder / named[1], block.text[named.end() :]
    if named[2]:
        before, line, after = file.read_text("utf-8").partition(f"\n{named[2]}\n")
        assert line, f"{named[1]} has no line `{named[2]}`"
        text = before + line + text + after
    elif named[3]:
        text = file.read_text("utf-8") + text
    else:
        assert not file.exists()
        file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def run(command: str, folder: Path) -> str:
    """What a command prints in the copy, with the copy's archspec."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command}"], check=False, stdout=subprocess.PIPE, cwd=folder, env=environment
    )
    return done.stdout.decode("utf-8")


def test_the_recipes_work(tmp_path: Path, overwrite: bool) -> None:
    copy_to(tmp_path)
    wrong = []
    for block in blocks(PAGE):
        if block.language == "console":
            outputs = [run(command, tmp_path) for command, _ in commands(block.text)]
            if overwrite:
                rewritten(block, outputs)
                continue
            for (command, expected), now in zip(commands(block.text), outputs, strict=True):
                if not matches(expected, now):
                    wrong.append(f"$ {command}{now}\n--- instead of\n{expected}")
        elif block.language != "sh":
            write(block, tmp_path)
    assert wrong == []
    # What the recipes add keeps the house's rules: the reference is complete, and the pages can be written.
    assert run("python tools/docs.py && python tools/docs.py --check", tmp_path) == ""
    tests = run(f"pytest -p no:cacheprovider {' '.join(HOUSE)} && echo passed", tmp_path)
    assert tests.endswith("passed\n"), tests
