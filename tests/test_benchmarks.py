"""The benchmarks run, and say what is above its limit; what they measure is not judged here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def measured(script: str, *arguments: str) -> list[str]:
    """The lines of the table that a script of benchmarks/ prints."""
    command = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_a_checkout_against_itself() -> None:
    lines = measured("paired.py", "--against", str(ROOT), "--rounds", "1", "--only", "analysis", "--only", "to_dict")
    assert [line.split("  ")[0] for line in lines[2:]] == [
        "analysis of resnet50",
        "analysis of swin_t",
        "analysis of densenet201",
        "to_dict of llama3@70b",
    ]
    assert all(0.01 < float(line.split()[-3 if "ABOVE" in line else -2]) < 100 for line in lines[2:])


def test_what_is_above_its_limit_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from measure import Figure, table, timed

    figures = [Figure("a", "1", "2", 0.5, 0.5), Figure("b", "1", "2", 0.506, 0.5), Figure("c", "1", "2", 9)]
    assert [line.endswith("ABOVE") for line in table(figures).splitlines()[2:]] == [False, True, False]
    halves = timed("a", [1, 2, 30], [2, 4, 3], 0.6)
    assert (halves.ratio, halves.measured, halves.reference) == (0.5, "2,000.00 ms", "3,000.00 ms")
