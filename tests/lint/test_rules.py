"""Rules as modules: their docstrings, examples, how they are chosen; and the zoo, in which none may find a thing."""

from __future__ import annotations

import re
from inspect import cleandoc
from pathlib import Path

import pytest
from click.testing import CliRunner

from archspec.cli.rules import command as rules_command
from archspec.errors import ArchspecError
from archspec.lint.engine import lint
from archspec.lint.registry import HEADINGS, Rule, by_code, rules
from archspec.lint.settings import LintSettings, check_code
from archspec.policy.codes import BY_CODE
from archspec.text.findings import SEVERITIES
from archspec.text.shipped import shipped

ROOT = Path(__file__).parents[2]
ZOO = list(shipped("specs").values())
# Rules that are off by default because they find, rightly, what published networks do.
OFF = {"AS005", "AS207", "AS310", "AS404"}


def code_of(rule: Rule) -> str:
    return rule.code


def whole(text: str) -> str:
    """An example with the keys that it leaves out."""
    first = [line for line in text.splitlines() if line.startswith("#")]
    rest = text.splitlines()[len(first) :]
    head = ["archspec: 1", "name: example"]
    if not any(line.startswith("inputs:") for line in rest):
        head.append("inputs: {image: [3, 32, 32]}")
    return "\n".join([*first, *head, *rest]) + "\n"


def codes(text: str) -> set[str]:
    return {one.code for one in lint(text, "example.yaml", LintSettings(select=("ALL",))).findings}


@pytest.mark.parametrize("rule", rules(), ids=code_of)
def test_docstring(rule: Rule) -> None:
    found = re.findall(r"^(\w+):$", cleandoc(rule.doc), re.MULTILINE)
    assert tuple(found) == HEADINGS
    manual = rule.manual()
    assert all(manual)
    for text in (manual.what, manual.why, manual.cure):
        assert text.endswith(".")
    assert rule.severity in SEVERITIES
    assert rule.fix in ("", "safe", "unsafe")


@pytest.mark.parametrize("rule", rules(), ids=code_of)
def test_name_reads_behind_allow(rule: Rule) -> None:
    assert re.fullmatch(r"AS[0-5]\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert not rule.name.startswith(("no-", "use-", "prefer-", "avoid-"))
    assert len({one.name for one in rules()}) == len(rules())


def test_severity_by_code() -> None:
    """The first digits tell how bad a thing is, as the documentation says."""
    for rule in rules():
        if rule.code[:3] in ("AS0", "AS1"):
            assert rule.severity == "error"
        elif rule.code[:3] in ("AS3", "AS4"):
            assert rule.severity == "warning"
        elif rule.code[:3] == "AS2":
            assert rule.severity == "info"
    assert {rule.code for rule in rules() if not rule.default} == OFF
    assert len(rules()) >= 35


@pytest.mark.parametrize("rule", rules(), ids=code_of)
def test_example_has_the_fault(rule: Rule) -> None:
    assert rule.code in codes(whole(rule.manual().example))


@pytest.mark.parametrize("rule", rules(), ids=code_of)
def test_cure_is_clean(rule: Rule) -> None:
    """The fixed example has no fault at all but those of rules that are off by default."""
    assert codes(whole(rule.manual().fixed)) <= OFF - {rule.code}


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_the_zoo_is_clean(path: Path) -> None:
    """What rules find rightly in a published network is suppressed there, with its reason."""
    assert [str(one) for one in lint(path.read_text("utf-8"), path.name, LintSettings()).findings] == []


@pytest.mark.parametrize(
    ("settings", "enabled"),
    [
        ({}, set(by_code()) - OFF),
        ({"select": ("ALL",)}, set(by_code())),
        ({"select": ("AS30",)}, {code for code in by_code() if code.startswith("AS30")}),
        ({"select": ("AS207", "AS501")}, {"AS207", "AS501"}),
        ({"select": ("AS2",), "ignore": ("AS20", "AS21")}, set()),
        ({"select": ("AS201",), "ignore": ("AS2",)}, {"AS201"}),
        ({"select": ("AS5",), "ignore": ("AS501", "AS502", "AS503")}, {"AS504", "AS505"}),
        ({"ignore": ("ALL",)}, set()),
        ({"select": ("AS50",), "per_file_ignores": {"specs/*.yaml": ("AS501", "AS502")}}, {"AS503", "AS504", "AS505"}),
        ({"select": ("AS501",), "per_file_ignores": {"other/*.yaml": ("AS501",)}}, {"AS501"}),
    ],
)
def test_choice(settings: dict[str, object], enabled: set[str]) -> None:
    assert set(LintSettings(**settings).enabled("specs/net.yaml")) == enabled  # type: ignore[arg-type]


def test_severity_can_be_set() -> None:
    settings = LintSettings(severity={"AS5": "info", "AS501": "error"})
    assert settings.severity_of("AS501", "warning") == "error"
    assert settings.severity_of("AS502", "warning") == "info"
    assert settings.severity_of("AS301", "warning") == "warning"
    text = whole("layers:\n  - linear: 10\n")
    assert [one.severity for one in lint(text, "a.yaml", settings).findings] == ["error"]


def test_unknown_code() -> None:
    check_code("AS3")
    with pytest.raises(ArchspecError, match="no rule has the code `AS999`"):
        check_code("AS999")


def test_rules_command() -> None:
    def invoke(*arguments: str) -> str:
        result = CliRunner(env={"COLUMNS": None}).invoke(rules_command, arguments, catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    of_lint, of_policy = (table.splitlines()[1:] for table in invoke().split("\n\n"))
    assert [line.split()[0] for line in of_lint] == list(by_code())
    assert [line.split()[0] for line in of_policy] == list(BY_CODE)
    assert "a spec that the change removes" in invoke("AB112")
    shown = invoke("AS301")
    for word in ("bias-before-batchnorm", "--unsafe-fixes", "what", "why", "example", "cure", "norm: batchnorm}"):
        assert word in shown
    assert invoke("bias-before-batchnorm") == shown
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert invoke("AS301", "--format", "md") in page.replace("###", "#")
    with pytest.raises(ArchspecError, match="no rule has the code `AS31`"):
        invoke("AS31")
