"""`lint --diff` shows what `--fix` would do, and `--fix` names what it did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
NET = """\
archspec: 1
name: net
inputs: {image: [3, 32, 32]}
vars: {unused: 3}
layers:
  - conv: {out: 8, kernel: 3}
  - flatten
  - linear: 10
expect: {params: 72_234}
"""
NAMED = "net.yaml:6:5: AS409: layers.0.conv: the kernel is above 1 and `padding` is not given: the map shrinks\n"


@pytest.fixture(autouse=True)
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    return file


def patched(before: str, diff: str) -> str:
    """A text with a unified diff applied, by its own small reading of the format."""
    lines, out, at = before.splitlines(keepends=True), [], 0
    for line in diff.splitlines(keepends=True)[2:]:
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0][1:]) - 1
            out += lines[at:start]
            at = start
        elif line[0] == "+":
            out.append(line[1:])
        else:
            assert lines[at] == line[1:]
            at += 1
            out += [line[1:]] if line[0] == " " else []
    return "".join([*out, *lines[at:]])


@pytest.mark.parametrize("options", [(), ("--unsafe-fixes",)])
def test_the_diff_is_what_the_fix_does(net: Path, run: Run, options: tuple[str, ...]) -> None:
    code, out, error = run("lint", "net.yaml", "--diff", *options)
    assert net.read_text() == NET, "nothing is written"
    after = patched(NET, out) if out else NET
    _, _, told = run("lint", "net.yaml", "--fix", *options)
    assert net.read_text() == after
    assert code == (after != NET)
    assert error.replace("would be fixed", "fixed") == (told or "nothing to fix\n")
    assert run("lint", "net.yaml", "--diff", *options) == (0, "", "nothing to fix\n")


def test_what_was_fixed_has_a_name(net: Path, run: Run) -> None:
    code, out, error = run("lint", "net.yaml", "--fix", "--unsafe-fixes", "--select", "AS409")
    assert (code, error) == (0, f"1 finding fixed in 1 file:\n  {NAMED}")
    assert out == "no findings in 1 file\n"
    net.write_text(NET)
    Path("b.yaml").write_text(NET)
    _, _, error = run("lint", "net.yaml", "b.yaml", "--diff", "--unsafe-fixes", "--select", "AS409")
    assert error == f"2 findings would be fixed in 2 files:\n  {NAMED}  {NAMED.replace('net.yaml', 'b.yaml')}"


def test_no_other_form(run: Run) -> None:
    code, out, error = run("lint", "net.yaml", "--diff", "--format", "json")
    assert (code, out, error) == (
        2, "", "error: --diff shows a diff, --format json has none\n  hint: leave --format out\n",
    )  # fmt: skip


def test_what_cannot_be_read(net: Path, run: Run) -> None:
    net.write_bytes(b"x\xff")
    code, out, error = run("lint", "net.yaml", "--diff")
    assert (code, out) == (1, "")
    assert error.startswith("error: net.yaml:1:2: not UTF-8")


def test_into_a_file(net: Path, run: Run) -> None:
    assert run("lint", "net.yaml", "--diff", "--unsafe-fixes", "-o", "fixes.diff")[:2] == (1, "")
    assert Path("fixes.diff").read_text().startswith("--- net.yaml\n+++ net.yaml (fixed)\n@@ ")
