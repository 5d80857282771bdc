"""`archspec check` and `archspec fmt` as commands: output, forms and exit codes, and what is wrong around the specs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
NET = "archspec: 1\nname: net\ninputs: {x: [10]}\nlayers:\n  - linear: 100\n"
LIMIT = "[[budget]]\nparams = {max = 1000}\n"
TIGHT = "[[budget]]\nparams = {max-increase = '1%'}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "net.yaml").write_text(NET)
    return tmp_path


def test_expectations(here: Path, run: Run) -> None:
    (here / "net.yaml").write_text(NET + "expect: {params: 1_100, macs: 1.1K}\n")
    (here / "bad.yaml").write_text("archspec: [1\n")
    code, out, _ = run("check", "net.yaml", "bad.yaml")
    assert code == 1
    assert out == (
        "wrong  net.yaml\n  net.yaml:6:31: expect.macs: expected macs 1.1K, is 1,000\n"
        "wrong  bad.yaml\n  bad.yaml:1:11: `[` is never closed\n"
        "2 variants of 2 specs checked, 2 figures, 2 wrong\n"
    )
    document = json.loads(run("check", "net.yaml", "bad.yaml", "--format", "json")[1])
    assert document["schema"] == "archspec.check/1"
    assert [(one["code"], one["line"], one["col"]) for one in document["findings"]] == [
        ("AS000", 1, 11),
        ("AE101", 6, 31),
    ]


def test_budgets_in_every_form(here: Path, run: Run) -> None:
    (here / "archspec.toml").write_text(LIMIT)
    code, out, _ = run("check", "net.yaml")
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == "ok     net.yaml  no figures expected"
    assert lines[1] == "error  archspec.toml:2:17: AB101 net.yaml: params is 1,100, 100 above its max of 1000"
    assert lines[2].startswith("  fingerprint ")
    assert lines[3] == "1 variant of 1 spec checked, no figures expected, 1 budget limit, 1 limit failed"
    assert run("check", "-q", "net.yaml")[1].splitlines()[0] == lines[1]
    out = run("check", "net.yaml", "--format", "github")[1]
    assert out.startswith("::error file=archspec.toml,line=2,endLine=2,col=17,endColumn=21,title=archspec AB101::")
    (entry,) = json.loads(run("check", "net.yaml", "--format", "gitlab")[1])
    assert entry["location"]["path"] == "archspec.toml"
    (result,) = json.loads(run("check", "net.yaml", "--format", "sarif")[1])["runs"][0]["results"]
    assert result["ruleId"] == "AB101"


def test_without_names_what_is_included(here: Path, run: Run) -> None:
    (here / "deep" / "er").mkdir(parents=True)
    (here / "deep" / "er" / "a.yaml").write_text(NET)
    (here / "other.yaml").write_text("no: spec\n")
    assert "2 variants of 2 specs" in run("check")[1]
    (here / "archspec.toml").write_text("include = ['deep/**/*.yaml']\n")
    assert "1 variant of 1 spec" in run("check")[1]
    (here / "archspec.toml").write_text("include = ['nothing/*.yaml']\n")
    code, _, error = run("check")
    assert code == 2
    assert "no spec is here" in error


def test_of_a_named_variant_nothing_else_is_checked(here: Path, run: Run) -> None:
    variants = "vars: {w: 1}\nvariants: {a: {w: 1}, b: {w: 2}}\nexpect: {a: {params: 11}, b: {params: 7}}\n"
    (here / "net.yaml").write_text(NET.replace("100", "$w") + variants)
    assert run("check", "net.yaml@a")[:2] == (
        0,
        "ok     net.yaml@a  1 figure\n1 variant of 1 spec checked, 1 figure, all as expected\n",
    )
    assert run("check", "net.yaml")[0] == run("check", "net.yaml@b")[0] == 1


def test_a_chosen_configuration(here: Path, run: Run) -> None:
    (here / "strict.toml").write_text(LIMIT)
    assert run("check", "net.yaml")[0] == 0
    assert run("check", "net.yaml", "--config", "strict.toml")[0] == 1
    assert run("check", "net.yaml", "--config", "gone.toml")[0] == 2


@pytest.mark.parametrize("text", ["[[budget", "x = 1\n", "[[budget]]\nparams = {max = 1, min = 2}\n"])
def test_a_broken_configuration(text: str, here: Path, run: Run) -> None:
    (here / "archspec.toml").write_text(text)
    code, _, error = run("check", "net.yaml")
    assert code == 2
    assert error.startswith("error: archspec.toml:")


def test_git_errors(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.parent))
    code, _, error = run("check", "net.yaml", "--base", "main")
    assert (code, "not a git repository" in error) == (2, True)


def test_unknown_ref(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    code, _, error = run("check", "net.yaml", "--base", "mian")
    assert code == 2
    assert "no file and no git ref is called 'mian'\n  hint: did you mean `main`?" in error


@pytest.mark.parametrize("name", ["a b.yaml", "größe/nét.yaml", "with'quote.yaml", "@odd.yaml"])
def test_odd_paths(name: str, scratch: Scratch, run: Run) -> None:
    scratch.write(name, NET)
    scratch.commit(archspec__toml=TIGHT)
    scratch.write(name, NET.replace("100", "200"))
    code, out, _ = run("check", name, "--base", "main")
    assert code == 1
    assert f"AB103 {name}: params grew from 1,100 to 2,200, by 1,100 or 100.00%; its max-increase is 1%" in out


def test_a_file_outside_the_repository(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    (scratch.folder.parent / "out.yaml").write_text(NET)
    assert run("check", "../out.yaml", "--base", "main")[0] == 0


def test_a_repository_inside(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=TIGHT)
    Scratch(scratch.folder / "sub").commit(net__yaml=NET)
    code, _, error = run("check", "sub/net.yaml", "--base", "main")
    assert code == 2
    assert error == "error: sub/net.yaml lies in sub, a repository of its own\n  hint: run archspec inside sub\n"


def test_a_renamed_spec_keeps_its_base(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET + "  - relu\n" * 20, archspec__toml=TIGHT)
    scratch.git("mv", "net.yaml", "new.yaml")
    scratch.write("new.yaml", (NET + "  - relu\n" * 20).replace("100", "200"))
    code, out, _ = run("check", "new.yaml", "--base", "main")
    assert code == 1
    assert "AB103 new.yaml: params grew from 1,100 to 2,200" in out


def test_what_others_merged_since_is_no_increase(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=TIGHT)
    scratch.git("checkout", "-q", "-b", "topic")
    scratch.commit(other__yaml=NET)
    scratch.git("checkout", "-q", "main")
    scratch.commit(net__yaml=NET.replace("100", "50"))
    scratch.git("checkout", "-q", "topic")
    assert run("check", "net.yaml", "--base", "main")[0] == 0


def test_below_the_top(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.write("nets/net.yaml", NET)
    scratch.commit(archspec__toml=TIGHT.replace("\n", "\nmatch = 'nets/*.yaml'\n", 1))
    scratch.write("nets/net.yaml", NET.replace("100", "200"))
    monkeypatch.chdir(scratch.folder / "nets")
    code, out, _ = run("check", "--base", "main")
    assert code == 1
    assert "AB103 nets/net.yaml" in out


def test_fmt(here: Path, run: Run) -> None:
    ugly = NET.replace("  - linear: 100", "- { linear : 100 }   # note")
    (here / "ugly.yaml").write_text(ugly)
    assert run("fmt", "--check", "net.yaml")[0] == 0
    code, out, error = run("fmt", "--check", "net.yaml", "ugly.yaml")
    assert (code, out, error) == (1, "would format ugly.yaml\n", "1 not formatted, 1 unchanged\n")
    code, out, _ = run("fmt", "--diff", "ugly.yaml")
    assert code == 1
    assert "-- { linear : 100 }   # note\n+  - linear: 100  # note\n" in out
    assert (here / "ugly.yaml").read_text() == ugly
    assert run("fmt")[0] == 0
    assert (here / "ugly.yaml").read_text() == NET.replace("linear: 100", "linear: 100  # note")


def test_fmt_of_what_does_not_parse(here: Path, run: Run) -> None:
    (here / "bad.yaml").write_text("a: [1\n")
    (here / "latin.yaml").write_bytes(b"a: \xe9\n")
    code, _, error = run("fmt", "bad.yaml", "latin.yaml", "net.yaml")
    assert code == 1
    assert "error: bad.yaml:1:4: `[` is never closed" in error
    assert "error: latin.yaml:1:4: not UTF-8" in error
    assert (here / "bad.yaml").read_text() == "a: [1\n"
    assert run("fmt", "gone.yaml")[0] == 2


def test_nothing_expected_is_not_as_expected(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "net.yaml").write_text("archspec: 1\nname: n\ninputs: {x: [4]}\nlayers: [linear: 2]\n")
    status, out, _ = run("check", str(tmp_path / "net.yaml"))
    assert status == 0
    assert out.splitlines()[-1] == "1 variant of 1 spec checked, no figures expected"
    (tmp_path / "archspec.toml").write_text(LIMIT)
    out = run("check", str(tmp_path / "net.yaml"))[1]
    assert out.splitlines()[-1] == "1 variant of 1 spec checked, no figures expected, 1 budget limit, all kept"
