"""Findings in every form: complete, and closed against what a spec can contain."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from archspec.cli.lint import command as lint_command
from archspec.errors import ArchspecError, Span, printable
from archspec.lint.registry import by_code
from archspec.render.findings import FORMS, render
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding, Judged

NASTY = 'a::b,c%\r\n::error::x <script>|`@all` \x1b[31m\u2028 ]]> "quoted" & é'
FINDINGS = [
    Finding(
        code="AS301", severity="warning", message="a bias", file="specs/a b,c:é.yaml", span=Span(3, 5, 3, 20),
        path="layers.0", id_path="conv1", variant="small", hint="write `bias: false`",
        fix=Fix("write it", (Edit(Span(3, 19, 3, 19), ", bias: false"),), False),
    ),
    Finding(code="AS000", severity="error", message=NASTY, file="b.yaml", span=Span(1, 2, 4, 6), path="layers.1"),
    Finding(code="AS201", severity="info", message="odd", file="b.yaml", values=(250,)),
    Finding(code="AS201", severity="info", message="odd again", file="b.yaml", values=(250,)),
]  # fmt: skip


def shown(form: str) -> str:
    return render(FINDINGS, form, files=["specs/a b,c:é.yaml", "b.yaml", "clean.yaml"], rules=by_code())


@pytest.mark.parametrize("form", FORMS)
def test_nothing_at_all(form: str) -> None:
    text = render([], form)
    assert text == "" if form == "github" else text.endswith("\n")


def test_text() -> None:
    lines = shown("text").splitlines()
    assert lines[0] == "specs/a b,c:é.yaml:3:5: warning AS301: layers.0: a bias (in small) [--unsafe-fixes]"
    assert lines[1] == "  hint: write `bias: false`"
    assert lines[2].startswith(r"b.yaml:1:2: error AS000: layers.1: a::b,c%\r\n::error::x")
    assert lines[-1] == "1 error, 1 warning, 2 info in 2 files"  # that something is in; three were looked at
    assert "\x1b" not in shown("text")
    assert "\x1b[31merror\x1b[0m" in render(FINDINGS, "text", color=True)


def test_json() -> None:
    data = json.loads(shown("json"))
    assert data["schema"] == "archspec.findings/1"
    assert data["tool"]["name"] == "archspec"
    assert data["summary"] == {"files": 3, "errors": 1, "warnings": 1, "infos": 2, "fixable": 1}
    first, second, third, _ = data["findings"]
    assert (first["line"], first["col"], first["end_line"], first["end_col"]) == (3, 5, 3, 20)
    assert first["fix"] == {
        "title": "write it", "safe": False,
        "edits": [{"line": 3, "col": 19, "end_line": 3, "end_col": 19, "text": ", bias: false"}],
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{12}", first["fingerprint"])
    assert second["message"] == NASTY
    assert third["line"] is None


def unescaped(text: str) -> str:
    """What GitHub's runner makes of a value."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github() -> None:
    lines = shown("github").split("\n")
    assert len(lines) == len(FINDINGS) + 1
    parsed = []
    for line in lines[:-1]:
        found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert found
        properties = dict(part.split("=", 1) for part in found[2].split(","))
        parsed.append((found[1], {name: unescaped(value) for name, value in properties.items()}, unescaped(found[3])))
    command, properties, message = parsed[0]
    assert command == "warning"
    assert properties == {
        "file": "specs/a b,c:é.yaml", "line": "3", "endLine": "3", "col": "5", "endColumn": "20",
        "title": "archspec AS301",
    }  # fmt: skip
    assert message == "layers.0: a bias (in small)\nhint: write `bias: false`"
    assert parsed[1][0] == "error"
    assert parsed[1][2] == f"layers.1: {printable(NASTY)}"
    assert parsed[2][0] == "notice"


def test_sarif() -> None:
    log = json.loads(shown("sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["AS000", "AS201", "AS301"]
    assert rules[2]["name"] == "BiasBeforeBatchnorm"
    assert rules[2]["help"]["text"]
    for result, finding in zip(run["results"], FINDINGS, strict=True):
        assert result["ruleId"] == finding.code == rules[result["ruleIndex"]]["id"]
        assert list(result["partialFingerprints"].values()) == [finding.fingerprint]
        assert result["level"] in ("error", "warning", "note")
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "specs/a%20b%2Cc%3A%C3%A9.yaml", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 20}
    assert first["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "conv1", "kind": "element"}]
    (replacement,) = first["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": ", bias: false"}
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]


def test_gitlab() -> None:
    entries = json.loads(shown("gitlab"))
    assert [one["severity"] for one in entries] == ["minor", "major", "info", "info"]
    assert len({one["fingerprint"] for one in entries}) == len(entries)
    assert entries[0]["location"]["path"] == "specs/a b,c:é.yaml"
    assert entries[0]["location"]["lines"] == {"begin": 3, "end": 3}
    for one in entries:
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(one)


def test_junit() -> None:
    root = ElementTree.fromstring(shown("junit"))
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["specs/a b,c:é.yaml", "b.yaml", "clean.yaml"]
    assert [suite.get("failures") for suite in suites] == ["1", "3", "0"]
    assert [int(suite.get("tests") or 0) for suite in suites] == [len(suite.findall("testcase")) for suite in suites]
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.text == "specs/a b,c:é.yaml:3:5: layers.0: a bias (in small)\nhint: write `bias: false`"


SPEC = (
    "archspec: 1\nname: net\ninputs: {image: [3, 32, 32]}\nlayers:\n  - conv: {out: 8, kernel: 3, stride: 1}  # stem\n"
)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        lint_command, [str(one) for one in arguments], standalone_mode=False, catch_exceptions=False
    )
    return result.return_value, result.stdout


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with one spec and files that are none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "net.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "net.yaml").write_text("archspec: 1\nlayers: []\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("names", [(), (".",), ("specs",), ("specs/net.yaml",), ("specs/*.yaml",), ("**/*.yaml",)])
def test_files(folder: Path, names: tuple[str, ...]) -> None:
    status, output = run(*names)
    assert status == 1
    assert "specs/net.yaml:5:31: error AS106: layers.0.conv.stride: `stride: 1` is the default [--fix]" in output
    assert output.endswith("1 error, 2 warnings in 1 file; 2 can be fixed with --fix\n")


def test_network_of_the_zoo(folder: Path) -> None:
    assert run("resnet50") == (0, "no findings in 1 file\n")


def test_exit_codes(folder: Path) -> None:
    assert run("--exit-zero")[0] == 0
    assert run("--ignore", "AS106")[0] == 0
    assert run("--ignore", "AS106", "--fail-on", "warning")[0] == 1
    assert run("--select", "AS2")[0] == 0
    with pytest.raises(ArchspecError, match="no rule has the code `AS777`"):
        run("--select", "AS777")
    with pytest.raises(ArchspecError, match=r"no such file: other\.yaml"):
        run("other.yaml")


def test_fix(folder: Path) -> None:
    status, output = run("--fix", "--fail-on", "warning")
    assert status == 1
    assert "AS409" in output
    text = (folder / "specs" / "net.yaml").read_text("utf-8")
    assert text == SPEC.replace(", stride: 1", "") + "expect: {params: 224, macs: 194_400}\n"
    assert run("--unsafe-fixes", "--fail-on", "warning") == (0, "no findings in 1 file\n")
    assert "{out: 8, kernel: 3, padding: half}  # stem" in (folder / "specs" / "net.yaml").read_text("utf-8")


def test_auto_is_github_in_actions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run()[1].startswith(
        "::error file=specs/net.yaml,line=5,endLine=5,col=31,endColumn=37,title=archspec AS106::"
    )


def test_configuration(folder: Path) -> None:
    (folder / "archspec.toml").write_text(
        'include = ["specs/*.yaml"]\n[lint]\nignore = ["AS501"]\nseverity = {AS106 = "info"}\n'
        'per-file-ignores = {"specs/n*.yaml" = ["AS409"]}\n',
        encoding="utf-8",
    )
    status, output = run()
    assert status == 0
    assert output.endswith("1 info in 1 file; 1 can be fixed with --fix\n")
    (folder / "archspec.toml").write_text('[lint]\nselect = ["AX"]\n', encoding="utf-8")
    with pytest.raises(ArchspecError, match="no rule has the code `AX`"):
        run()


def test_an_unreadable_file_is_a_finding(folder: Path) -> None:
    (folder / "wide.yaml").write_bytes(SPEC.encode("utf-16"))
    status, output = run("wide.yaml")
    assert status == 1
    assert "wide.yaml: error AS000: the file is UTF-16" in output


@pytest.mark.parametrize("form", FORMS)
def test_a_variant_is_said_once(form: str) -> None:
    """A limit's message begins with spec and variant; said again behind it, the variant would stand there twice."""
    limit = Finding(
        code="AB101", severity="error", message="net.yaml@small: params is 7", file="archspec.toml", variant="small",
        judged=Judged("net.yaml"),
    )  # fmt: skip
    assert "(in small)" not in render([limit], form, rules=by_code())
    assert limit.sentence == limit.message
