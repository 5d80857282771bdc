"""The engine: one finding for what does not load, suppressions, variants, fixes that keep the meaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archspec.errors import Span
from archspec.lint import fixing
from archspec.lint.engine import Linted, lint
from archspec.lint.fixing import compatible, fix
from archspec.lint.settings import LintSettings
from archspec.lint.suppressions import suppressions
from archspec.text.comments import comments
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding
from archspec.text.reader import read_text

CASES = Path(__file__).parents[1] / "cases"
EVERY = LintSettings(select=("ALL",))
HEAD = "archspec: 1\nname: net\ninputs: {image: [3, 32, 32]}\n"


def codes(text: str, settings: LintSettings | None = None) -> list[str]:
    return sorted(one.code for one in lint(text, "net.yaml", settings or EVERY).findings)


@pytest.mark.parametrize(
    "path", sorted((CASES / "invalid").glob("*.yaml")) + sorted((CASES / "invalid").glob("*.json"))
)
def test_what_does_not_load_is_one_finding(path: Path) -> None:
    if path.stem == "variant-missing":  # what a caller must say is no fault of the file
        return
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return
    found = lint(text, path.name, EVERY).findings
    assert len(found) == 1
    assert found[0].severity == "error"
    assert found[0].file in (path.name, "archspec/blocks/attention.yaml")


@pytest.mark.parametrize("path", sorted((CASES / "valid").iterdir()), ids=lambda path: path.stem)
def test_what_loads_has_no_errors_of_loading(path: Path) -> None:
    linted = lint(path.read_text("utf-8"), path.name, EVERY)
    assert linted.loads
    assert "AS000" not in {one.code for one in linted.findings}


def test_a_failing_variant_leaves_the_others() -> None:
    text = HEAD + (
        "vars: {width: int}\nvariants:\n  good: {width: 8}\n  bad: {width: 0}\n"
        "layers:\n  - conv: {out: $width, kernel: 1, norm: batchnorm}\nexpect:\n  good: {params: 48}\n"
    )
    found = {(one.code, one.variant) for one in lint(text, "net.yaml", LintSettings()).findings}
    assert found == {("AS000", "bad"), ("AS301", "good")}


def test_an_error_in_a_standard_block_is_found_where_it_is_called() -> None:
    call = "{use: attention, with: {heads: 4, window: 2}}"
    text = f"archspec: 1\nname: net\ninputs: {{x: [4, 16]}}\nlayers:\n  - relu\n  - {call}\n"
    (found,) = lint(text, "net.yaml", LintSettings()).findings
    assert found.code == "AS000"
    assert found.file == "net.yaml"
    assert found.span is not None
    assert found.span.line == 6
    assert "archspec/blocks/attention.yaml" in found.message


@pytest.mark.parametrize("branch", ["1", "01", "²", "1.2"])
def test_a_branch_may_be_called_by_a_number(branch: str) -> None:
    text = HEAD + (
        "layers:\n  - parallel:\n      branches:\n        left: [conv: {out: 3, kernel: 3, padding: 0}]\n"
        f'        "{branch}":\n          - relu\n          - conv: {{out: 3, kernel: 3, stride: 1}}\n'
    )
    (found,) = lint(text, "net.yaml", LintSettings(select=("AS409",))).findings
    assert found.path == f"layers.0.parallel.branches.{branch}.1.conv"
    assert found.span is not None
    assert (found.span.line, found.fix is not None) == (10, True)


def test_ignoring_cannot_hide_a_file_that_does_not_load() -> None:
    assert codes("archspec: 1\n", LintSettings(ignore=("ALL",))) == ["AS000"]


LAYER = "  - conv: {out: 8, kernel: 3, norm: batchnorm}"


@pytest.mark.parametrize(
    ("layers", "left"),
    [
        (LAYER, {"AS301", "AS409"}),
        (LAYER + '  # archspec: ignore[AS301] reason="published"', {"AS409"}),
        (LAYER + '  # archspec: ignore[AS301, AS409] reason="published"', set()),
        ('  # archspec: ignore[AS301,AS409] reason="published"\n' + LAYER, set()),
        ('  # archspec: ignore[AS301,AS409] reason="published"\n\n  # and a remark\n' + LAYER, set()),
        (LAYER + '\n  # archspec: ignore[AS301] reason="too late"', {"AS301", "AS409", "AS504"}),
        (LAYER + "  # archspec: ignore[AS301]", {"AS301", "AS409", "AS503"}),
        (LAYER + '  # archspec: ignore[AS301] reason="  "', {"AS301", "AS409", "AS503"}),
        (LAYER + "  # archspec: ignore", {"AS301", "AS409", "AS503"}),
        (LAYER + '  # archspec: ignore[AS3] reason="no prefixes here"', {"AS301", "AS409", "AS504"}),
        ('  - {linear: 8, note: "# archspec: ignore[AS301]"}', set()),
    ],
)
def test_suppressions(layers: str, left: set[str]) -> None:
    text = HEAD + "layers:\n" + layers + "\n"
    settings = LintSettings(ignore=("AS501", "AS004", "AS005", "AS2", "AS310"))
    assert {one.code for one in lint(text, "net.yaml", settings).findings} == left


def test_the_reason_is_kept() -> None:
    text = HEAD + 'layers:\n  - linear: 8  # a head  # archspec: ignore[AS201] reason="fixed: 8, 9"  # more\n'
    (one,) = suppressions(comments(read_text(text)), text)
    assert (one.codes, one.reason, one.line) == (("AS201",), "fixed: 8, 9", 5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1  # one\n# two\nb: '#no' # three\n", [("# one", False), ("# two", True), ("# three", False)]),
        ('a: "x # no"\nb: c#no\n', []),
        ("a: |\n  # no\n  text\n# yes\nb: >-\n  # no\n", [("# yes", True)]),
        ("a: [1, # one\n  2]  # two\n", [("# one", False), ("# two", False)]),
        ("a: 'long\n  # no'\n", []),
        ("a: 1  # one\r\nb: 2\r\n", [("# one", False)]),
        ("# ünïcödé #2\na: é  # ü\n", [("# ünïcödé #2", True), ("# ü", False)]),
    ],
)
def test_comments(text: str, found: list[tuple[str, bool]]) -> None:
    listed = comments(read_text(text))
    assert [(one.text, one.alone) for one in listed] == found
    lines = text.split("\n")
    for one in listed:
        assert lines[one.span.line - 1][one.span.column - 1 : one.span.end_column - 1] == one.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_readers_have_them(end: str) -> None:
    """Positions, comments, suppressions and fixes, whatever ends the lines."""
    head = HEAD + "layers:\n  - conv: {out: 8, kernel: 1"
    mark = '  # archspec: ignore[AS303] reason="why"\n'
    rest = "  - linear: 8\n  - sigmoid\n"
    text = (head + ", stride: 1}  # one\n" + mark + rest).replace("\n", end)
    settings = LintSettings(select=("AS106", "AS303", "AS501", "AS504"))
    found = lint(text, "net.yaml", settings).findings
    assert [(one.code, one.span and one.span[:2]) for one in found] == [
        ("AS106", (5, 31)), ("AS501", (2, 1)), ("AS504", (6, 3))
    ]  # fmt: skip
    fixed = fix(text, "net.yaml", settings).text
    assert fixed.startswith((head + "}  # one\n" + rest + "expect: ").replace("\n", end))


@pytest.mark.parametrize("variants", ["", "variants:\n  small: {w: 8}\n  large: {w: 16}\n"])
def test_the_command_of_a_hint_does_what_it_says(variants: str, tmp_path: Path, run: Callable[..., Any]) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(HEAD + "vars: {w: 8}\n" + variants + "layers:\n  - linear: $w\n", "utf-8")
    (finding,) = lint(file.read_text("utf-8"), str(file), LintSettings()).findings
    command = (finding.hint or "").split("`")[1].split()
    run(*command[1:], str(file))
    assert not lint(file.read_text("utf-8"), str(file), LintSettings()).findings


def test_safe_fixes_leave_every_figure() -> None:
    """All safe fixes together, on every case of every rule: the totals of each variant are those before."""
    for path in sorted((Path(__file__).parent / "cases").glob("*/fail_*.yaml")):
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
        fixed = fix(text, path.name, EVERY)
        if lint(text, path.name, EVERY).loads:
            assert fixing.figures(text, path.name) == fixing.figures(fixed.text, path.name), path


def test_fixes_of_one_round_do_not_touch() -> None:
    def finding(*spans: Span) -> Finding:
        edits = tuple(Edit(span, "x") for span in spans)
        return Finding(code="AS1", severity="error", message=str(spans), file="f", fix=Fix("t", edits, True))

    first, second = finding(Span(1, 1, 1, 4), Span(3, 1, 3, 2)), finding(Span(1, 3, 1, 6))
    third, fourth = finding(Span(2, 1, 2, 1)), finding(Span(2, 1, 2, 1))
    assert compatible([first, second, third, fourth]) == [first, third]


def test_many_fixes_at_once() -> None:
    text = (
        HEAD + "layers:\n  - conv: {out: 8, kernel: 1, stride: 1, groups: 1, dilation: 1, act: relu}\n  - lstm_free\n"
    )
    text = text.replace(
        "  - lstm_free\n",
        "  - conv: {out: 250, kernel: 3, norm: batchnorm, act: relu}\n  - conv: {out: 9, kernel: 1}\n",
    )
    fixed = fix(text, "net.yaml", LintSettings(), unsafe=True)
    assert fixed.left.findings == []
    assert "  - conv: {out: 8, kernel: 1, act: relu}\n" in fixed.text
    assert "  - conv: {out: 256, kernel: 3, norm: batchnorm, act: relu, padding: half, bias: false}\n" in fixed.text
    assert len(fixed.fixed) == 7


def test_line_ends_and_mark_are_kept() -> None:
    text = "\ufeff" + (HEAD + "layers:\n  - conv:\n      out: 8\n      stride: 1\n      kernel: 1\n").replace(
        "\n", "\r\n"
    )
    fixed = fix(text, "net.yaml", LintSettings(select=("AS106", "AS501")))
    assert fixed.text.startswith("\ufeff")
    assert "stride" not in fixed.text
    assert fixed.text.count("\n") == fixed.text.count("\r\n")
    assert "expect: {params: 32, macs: 24_576}" in fixed.text


def test_a_fix_that_changes_figures_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that calls its fix safe is not believed: the figures decide."""
    text = HEAD + "layers:\n  - linear: 8\n  - relu\n  - linear: 9\n"
    good, wrong, broken = (
        Edit(Span(6, 5, 6, 9), "tanh"),
        Edit(Span(5, 13, 5, 14), "4"),
        Edit(Span(7, 5, 7, 11), "nonsense"),
    )

    def fake(text: str, file: str, settings: LintSettings) -> Linted:
        found = []
        for code, old, edit in (("AS901", "linear: 8", wrong), ("AS902", "linear: 9", broken), ("AS903", "relu", good)):
            if old in text:
                fix_ = Fix("", (edit,), True)
                found.append(Finding(code=code, severity="error", message=code, file=file, span=edit.span, fix=fix_))
        return Linted(file, found, "nonsense" not in text)

    monkeypatch.setattr(fixing, "lint", fake)
    fixed = fix(text, "net.yaml", LintSettings())
    assert fixed.text == text.replace("relu", "tanh")
    assert [one.code for one in fixed.fixed] == ["AS903"]


def test_fixes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules that undo each other do not go on for ever."""
    span = Span(5, 5, 5, 9)

    def fake(text: str, file: str, settings: LintSettings) -> Linted:
        other = "tanh" if "relu" in text else "relu"
        return Linted(
            file,
            [
                Finding(
                    code="A",
                    severity="error",
                    message=other,
                    file=file,
                    span=span,
                    fix=Fix("", (Edit(span, other),), True),
                )
            ],
            True,
        )

    monkeypatch.setattr(fixing, "lint", fake)
    assert len(fix(HEAD + "layers:\n  - relu\n", "net.yaml", LintSettings()).fixed) <= fixing.MAX_ROUNDS
