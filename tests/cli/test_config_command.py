"""`archspec config`: the configuration and the waivers by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
CONFIG = 'include = ["*.arch.yaml"]\n\n[[budget]]\nmatch = "*"\nparams = {max = "5M"}\n'
WAIVER = '[[waiver]]\nfingerprint = "3f2a90c1b7de"\ncode = "AB101"\nreason = "agreed in #42"\nby = "Ada"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".archspec").mkdir()
    return tmp_path


def test_what_is_here(folder: Path, run: Run) -> None:
    (folder / "archspec.toml").write_text(CONFIG)
    assert run("config") == (0, "archspec.toml: 1 glob of specs, 1 budget\n", "")
    (folder / ".archspec" / "waivers.toml").write_text(WAIVER)
    assert run("config")[1].splitlines()[1].endswith(".archspec/waivers.toml: 1 waiver")
    (folder / ".archspec" / "waivers.toml").write_text(WAIVER.replace("Ada", ""))
    assert run("config")[0] == 2


def test_a_file_that_is_no_configuration(folder: Path, run: Run) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    assert run("config", "pyproject.toml") == (0, "pyproject.toml: no [tool.archspec]\n", "")
    (folder / "pyproject.toml").write_text("[tool.archspec]\ninclude = ['a.yaml', 'b.yaml']\n")
    assert run("config", "pyproject.toml") == (0, "pyproject.toml: 2 globs of specs, 0 budgets\n", "")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("archspec.toml", CONFIG.replace("include", "inclde"), "archspec.toml:1:1: inclde: unknown key `inclde`"),
        ("archspec.toml", CONFIG.replace('"5M"', '"5Q"'), "archspec.toml:5:17: budget.0.params.max: "),
        ("archspec.toml", "include = [", "archspec.toml:1:12: not TOML: "),
        ("pyproject.toml", "[tool.archspec]\nlimt = 1\n", "pyproject.toml:2:1: tool.archspec.limt: unknown key `limt`"),
        (
            ".archspec/waivers.toml",
            WAIVER.replace("3f2a", "xyz"),
            ":2:15: waiver.0.fingerprint: `fingerprint` must be 12 hexadecimal digits",
        ),
        (
            ".archspec/waivers.toml",
            WAIVER + WAIVER,
            ":7:15: waiver.1.fingerprint: a second waiver for 3f2a90c1b7de",
        ),
        (
            ".archspec/waivers.toml",
            WAIVER.replace("reason", "reson"),
            ":4:1: waiver.0.reson: unknown key `reson`",
        ),
    ],
)
def test_mistakes_have_a_place(folder: Path, run: Run, file: str, text: str, message: str) -> None:
    (folder / file).write_text(text)
    code, out, error = run("config", file)
    assert (code, out) == (2, "")
    assert error.startswith("error: ")
    assert message in error


def test_each_file_is_told(folder: Path, run: Run) -> None:
    (folder / "archspec.toml").write_text(CONFIG)
    code, out, error = run("config", "gone.toml", "archspec.toml")
    assert code == 2
    assert out == "archspec.toml: 1 glob of specs, 1 budget\n"
    assert error == "error: gone.toml: no such file\n"
    assert run("config", ".archspec") == (2, "", "error: .archspec: a directory, not a file\n")
