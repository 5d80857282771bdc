"""What `archspec ci` looks at, and what the base had too: only what a change brings fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]

NET = """\
# yaml-language-server: $schema=urn:archspec:spec:1
archspec: 1
name: net
summary: A net.
inputs: {image: [3, 8, 8]}
vars: {width: 16}
layers:
  - {conv: {out: $width, kernel: 3, padding: 1}, id: stem}
  - relu
  - flatten
  - {linear: 16, id: head}
"""  # 16,848 params
TWICE = NET.replace("  - relu\n", "  - relu\n  - relu\n")  # AS303
LIMIT = '[[budget]]\nmatch = "*.yaml"\nparams = {%s}\n'


@pytest.fixture(autouse=True)
def no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def report(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and report.json."""
    code, _, error = run("ci", "--out", "../out", *arguments)
    assert error == ""
    return code, json.loads(Path("../out/report.json").read_text("utf-8"))


def findings(data: dict[str, Any]) -> list[tuple[str, bool]]:
    """The codes, and whether each is new; not that the specs expect nothing."""
    return [(finding["code"], finding["new"]) for finding in data["findings"] if finding["code"] != "AS501"]


def test_untouched_specs_are_not_looked_at(scratch: Scratch, run: Run) -> None:
    scratch.commit(one__yaml=TWICE + "expect: {params: 1}\n", two__yaml=TWICE)
    scratch.write("two.yaml", TWICE.replace("width: 16", "width: 24"))
    code, data = report(run, "--fail-on", "warning")
    assert (code, findings(data)) == (0, [("AS303", False)])
    assert (data["summary"]["files"], data["summary"]["untouched"]) == (1, 1)
    code, out, _ = run("ci")
    assert "warning AS303" in out.partition("the base has these too, they do not fail without --strict:\n")[2]
    assert out.endswith("1 spec untouched, not looked at; --strict looks at all\n")
    code, data = report(run, "--strict")
    assert (code, findings(data)) == (1, [("AE101", False), ("AS303", False), ("AS303", False)])
    code, out, _ = run("ci", "--strict")
    assert "untouched" not in out
    assert "the base has" not in out


def test_what_the_change_brings_fails(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=TWICE)
    more = "  - {conv: 16, id: next}\n  - relu\n  - relu\n  - flatten\n"
    scratch.write("net.yaml", TWICE.replace("  - flatten\n", more).replace("conv: 16", "conv: {out: 16, kernel: 1}"))
    code, data = report(run, "--fail-on", "warning")
    assert (code, findings(data)) == (1, [("AS303", False), ("AS303", True)])


@pytest.mark.parametrize(
    ("limit", "width", "fails"),
    [
        ('max = "15K"', 15, False),  # broken before, and less so now
        ('max = "15K"', 17, True),
        ('max = "17K"', 17, True),
        ('min = "20K"', 17, False),
        ('min = "20K"', 15, True),
        ('max = "17K", warn-at = 0.5', 15, False),
        ('max = "18K", warn-at = 0.5', 17, True),
    ],
)
def test_a_limit_that_was_broken(scratch: Scratch, run: Run, limit: str, width: int, fails: bool) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT % limit)
    scratch.write("net.yaml", NET.replace("width: 16", f"width: {width}"))
    code, data = report(run, "--fail-on", "warning")
    assert [new for _, new in findings(data)] == [fails]
    assert code == fails
    assert report(run, "--fail-on", "warning", "--strict")[0] == 1


def test_a_limit_of_layers_is_old_word_for_word(scratch: Scratch, run: Run) -> None:
    """A finding names the worst layer only: another one that breaks the limit now is not hidden behind it."""
    layers = '[[budget]]\nmatch = "*.yaml"\nlayer = "*"\nparams = {max = 300}\n'
    scratch.commit(net__yaml=NET, archspec__toml=layers)
    scratch.write("net.yaml", NET.replace("- relu", "- gelu"))
    code, data = report(run)
    assert (code, findings(data)) == (0, [("AB101", False)])
    scratch.write("net.yaml", NET.replace("- relu", "- {linear: 64, id: more}\n  - gelu\n  - {linear: 8, id: less}"))
    code, data = report(run)
    assert (code, findings(data)) == (1, [("AB101", True)])


def test_an_expected_figure_that_was_missed(scratch: Scratch, run: Run) -> None:
    wrong = NET + "expect: {params: 1}\n"
    scratch.commit(net__yaml=wrong)
    scratch.write("net.yaml", wrong.replace("relu", "gelu"))
    assert report(run)[0] == 0
    scratch.write("net.yaml", wrong.replace("linear: 16", "linear: 17"))
    assert report(run)[0] == 1


def test_a_spec_that_was_broken(scratch: Scratch, run: Run) -> None:
    broken = NET.replace("kernel: 3", "kernle: 3")
    scratch.commit(net__yaml=broken)
    scratch.write("net.yaml", broken.replace("A net", "The net"))
    code, data = report(run)
    assert code == 0
    assert ("AS000", False) in findings(data)
    scratch.write("net.yaml", broken.replace("padding: 1", "pading: 1"))
    assert report(run)[0] == 0  # the first fault is the same one
    scratch.write("net.yaml", NET.replace("padding: 1", "pading: 1"))
    assert report(run)[0] == 1


@pytest.mark.parametrize("name", ["archspec.toml", "pyproject.toml", ".archspec/waivers.toml", "sub/archspec.toml"])
def test_another_configuration_is_a_reason_to_look_at_all(scratch: Scratch, run: Run, name: str) -> None:
    scratch.commit(net__yaml=NET, other__yaml=NET)
    text = "" if "waivers" in name else LIMIT % 'max = "1G"'
    scratch.write(name, text.replace("[[budget]]", "[[tool.archspec.budget]]") if "pyproject" in name else text)
    scratch.write("net.yaml", NET.replace("16", "17"))
    _, data = report(run)
    assert (data["summary"]["files"], data["summary"]["untouched"]) == (2, 0)


def test_another_section_of_pyproject_is_none(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, other__yaml=NET, pyproject__toml="[tool.archspec]\ninclude = []\n")
    scratch.write("pyproject.toml", "[project]\nname = 'x'\n[tool.archspec]\ninclude = []\n")
    scratch.write("net.yaml", NET.replace("16", "17"))
    _, data = report(run)
    assert (data["summary"]["files"], data["summary"]["untouched"]) == (1, 1)


def test_a_new_limit_that_specs_break_is_new(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("archspec.toml", LIMIT % 'max = "1K"')
    code, data = report(run)
    assert (code, findings(data)) == (1, [("AB101", True)])


def test_a_renamed_spec_keeps_its_findings(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=TWICE, archspec__toml=LIMIT % 'max = "1K"')
    scratch.git("mv", "net.yaml", "new.yaml")
    code, data = report(run, "--fail-on", "warning")
    assert code == 0
    assert sorted(findings(data)) == [("AB101", False), ("AS303", False)]


def test_a_checkpoint_that_no_longer_loads_fails_where_that_is_asked_for(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    renamed = NET.replace("id: stem", "id: entry")
    scratch.write("net.yaml", renamed)
    code, data = report(run)
    assert (code, findings(data)) == (0, [])
    assert data["specs"][0]["checkpoint"]["text"] == "no longer loads: 2 tensors renamed (stem.* -> entry.*)"
    scratch.git("checkout", "-q", "net.yaml")
    scratch.commit(archspec__toml='[severity]\nAB119 = "error"\n')
    scratch.write("net.yaml", renamed)
    code, data = report(run)
    assert (code, findings(data)) == (1, [("AB119", True)])
    scratch.write("net.yaml", renamed + "moved: {stem: entry}\n")
    code, data = report(run)
    assert (code, findings(data)) == (0, [])
    assert data["specs"][0]["checkpoint"]["loads"]
