"""At what a spec is analysed, and which of its variants there are: the same for every command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archspec.analysis.setting import Setting, cases
from archspec.api import analyze
from archspec.errors import ArchspecError
from archspec.language.load import load_text
from archspec.lint.engine import lint
from archspec.lint.settings import LintSettings

HEAD = "archspec: 1\nname: net\ninputs: {x: [4]}\n"
BODY = "layers: [linear: $width]\n"
REQUIRED = HEAD + "vars: {width: int}\n" + BODY
ONE = HEAD + "vars: {width: int}\nvariants: {small: {width: 2}}\n" + BODY
TWO = HEAD + "vars: {width: int}\nvariants: {small: {width: 2}, large: {width: 3}}\n" + BODY
DEFAULT = HEAD + "vars: {width: 1}\nvariants: {small: {width: 2}}\n" + BODY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "layers: [linear: 2]\n", (None,)),
        (REQUIRED, (None,)),
        (ONE, ("small",)),
        (TWO, ("small", "large")),
        (DEFAULT, ("small", None)),
    ],
)
def test_what_there_is_to_analyse(text: str, expected: tuple[str | None, ...]) -> None:
    assert cases(load_text(text)) == expected


def test_lint_and_check_agree_on_a_spec_that_needs_a_value(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "net.yaml").write_text(REQUIRED)
    file = str(tmp_path / "net.yaml")
    for command in ("lint", "check"):
        status, out, _ = run(command, file)
        assert status == 1
        assert "`width` has no value" in out


def test_the_only_variant_is_taken() -> None:
    report = analyze(load_text(ONE))
    assert (report.variant, report.totals.params) == ("small", 4 * 2 + 2)
    assert analyze(load_text(ONE), vars={"width": 7}).variant is None  # nothing is lacking
    assert analyze(load_text(DEFAULT)).variant is None
    with pytest.raises(ArchspecError, match="needs a variant: small, large"):
        analyze(load_text(TWO))


def test_values_are_sorted_into_dims_and_vars() -> None:
    spec = load_text(HEAD + "dims: {T: 4}\nvars: {width: 1}\n" + BODY)
    given = Setting.of({"batch": 2, "dtype": "float16", "T": 8, "width": 3, "other": 1})
    assert given.for_spec(spec, declared=True) == Setting(None, 2, "float16", {"T": 8}, {"width": 3})
    assert given.for_spec(spec).vars == {"width": 3, "other": 1}
    with pytest.raises(ArchspecError, match="no dim or var `other`"):
        analyze(spec, vars=given.vars)


def test_a_setting_is_one_value() -> None:
    assert Setting(vars={"a": 1, "b": 2}).key == Setting(vars={"b": 2, "a": 1}).key
    assert Setting(vars={"a": 1}).key != Setting(vars={"a": True}).key
    report = analyze("lenet5", batch=2, dtype="float16")
    assert report.setting == Setting(batch=2, dtype="float16")
    assert report.to_dict()["settings"] == {
        "batch": 2, "dtype": "float16", "dims": {}, "vars": {}, "convention": "archspec"
    }  # fmt: skip


def test_a_template_is_an_error_of_lint() -> None:
    (finding,) = lint(REQUIRED, "net.yaml", LintSettings()).findings
    assert (finding.code, finding.path) == ("AS000", "vars.width")
