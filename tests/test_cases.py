"""Small specs, each a file: those of cases/valid work and have the figures they expect, those of cases/invalid fail.

A case of cases/invalid has its whole message beside it, NAME.txt. ``pytest tests/test_cases.py --overwrite`` writes the
messages anew, to be read in the diff. The figures of cases/valid are worked out by hand, in their comments.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archspec.api import analyze, load
from archspec.errors import ArchspecError
from archspec.policy.expect import compare, figure

CASES = Path(__file__).parent / "cases"
VALID = sorted((CASES / "valid").iterdir())
INVALID = sorted(path for path in (CASES / "invalid").iterdir() if path.suffix != ".txt")


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", VALID, ids=named)
def test_valid(path: Path) -> None:
    spec = load(path)
    assert spec.expect
    for variant in spec.variants or [None]:
        report = analyze(spec, variant=variant)
        for name, expected in spec.expect[variant or ""].items():
            actual = figure(report, name)
            assert compare(expected, actual), f"{variant}: {name} is {actual:,}, expected {expected}"
        assert str(report)
        assert report.to_dict()


@pytest.mark.parametrize("path", INVALID, ids=named)
def test_invalid(path: Path, overwrite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(ArchspecError) as caught:
        analyze(path.name)
    assert caught.value.exit_code == 2
    message, expected = f"{caught.value}\n", path.with_suffix(".txt")
    if overwrite:
        expected.write_text(message, encoding="utf-8")
    assert message == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", INVALID, ids=named)
def test_message_points_into_the_file(path: Path) -> None:
    """The line and column exist; a message without them is one about the whole file."""
    message = path.with_suffix(".txt").read_text(encoding="utf-8")
    found = re.match(rf"{re.escape(path.name)}:(\d+):(\d+): ", message)
    if found is None:
        assert message.startswith((f"{path.name}: ", "archspec/blocks/"))
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    assert 1 <= int(found[2]) <= len(lines[int(found[1]) - 1]) + 1


def test_every_message_has_its_case() -> None:
    assert {path.stem for path in (CASES / "invalid").glob("*.txt")} == {path.stem for path in INVALID}
    assert len(INVALID) >= 80
