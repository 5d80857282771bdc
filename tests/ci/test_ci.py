"""lint, check and diff in one run: what is reported, in which forms, and the exit codes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archspec.analysis import subject
from archspec.analysis.report import Report
from archspec.analysis.setting import Setting
from archspec.change import trials
from archspec.language.nodes import Spec
from archspec.render.schemas import schema
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
expect: {params: 16_848}
"""
WIDER = NET.replace("width: 16", "width: 24").replace("16_848", "25_264")
LIMITS = '[[budget]]\nmatch = "*.yaml"\nparams = {max = "20K", max-increase = "2%"}\n'
validator = jsonschema.Draft7Validator(schema("report"))


@pytest.fixture(autouse=True)
def no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def report(run: Run, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, report.json and report.md of a run that works."""
    code, _, error = run("ci", "--out", "../out", *arguments)
    assert error == ""
    data = json.loads(Path("../out/report.json").read_text("utf-8"))
    assert [each.message for each in validator.iter_errors(data)] == []
    assert data["exit_code"] == code
    return code, data, Path("../out/report.md").read_text("utf-8")


def codes(data: dict[str, Any]) -> list[str]:
    return [each["code"] for each in data["findings"]]


def test_a_broken_limit(scratch: Scratch, run: Run) -> None:
    base = scratch.commit(net__yaml=NET, archspec__toml=LIMITS)
    scratch.git("switch", "-qc", "topic")
    head = scratch.commit(net__yaml=WIDER)
    code, data, text = report(run)
    assert code == 1
    assert codes(data) == ["AB101", "AB103"]
    assert data["base"] == {"ref": "main", "sha": base}
    assert data["head"] == {"ref": "HEAD", "sha": head}
    (spec,) = data["specs"]
    assert spec["metrics"]["params"]["base"] == 16_848
    assert spec["metrics"]["params"]["head"] == 25_264
    assert [each["limit"] for each in spec["budgets"]] == ["20K", "2%"]
    assert data["summary"] | {"files": 1, "changed": True, "exceeded": 2, "limits": 1} == data["summary"]
    assert "### archspec: `net`: params +8,416 (+50.0%), MACs +50.0%, activations +49.2% — ❌ 2 limits broken\n" in text
    assert "25,264, 5,264 above its max of 20K" in text
    assert "`~ vars.width 16 -> 24` (line 6)" in text
    sarif = json.loads(Path("../out/report.sarif").read_text("utf-8"))
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["AB101", "AB103"]
    gitlab = json.loads(Path("../out/report.gitlab.json").read_text("utf-8"))
    assert len({each["fingerprint"] for each in gitlab}) == len(gitlab) == 2


def test_json_is_what_the_report_holds(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMITS)
    scratch.write("net.yaml", WIDER)
    code, out, error = run("ci", "--format", "json", "--out", "../out")
    assert (code, out, error) == (1, Path("../out/report.json").read_text("utf-8"), "")


def test_nothing_changed(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMITS)
    code, data, text = report(run)
    assert (code, data["specs"], data["findings"]) == (0, [], [])
    assert not data["summary"]["changed"]
    assert text.startswith("### archspec: no numeric change\n")
    scratch.write("net.yaml", NET + "# a word\n")
    code, data, text = report(run)
    assert code == 0
    assert not data["summary"]["changed"]
    assert "no numeric change" in text.split("\n")[0]


def test_expected_figures_are_compared(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", NET.replace("width: 16", "width: 24"))
    code, data, text = report(run)
    assert (code, codes(data)) == (1, ["AE101"])
    assert "❌ 1 expected figure missed" in text
    assert "[" not in text.split("**Errors**")[1].split("**Causes**")[0]  # no address is known here
    assert "❌ `net.yaml:12`: expected params 16_848, is 25,264" in text
    assert "archspec expect --update" in text
    assert report(run, "--fail-on", "never")[0] == 0


def test_fail_on_warnings(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", NET.replace("  - relu\n", "  - relu\n  - relu\n"))
    code, data, text = report(run)
    (finding,) = data["findings"]
    assert (code, finding["code"], finding["severity"], finding["new"]) == (0, "AS303", "warning", True)
    assert "1 new warning" in text
    assert report(run, "--fail-on", "warning")[0] == 1
    scratch.commit()
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=NET)
    _, data, text = report(run)
    assert data["summary"]["fixed"] == 1
    assert "1 fixed" in text
    scratch.git("switch", "-q", "main")
    scratch.write("net.yaml", NET.replace("  - relu\n", "  - relu\n  - relu\n").replace("kernel: 3", "kernel: 333"))
    _, data, _ = report(run)
    assert data["specs"][0]["status"] == "broken"
    assert data["summary"]["fixed"] == 0  # lint says no more of a spec that cannot be analysed


def test_annotations(scratch: Scratch, run: Run) -> None:
    names = [f"n{number}.yaml" for number in range(8)]
    for name in names:
        scratch.write(name, NET.replace("16_848", "1"))
    scratch.commit(archspec__toml=LIMITS)
    scratch.write("n7.yaml", WIDER)
    code, out, _ = run("ci", "--format", "github")
    assert sum(line.startswith("::") for line in out.splitlines()) == 2
    assert "7 specs untouched, not looked at; --strict looks at all" in out
    code, out, _ = run("ci", "--format", "github", "--strict")
    lines = [line for line in out.splitlines() if line.startswith("::")]
    assert code == 1
    assert len(lines) == 9  # seven figures, two limits
    # Broken limits stand at the edit that breaks them, lines of the diff come first.
    assert all(re.match(r"::error file=n7\.yaml,line=6,", line) for line in lines[:2])
    assert "(archspec.toml:3)" in lines[0]
    for name in names:
        scratch.write(name, NET.replace("16_848", "1").replace("  - relu\n", "  - relu\n  - relu\n"))
    lines = [line for line in run("ci", "--format", "github", "--strict")[1].splitlines() if line.startswith("::")]
    assert len(lines) == 10
    assert [line.split()[0] for line in lines] == ["::error"] * 8 + ["::warning"] * 2
    assert "(+6 more: see the summary)" in lines[-1]


def test_step_summary(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", WIDER)
    assert run("ci")[1] == "no findings in 1 file\n"
    assert file.read_text("utf-8").startswith("before\n### archspec: `net`: params +8,416")


def test_limits_are_those_of_the_base(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMITS)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER, archspec__toml=LIMITS.replace("20K", "30K").replace("2%", "80%"))
    code, data, text = report(run)
    assert code == 1
    assert sorted(codes(data)) == ["AB101", "AB103", "AB109", "AB109"]
    said = {each["message"] for each in data["findings"] if each["code"] == "AB109"}
    assert said == {
        '`budget.0.params.max` is changed: "20K" -> "30K"; that of main holds until this is merged',
        '`budget.0.params.max-increase` is changed: "2%" -> "80%"; that of main holds until this is merged',
    }
    assert "is changed" in text
    code, data, _ = report(run, "--policy-from", "head")
    assert (code, codes(data)) == (0, [])


def test_severity_is_that_of_the_base(scratch: Scratch, run: Run) -> None:
    config = '[lint.severity]\nAS303 = "error"\n'
    scratch.commit(net__yaml=NET, archspec__toml=config)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(
        net__yaml=NET.replace("  - relu\n", "  - relu\n  - relu\n"), archspec__toml=config.replace("error", "info")
    )
    assert report(run)[0] == 1
    assert report(run, "--policy-from", "head")[0] == 0


def test_waivers(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMITS)
    scratch.write("net.yaml", WIDER)
    prints = [each["fingerprint"] for each in report(run)[1]["findings"]]
    for one in prints:
        assert run("accept", one, "--reason", "a | b", "--by", "@Ada", "--base", "main")[0] == 0
    code, data, text = report(run, "--policy-from", "head")
    assert (code, data["summary"]["waived"], data["findings"]) == (0, 2, [])
    assert "waived by @&#8203;Ada" in text


def test_added_removed_renamed(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET, b__yaml=NET.replace("16", "8").replace("8_848", "4_336"))
    (scratch.folder / "a.yaml").unlink()
    (scratch.folder / "b.yaml").rename(scratch.folder / "c d.yaml")
    scratch.write("new é.yaml", WIDER.replace("name: net", "name: other\n# made\n# anew\n").replace("8, 8", "9, 9"))
    _, data, _ = report(run)
    assert {(each["path"], each["old_path"], each["status"]) for each in data["specs"]} == {
        ("a.yaml", None, "removed"), ("c d.yaml", "b.yaml", "unchanged"), ("new é.yaml", None, "added"),
    }  # fmt: skip


def test_all_specs_removed(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET)
    (scratch.folder / "a.yaml").unlink()
    code, data, _ = report(run)
    assert (code, [each["status"] for each in data["specs"]]) == (0, ["removed"])
    code, data, _ = report(run, "a.yaml")
    assert (code, [each["status"] for each in data["specs"]]) == (0, ["removed"])
    scratch.commit()
    code, _, error = run("ci")
    assert code == 2
    assert "no spec is here" in error


def test_broken_specs(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET, b__yaml=NET.replace("kernel", "kernal"))
    scratch.write("a.yaml", NET.replace("kernel", "kernal"))
    scratch.write("b.yaml", NET)
    code, data, text = report(run)
    assert code == 1
    found = {(each["file"], each["severity"]) for each in data["findings"]}
    assert found == {("a.yaml", "error")}  # what the base had in b.yaml is gone
    assert len(codes(data)) == 1  # once, though lint, check and diff all meet it
    assert data["summary"]["fixed"] == 1
    assert "The base has these too" not in Path("../out/report.html").read_text()
    assert "did you mean" in json.dumps(data)
    assert {each["path"]: each["status"] for each in data["specs"]} == {"a.yaml": "broken", "b.yaml": "repaired"}
    assert text.startswith("### archspec: `a` is broken; 1 variant repaired — ❌ 1 error")
    figures = {each["path"]: each["metrics"]["params"] for each in data["specs"]}
    assert [figures["a.yaml"][side] for side in ("base", "head", "delta")] == [16_848, None, None]
    assert [figures["b.yaml"][side] for side in ("base", "head", "delta")] == [None, 16_848, None]
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert ("broken" in rows["a.yaml"], "repaired" in rows["b.yaml"]) == (True, True)
    assert ("16.85k → ? |" in rows["a.yaml"], "| 16.85k |" in rows["b.yaml"]) == (True, True)


def test_what_was_broken_before_is_not_what_the_change_broke(scratch: Scratch, run: Run) -> None:
    """One that cannot be read, one that cannot be analysed, and one of two variants."""
    unread, bent = NET.replace("kernel", "kernal"), NET.replace("kernel: 3", "kernel: 333")
    one_of_two = BROKEN.replace("expect: {params: 16_848}\n", "")
    scratch.commit(a__yaml=NET, b__yaml=unread, c__yaml=bent, d__yaml=one_of_two)
    for name, text in (("a", NET), ("b", unread), ("c", bent), ("d", one_of_two)):
        scratch.write(f"{name}.yaml", text.replace("width: 16", "width: 17"))
    _, data, text = report(run)
    assert text.startswith("### archspec: `a`: ")
    title = text.splitlines()[0]
    assert "; 2 more variants changed, 2 variants still broken, 1 spec still broken" in title
    assert "`b.yaml` still broken |" in text
    assert {each["path"]: each["status"] for each in data["specs"]}["b.yaml"] == "broken"
    last = run("diff", "main")[1].splitlines()[-1]
    assert last == "5 variants in 4 specs: 3 changed, 2 still broken, 1 spec still not readable."
    assert "c.yaml still broken" in " ".join(re.sub("<[^>]*>", " ", Path("../out/report.html").read_text()).split())


BROKEN = NET.replace("kernel: 3", "kernel: $kernel").replace("vars: {", "vars: {kernel: 3, ").replace(
    "layers:", "variants: {plain: {}, bent: {kernel: 99}}\nlayers:"
)  # fmt: skip


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_a_variant_that_is_broken_or_repaired(form: str, scratch: Scratch, run: Run) -> None:
    """Only one of two variants cannot be analysed, on one side or the other."""
    sound, bent = BROKEN.replace("99", "3").replace("expect: {params: 16_848}\n", ""), BROKEN.replace("16_848", "1")
    scratch.commit(a__yaml=sound, b__yaml=bent)
    scratch.write("a.yaml", bent)
    scratch.write("b.yaml", sound)
    out = run("diff", "--format", form)[1]
    assert ("repaired" in out, "broken" in out) == (True, True)
    if form == "json":
        found = {(each["path"], each["variant"]): each for each in json.loads(out)["specs"]}
        assert found["a.yaml", "bent"]["status"] == "broken"
        assert found["a.yaml", "bent"]["metrics"]["params"]["head"] is None
        assert found["b.yaml", "bent"]["status"] == "repaired"
        assert found["b.yaml", "bent"]["metrics"]["params"]["base"] is None
        assert found["b.yaml", "plain"]["status"] == "unchanged"
    title = report(run)[2].split("\n", 1)[0]
    assert "`a@bent` is broken; 1 variant repaired" in title


def test_a_merge_is_compared_with_its_first_parent(scratch: Scratch, run: Run) -> None:
    """CI checks out a pull request merged into its target, whose tip may be newer than the base that CI names."""
    old = scratch.commit(a__yaml=NET, b__yaml=NET)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(b__yaml=WIDER)
    scratch.git("switch", "-q", "main")
    tip = scratch.commit(a__yaml=WIDER)
    scratch.git("switch", "-q", "--detach")
    scratch.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    _, data, _ = report(run, "--base", old)
    assert ([each["path"] for each in data["specs"]], data["base"]["sha"]) == (["b.yaml"], tip)
    # A branch into which the target was merged: its first parent is the branch's own.
    scratch.git("switch", "-q", "topic")
    scratch.git("merge", "-q", "-m", "merge", "main")
    _, data, _ = report(run, "--base", old)
    assert ([each["path"] for each in data["specs"]], data["base"]["sha"]) == (["a.yaml", "b.yaml"], old)
    # What the remote has merged is no pull request: an older base is meant.
    scratch.git("switch", "-q", "main")
    scratch.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert report(run, "--base", old)[1]["base"]["sha"] == tip
    scratch.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert report(run, "--base", old)[1]["base"]["sha"] == old


def test_which_specs(scratch: Scratch, run: Run) -> None:
    scratch.commit(a__yaml=NET, b__yaml=NET, archspec__toml='include = ["specs/*.yaml"]\n', note__json='{"a": 1}')
    scratch.write("specs/c.yaml", NET)
    scratch.commit()
    for name in ("a.yaml", "b.yaml", "specs/c.yaml"):
        scratch.write(name, WIDER)
    scratch.write("note.json", '{"a": 2}')
    assert {each["path"] for each in report(run)[1]["specs"]} == {"specs/c.yaml"}
    assert {each["path"] for each in report(run, "a.yaml", "specs")[1]["specs"]} == {"a.yaml", "specs/c.yaml"}
    assert {each["path"] for each in report(run, "*.yaml")[1]["specs"]} == {"a.yaml", "b.yaml"}
    assert {each["path"] for each in report(run, ".")[1]["specs"]} == {"a.yaml", "b.yaml", "specs/c.yaml"}


def test_each_spec_is_analysed_once(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    variants = NET.replace("layers:", "variants:\n  small: {width: 8}\nlayers:").replace(
        "expect: {params: 16_848}\n", ""
    )
    scratch.commit(net__yaml=variants, archspec__toml=LIMITS)
    seen: list[str | None] = []
    real = subject.run

    def counted(spec: Spec, setting: Setting, *shared: Any) -> Report:
        seen.append(setting.variant)
        return real(spec, setting, *shared)

    for module in (subject, trials):
        monkeypatch.setattr(module, "run", counted)
    assert report(run)[0] == 0
    assert seen == []  # nothing can have changed
    assert report(run, "--strict")[0] == 0
    assert sorted(seen, key=str) == [None, "small"]
    seen.clear()
    scratch.write("net.yaml", variants.replace("width: 8", "width: 12"))
    assert report(run)[0] == 1
    assert sorted(seen, key=str) == [None, None, "small", "small"]  # on both sides
    seen.clear()
    scratch.write("net.yaml", variants.replace("width: 16", "width: 17"))
    assert report(run)[1]["summary"]["changed_variants"] == 1
    assert len(seen) == 2 * 2  # once on either side, for figures, limits and lint


def test_what_a_spec_can_contain(scratch: Scratch, run: Run) -> None:
    name = "<script>alert(1)</script> | `x` @octocat\\n<!-- archspec:default -->"
    spec = NET.replace("layers:", f'variants:\n  "{name}": {{width: 8}}\nlayers:').replace("id: head", 'id: "@you"')
    scratch.commit(net__yaml=NET)
    scratch.write("net.yaml", spec.replace("width: 16", "width: 24").replace("expect: ", 'expect:\n  "<b>": 1\n  # '))
    scratch.write("a|b `c` <img> @team.yaml", spec)
    _, _, text = report(run)
    bare = re.sub(r"`[^`\n]*`", "", text)
    assert "<script" not in bare
    assert "<img" not in bare
    assert "<!--" not in bare
    assert not re.search(r"@(octocat|team|you)", bare)
    assert all(line.count("|") == 6 for line in bare.split("\n\n")[1].splitlines())


def test_however_much_changes(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number in range(150):
        scratch.write(f"folder/with a long name of its own/net number {number}.yaml", NET)
    scratch.commit(archspec__toml='[[budget]]\nparams = {max-increase = "1%"}\n')
    for number in range(150):
        scratch.write(f"folder/with a long name of its own/net number {number}.yaml", WIDER.replace("25_264", "1"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    code, data, text = report(run)
    assert (code, len(data["specs"]), len(codes(data))) == (1, 150, 300)
    assert len(text) < 65_400
    assert "Shortened to fit" in text
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert len(text) < len(summary) < 1_024_000
    assert "net number 149" in summary


def test_git_is_needed(scratch: Scratch, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.commit(net__yaml=NET)
    code, _, error = run("ci", "--base", "mian")
    assert code == 2
    assert "did you mean `main`?" in error
    scratch.write("archspec.toml", "budget = 3")
    code, _, error = run("ci")
    assert code == 2
    assert "archspec.toml:1" in error
    monkeypatch.chdir(tmp_path)
    code, _, error = run("ci")
    assert code == 2
    assert "not a git repository" in error


def test_fetch(scratch: Scratch, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scratch.commit(net__yaml=NET)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER)
    scratch.commit(other__txt="more")
    clone = tmp_path / "clone"
    url = scratch.folder.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", "-b", "topic", url, str(clone)], check=True)
    monkeypatch.chdir(clone)
    code, _, error = run("ci", "--base", first)
    assert code == 2
    assert "shallow" in error
    code, data, _ = report(run, "--base", first, "--fetch")
    assert (code, data["base"]["sha"]) == (0, first)
    assert data["specs"][0]["status"] == "changed"
    code, _, error = run("ci", "--base", "no-such-branch", "--fetch")
    assert code == 2
    assert "no-such-branch" in error
    monkeypatch.chdir(scratch.folder)
    scratch.git("switch", "-q", "main")
    later = scratch.commit(net__yaml=NET.replace("summary: A", "summary: Another"))
    monkeypatch.chdir(clone)
    before = refs(clone)
    for name in ("refs/heads/main", "origin/main"):  # unknown here: the clone has one branch
        code, data, _ = report(run, "--base", name, "--fetch")
        assert (code, data["base"]["sha"]) == (0, first)
    assert refs(clone) == before
    assert later in Path(".git/FETCH_HEAD").read_text("utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "main:refs/heads/x", "+main:refs/heads/x", "+main", "^main", "--upload-pack=touch x", "-q", "main..x", ":main",
        "refs/heads/*:refs/heads/*", "other~1", "other^{commit}", "@{-1}", "/main", "main/", "a//b", "a.lock", "a\\b",
    ],
)  # fmt: skip
def test_a_ref_is_no_refspec(
    scratch: Scratch, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scratch.commit(net__yaml=NET)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "-b", "main", str(scratch.folder), str(clone)], check=True)
    monkeypatch.chdir(clone)
    before = refs(clone)
    code, _, error = run("ci", f"--base={name}", "--fetch")
    assert code == 2
    assert "is no git ref" in error or "can be fetched" in error or "no file and no git ref" in error
    assert refs(clone) == before
    assert not (clone / ".git/FETCH_HEAD").exists()


def refs(folder: Path) -> str:
    """Every ref of a repository with its commit."""
    command = ["git", "for-each-ref"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
