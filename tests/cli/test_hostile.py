"""A stranger's names, texts, keys and file names through every command and form: nothing of them gets out raw."""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archspec.cli.main import main
from tests.support.scratch import IDENTITY, Scratch

NASTY = "x\n::error::p ##[add-mask]w%0A::stop-commands::t @octocat #1 <b>\u202e`|&amp; https://e.example ~~ \ufeff"
FILE = "::error::f ##[add-mask]w%0A @octocat #1 <b>`|\u202e\x1b[31m\n::error::g.arch.yaml"
Q = json.dumps(NASTY)
SPEC = f"""archspec: 1
name: {Q}
summary: {Q}
source: {Q}
inputs: {{{Q}: [4]}}
vars: {{w: 4, t: {Q}}}
variants:
  {Q}: {{w: 4}}
  "second {Q[1:]}: {{w: 5}}
blocks:
  "b {Q[1:]}:
    layers: [linear: 4]
layers:
- {{linear: $w, note: {Q}}}
- linear: 4
- use: "b {Q[1:]}
- parallel: {{merge: add, branches: {{{Q}: [linear: 4], c: [relu]}}}}
expect:
  {Q}: {{params: 7}}
"""
BROKEN = [
    f"archspec: 1\nname: n\n{Q}: 1\ninputs: {{x: [4]}}\nlayers: [relu]\n",
    f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nlayers: [{{{Q}: 1}}]\n",
    f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nlayers: [{{relu: null, from: {Q}}}]\n",
    f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nvars: {{w: {Q}}}\nlayers: [linear: $w]\n",
    f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nlayers: [{{linear: {{out: 4, {Q}: 1}}}}]\n",
    f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nlayers: [linear: {json.dumps('$' + NASTY)}]\n",
    NASTY,
]
OF_SPEC = [
    *(["summary", "--format", form] for form in ("table", "md", "csv", "json")),
    ["summary", "--full"],
    *(["explain", "--format", form] for form in ("text", "md", "json")),
    *(["compare", "--format", form] for form in ("table", "md", "csv", "json")),
    *(["expand", "--format", form] for form in ("yaml", "json")),
]
OF_FILES = [
    *([command, "--format", form] for command in ("lint", "check")
      for form in ("text", "json", "github", "sarif", "gitlab", "junit")),
    ["expect"],
    ["fmt", "--check"],
    ["fmt", "--diff"],
    ["lint", "--unsafe-fixes"],
    ["fmt"],
    ["expect", "--update"],
]  # fmt: skip
CALLS = [
    ["summary", NASTY], ["lint", NASTY], ["check", NASTY], ["fmt", NASTY], [NASTY], ["diff", NASTY], ["kinds", NASTY],
    ["rules", NASTY], ["conventions", NASTY], ["layer", NASTY], ["layer", "linear", NASTY], ["list", NASTY],
    ["schema", NASTY], ["lint", "--select", NASTY], ["summary", "lenet5", "--set", NASTY],
    ["summary", "lenet5", "--columns", NASTY], ["summary", "lenet5", "--convention", NASTY],
    ["summary", "lenet5", "--dtype", NASTY], ["summary", "lenet5", "--sort", NASTY], ["explain", "lenet5", NASTY],
    ["accept", NASTY, "--reason", NASTY, "--until", NASTY], ["summary", "lenet5", "--batch", NASTY],
    ["summary", "lenet5", "-o", f"no/{NASTY}"], ["summary", "lenet5", "--format", NASTY], ["summary", f"--{NASTY}"],
]  # fmt: skip


def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """Exit code and standard output of a call of which neither stream holds anything raw."""
    monkeypatch.setattr(sys, "argv", ["archspec", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert "internal" not in text
        assert "##[" not in text
        for line in re.split("\r\n|\r|\n", text):
            assert line.isprintable(), line
            ours = "github" in arguments and re.match(r"::(error|warning|notice) file=[^:]*::", line)
            assert ours or not line.lstrip().startswith("::"), line
    assert isinstance(ended.value.code, int), shown.err
    return ended.value.code, shown.out


@pytest.mark.parametrize("command", [*OF_SPEC, *OF_FILES], ids=" ".join)
def test_a_spec(command: list[str], tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(SPEC)
    chosen = ["--variant", NASTY] if command in OF_SPEC else []
    code, out = call(capsys, monkeypatch, *command, FILE, *chosen)
    assert code == 0 if command in OF_SPEC else code in (0, 1)
    if "json" in command or "sarif" in command or "gitlab" in command:
        json.loads(out)
    if "junit" in command:
        ElementTree.fromstring(out)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_spec(text: str, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(text)
    assert call(capsys, monkeypatch, "summary", FILE)[0] == 2
    for command in OF_FILES[:-3]:
        assert call(capsys, monkeypatch, *command, FILE)[0] in (0, 1)


@pytest.mark.parametrize("arguments", CALLS, ids=lambda arguments: repr(arguments)[:40])
def test_a_call(arguments: list[str], tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(capsys, monkeypatch, *arguments)[0] in (0, 2)


@pytest.mark.parametrize("name", ["report.md", "report.json", "report.sarif", "report.gitlab.json"])
def test_a_pull_request(name: str, tmp_path, monkeypatch, capsys) -> None:
    for key, value in IDENTITY.items():
        monkeypatch.setenv(key, value)
    scratch = Scratch(tmp_path)
    scratch.write(FILE, SPEC)
    scratch.write("archspec.toml", '[[budget]]\nmatch = "**"\nparams = {max = 1}\nmacs = {max-increase = "1%"}\n')
    scratch.commit()
    scratch.git("switch", "-q", "-c", "changed\u202e")
    scratch.write(FILE, SPEC.replace("[linear: 4]", "[linear: 4, linear: 4]"))
    monkeypatch.chdir(tmp_path)
    for form in ("text", "github"):
        assert call(capsys, monkeypatch, "ci", "--base", "main", "--out", "out", "--format", form)[0] == 1
    for form in ("text", "md", "json", "html"):
        call(capsys, monkeypatch, "diff", "main", "--format", form)
    text = (tmp_path / "out" / name).read_text("utf-8")
    assert "##[" not in text
    for line in text.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
    if name != "report.md":
        json.loads(text)
        return
    outside = unescape(re.sub(r"<code>.*?</code>|`[^`]*`", "", text))
    assert "@octocat" not in outside
    assert "#1" not in outside
    assert "https://e.example" not in outside
    assert "<b>" not in text
