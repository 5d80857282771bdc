"""The pages for those who change archspec name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_imports import LEVEL

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"


def rooms() -> list[str]:
    """The first column of the table of rooms."""
    section = PAGE.read_text("utf-8").partition("## The rooms")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_the_rooms_are_the_packages() -> None:
    folders = {path.name for path in (ROOT / "archspec").iterdir() if path.is_dir() and path.name != "__pycache__"}
    modules = {path.stem for path in (ROOT / "archspec").glob("*.py") if not path.name.startswith("__")}
    assert sorted(rooms()) == sorted(folders | modules)


def test_the_rooms_stand_in_the_order_of_imports() -> None:
    levels = [LEVEL[room] for room in rooms() if room in LEVEL]
    assert levels == sorted(levels)


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md", "benchmarks/README.md"])
def test_the_files_named_are_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"`((?:archspec|tests|tools|docs|specs|benchmarks)/[\w./-]*)`", text))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
