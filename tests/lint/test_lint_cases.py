"""Small specs for each rule, as files: cases/CODE/fail_*.yaml has its findings beside it, pass_*.yaml has none.

``pytest tests/lint --overwrite`` writes the findings, and the texts after their fixes, anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.errors import Span
from archspec.lint.engine import lint
from archspec.lint.fixing import figures, fix
from archspec.lint.registry import by_code, rules
from archspec.lint.settings import LintSettings
from archspec.text.comments import comments
from archspec.text.findings import Finding
from archspec.text.reader import read_text

CASES = Path(__file__).parent / "cases"
SUFFIXES = (".yaml", ".json")
FAIL = sorted(path for path in CASES.glob("*/fail_*") if path.suffix in SUFFIXES and ".fixed" not in path.name)
PASS = sorted(path for path in CASES.glob("*/pass_*") if path.suffix in SUFFIXES)
EVERY = LintSettings(select=("ALL",))
# Rules whose fixes change comments, and those that take a line out, with the comment at its end.
OF_COMMENTS = {"AS005", "AS504", "AS505"}
REMOVING = {"AS011", "AS106", "AS307"}
# A suppression is judged where its rule runs.
JUDGED = ("AS504", "AS301", "AS409")


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def source(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def found(path: Path) -> list[Finding]:
    """The findings of the case's own rule."""
    return [one for one in lint(source(path), path.name, EVERY).findings if one.code == path.parent.name]


def expected(path: Path, actual: str, overwrite: bool) -> str:
    if overwrite:
        path.write_text(actual, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FAIL, ids=named)
def test_fail(path: Path, overwrite: bool) -> None:
    findings = found(path)
    assert findings
    text = "".join(f"{one.severity} {one}\n" + (f"  in {one.variant}\n" if one.variant else "") for one in findings)
    assert text == expected(path.with_suffix(".txt"), text, overwrite)


@pytest.mark.parametrize("path", FAIL, ids=named)
def test_a_finding_points_into_the_file(path: Path) -> None:
    lines = source(path).split("\n")
    for one in found(path):
        assert isinstance(one.span, Span)
        line, column, end_line, end_column = one.span
        assert (line, column) <= (end_line, end_column)
        assert 1 <= column <= len(lines[line - 1]) + 1
        assert 1 <= end_column <= len(lines[end_line - 1]) + 1


@pytest.mark.parametrize("path", PASS, ids=named)
def test_pass(path: Path) -> None:
    linted = lint(source(path), path.name, EVERY)
    assert linted.loads
    assert not [one for one in linted.findings if one.code in (path.parent.name, "AS000")]


@pytest.mark.parametrize("path", FAIL, ids=named)
def test_fix(path: Path, overwrite: bool) -> None:
    """A fix takes its finding away and leaves the rest of the text as it was; a safe one leaves every figure."""
    fixable = [one for one in found(path) if one.fix is not None]
    golden = path.with_name(f"{path.stem}.fixed{path.suffix}")
    if not fixable:
        assert not golden.exists()
        return
    code = path.parent.name
    only = LintSettings(select=JUDGED if code == "AS504" else (code,))
    before = source(path)
    loads = lint(before, path.name, EVERY).loads
    fixed = fix(before, path.name, only, unsafe=True)
    assert len(fixed.fixed) >= len(fixable)
    assert not [one for one in fixed.left.findings if one.code == code and one.fix is not None]
    assert fixed.text == expected(golden, fixed.text, overwrite)
    if not loads:
        return
    assert fixed.left.loads
    kept = [one.text for one in comments(read_text(before, path.name))]
    left = [one.text for one in comments(read_text(fixed.text, path.name))]
    if code not in OF_COMMENTS:
        assert left == [text for text in kept if text in left or code not in REMOVING]
    safe = {one.fix.safe for one in fixable if one.fix}
    after = fix(before, path.name, only).text
    if safe == {True}:
        assert figures(before, path.name) == figures(fixed.text, path.name)
        assert after == fixed.text
    elif safe == {False}:
        assert after == before
    assert fix(fixed.text, path.name, only, unsafe=True).text == fixed.text


def test_every_rule_has_its_cases() -> None:
    for rule in rules():
        assert len([path for path in FAIL if path.parent.name == rule.code]) >= 2, rule.code
        assert len([path for path in PASS if path.parent.name == rule.code]) >= 2, rule.code
    assert {path.name for path in CASES.iterdir()} == set(by_code())
    known = {path.with_suffix(".txt") for path in FAIL}
    assert set(CASES.glob("*/*.txt")) == known


def test_every_fix_has_its_case() -> None:
    offered: dict[str, set[bool]] = {}
    for path in FAIL:
        for one in found(path):
            if one.fix is not None:
                offered.setdefault(one.code, set()).add(one.fix.safe)
    assert set(offered) == {rule.code for rule in rules() if rule.fix}
    for code, safe in offered.items():
        assert (True in safe) == (by_code()[code].fix == "safe"), code
