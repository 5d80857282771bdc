"""Budgets, the policy of the base, and waivers, on networks whose figures are plain by hand."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from archspec.errors import ConfigError, UsageError
from archspec.policy.check import Checked, check
from archspec.policy.lock import locked
from archspec.policy.policies import Policies
from archspec.policy.waivers import add_waiver, apply_waivers, read_waivers
from archspec.text.findings import Finding
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
# 10 * w weights and w biases; T tokens make 10 * w * T multiply-accumulates.
NET = """\
archspec: 1
name: net
dims: {T: 2}
inputs: {x: [$T, 10]}
vars: {w: 100}
layers:
  - {linear: $w, id: wide}
"""
TODAY = date(2030, 6, 15)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(NET)
    return tmp_path


def checked(budget: str, *names: str, **options: str | bool) -> Checked:
    Path("archspec.toml").write_text(budget)
    return check(names or ["net.yaml"], today=TODAY, **options)  # type: ignore[arg-type]


def found(budget: str, *names: str, **options: str | bool) -> list[tuple[str, str]]:
    """Code and message of what budgets have to say."""
    return [(one.code, one.message) for one in checked(budget, *names, **options).findings]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ("params = {max = 1100}", []),
        ("params = {max = 1099}", ["AB101"]),
        ('params = {max = "1.1K"}', []),
        ("params = {min = 1100}", []),
        ("params = {min = 1101}", ["AB102"]),
        ("params = {max = 1100, warn-at = 1}", []),
        ("params = {max = 1200, warn-at = 0.9}", ["AB104"]),
        ("params = {max = 1000, warn-at = 0.9}", ["AB101"]),
        ("macs = {max = 2000}", []),
        ("at = {T = 3}\nmacs = {max = 2999}", ["AB101"]),
        ("at = {T = 3, batch = 2, w = 5}\nmacs = {max = 300}", []),
        ("at = {batch = 2}\nmacs = {max = 3999}", ["AB101"]),
        ("weights_bytes = {max = 4400, min = 4400}", []),
        ('at = {dtype = "bfloat16"}\nweights_bytes = {max = 2200, min = 2200}', []),
        ('torchinfo.params_bytes = {max = "4KiB"}', ["AB101"]),
        ("inference_peak_bytes = {max = 880}", []),  # 2 * 10 in and 2 * 100 out
        ("inference_peak_bytes = {max = 879}", ["AB101"]),
        ('at = {T = 3, dtype = "float16"}\ninference_peak_bytes = {min = 660, max = 660}', []),
        ("read_bytes = {min = 4480, max = 4480}\nbackward_flops = {min = 4000, max = 4000}", []),
        ('match = "net.yaml"\nparams = {max = 1}', ["AB101"]),
        ('match = "*.yaml@*"\nparams = {max = 1}', ["AB101"]),
        ('match = "nets/*.yaml"\nparams = {max = 1}', []),
        ('match = "net.yaml@8b"\nparams = {max = 1}', []),
        ('layer = "wide"\nparams = {max = 1099}', ["AB101"]),
        ('layer = "wi*"\nmacs = {max = 2000}', []),
        ('layer = "narrow"\nmacs = {max = 2000}', ["AB106"]),
        ("at = {X = 1}\nparams = {max = 1}", ["AB105"]),
        ('at = {T = "a"}\nparams = {max = 1}', ["AB105"]),
        ('params = {max-increase = "0%"}', []),  # nothing to compare with
    ],
)
def test_limits(limits: str, codes: list[str]) -> None:
    assert [code for code, _ in found(f"[[budget]]\n{limits}\n")] == codes


@pytest.mark.usefixtures("here")
def test_finding_says_what_where_and_by_how_much() -> None:
    result = checked("[[budget]]\nparams = {max = '1K'}\nmacs = {min = '2K', max = '1T'}\n")
    (one,) = result.findings
    assert (
        str(one) == "archspec.toml:2:17: AB101 budget.0.params.max: net.yaml: params is 1,100, 100 above its max of 1K"
    )
    assert one.severity == "error"
    assert (result.verdict.limits, result.failed) == (2, True)


def test_a_figure_of_memory_that_cannot_be_worked_out_is_no_figure(here: Path) -> None:
    (here / "net.yaml").write_text(NET.replace("id: wide", "id: wide, repeat: 200_001").replace("w: 100", "w: 10"))
    message = "the network has more than 200,000 layers written out, too many for a schedule"
    budget = "[[budget]]\nparams = {min = 1}\ninference_peak_bytes = {max = 1}\n"
    assert found(budget) == [("AB105", f"net.yaml: cannot be counted: {message}")]
    with (here / "net.yaml").open("a") as file:
        file.write("expect: {inference_peak_bytes: 1, params: 22_000_110}\n")
    assert found("") == [("AE102", message)]


def test_layers_report_the_furthest(here: Path) -> None:
    layers = "".join(f"  - {{linear: {width}, id: l{width}}}\n" for width in (20, 40, 30))
    (here / "net.yaml").write_text(NET.replace("  - {linear: $w, id: wide}\n", layers))
    ((code, message),) = found("[[budget]]\nlayer = 'l*'\nparams = {max = 500}\n")
    # 10*20 + 20 passes, 20*40 + 40 and 40*30 + 30 do not.
    assert message == "net.yaml: l30: params is 1,230, 730 above its max of 500; 1 more layer likewise"
    assert code == "AB101"


def test_variants(here: Path) -> None:
    (here / "net.yaml").write_text(NET + "variants:\n  a-1: {w: 1}\n  a-2: {w: 2}\n  b.1: {w: 3}\n")
    budget = "[[budget]]\nmatch = '{}'\nparams = {{max = 0}}\n"
    names = {"net.yaml@a*": ["a-1", "a-2"], "net.yaml@b.1": ["b.1"], "net.yaml": ["a-1", "a-2", "b.1", None]}
    for pattern, variants in names.items():
        assert [one.variant for one in checked(budget.format(pattern)).findings] == variants
    assert [one.variant for one in checked(budget.format("*"), "net.yaml@a-2").findings] == ["a-2"]


@pytest.mark.usefixtures("here")
def test_a_budget_for_nothing() -> None:
    budget = "[[budget]]\nmatch = 'gone.yaml@x'\nparams = {max = 1}\n"
    assert found(budget) == []  # other specs may be elsewhere
    assert found(budget, everything=True) == [("AB106", "no spec or variant matches `gone.yaml@x`")]


def of_budgets(result: Checked) -> list[Finding]:
    """What budgets have to say; that the width of the one layer is the output's shape is another finding."""
    return [finding for finding in result.findings if finding.code != "AB116"]


RELATIVE = "[[budget]]\nparams = {max-increase = '10%', ignore-below = 50, warn-at = 0.5}\n"


@pytest.mark.parametrize(
    ("width", "code"),
    [
        (100, None), (50, None),
        (104, None),  # 44 more: below the floor
        (105, "AB104"),  # 55 are 5%: half of what is allowed is warned of above, not at
        (110, "AB104"),  # 110 are 10%: at the limit
        (111, "AB103"),
    ],
)  # fmt: skip
def test_increase(scratch: Scratch, width: int, code: str | None) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=RELATIVE.replace("0.5", "0.49"))
    scratch.write("net.yaml", NET.replace("100", str(width)))
    result = check(["net.yaml"], base="main")
    assert [one.code for one in of_budgets(result)] == ([code] if code else [])
    assert result.verdict.relative == 0
    assert check(["net.yaml"]).verdict.relative == 1


@pytest.mark.parametrize(("floor", "codes"), [(120, ["AB103"]), (121, []), (122, [])])
def test_an_increase_of_just_the_floor_passes(scratch: Scratch, floor: int, codes: list[str]) -> None:
    """From 100 to 111 outputs of 10 inputs: 11 * 11 parameters more, over 10 %."""
    scratch.commit(net__yaml=NET, archspec__toml=RELATIVE.replace("50", str(floor)))
    scratch.write("net.yaml", NET.replace("100", "111"))
    findings = of_budgets(check(["net.yaml"], base="main"))
    assert [finding.code for finding in findings] == codes
    for finding in findings:
        assert finding.message.endswith("by 121 or 11.00%; its max-increase is 10%, 120 would pass")


def test_the_floor_alone_does_not_fail(scratch: Scratch) -> None:
    """A small network doubles: over 10 %, yet under the floor; a large one grows by more, yet by less than 10 %."""
    scratch.commit(net__yaml=NET.replace("100", "2"), archspec__toml=RELATIVE)
    scratch.write("net.yaml", NET.replace("100", "4"))
    assert of_budgets(check(["net.yaml"], base="main")) == []
    scratch.commit(net__yaml=NET.replace("100", "10000"))
    scratch.write("net.yaml", NET.replace("100", "10100"))
    assert of_budgets(check(["net.yaml"], base="main")) == []


def test_increase_of_nothing(scratch: Scratch) -> None:
    none = NET.replace("linear: $w", "relu: ")
    scratch.commit(net__yaml=none, archspec__toml="[[budget]]\nlayer = 'wide'\nparams = {max-increase = '1%'}\n")
    scratch.write("net.yaml", NET)
    (one,) = of_budgets(check(["net.yaml"], base="main"))
    assert one.message == "net.yaml: wide: params grew from 0 to 1,100, by 1,100; its max-increase is 1%"
    assert one.id_path == "wide"


def test_new_specs_and_variants_have_no_base(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=RELATIVE)
    scratch.write("net.yaml", NET + "variants: {big: {w: 1000}}\n")
    scratch.write("new.yaml", NET)
    assert check(["net.yaml", "new.yaml"], base="main").findings == []


def test_base_that_does_not_parse(scratch: Scratch) -> None:
    scratch.commit(net__yaml="archspec: [1\n", archspec__toml=RELATIVE)
    scratch.write("net.yaml", NET)
    result = check(["net.yaml"], base="main")
    assert [(one.code, one.severity) for one in result.findings] == [("AB107", "warning")]
    assert "the base has no figures: `[` is never closed" in result.findings[0].message
    assert not result.failed


LIMIT = "[[budget]]\nparams = {max = 1000}\n"


def test_a_change_cannot_raise_its_own_limit(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET.replace("100", "50"), archspec__toml=LIMIT)
    scratch.write("net.yaml", NET)
    for text in (LIMIT.replace("1000", "2000"), ""):
        scratch.write("archspec.toml", text)
        result = check(["net.yaml"], base="main")
        assert {one.code for one in of_budgets(result)} == {"AB101", "AB109"}, text
        assert result.failed
    (scratch.folder / "archspec.toml").unlink()
    assert check(["net.yaml"], base="main").failed
    scratch.write("pyproject.toml", "[tool.archspec]\n")
    assert check(["net.yaml"], base="main").failed


def test_a_closer_file_does_not_take_the_base_limit_away(scratch: Scratch) -> None:
    scratch.write("nets/net.yaml", NET.replace("100", "50"))
    scratch.commit(archspec__toml=LIMIT)
    scratch.write("nets/net.yaml", NET)
    scratch.write("nets/archspec.toml", "")
    assert check(["nets/net.yaml"], base="main").failed


def test_policy_from_the_head(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    scratch.write("archspec.toml", LIMIT.replace("1000", "2000"))
    assert check(["net.yaml"], base="main", policies=Policies()).findings == []


def test_policy_where_the_base_has_none_or_a_broken_one(scratch: Scratch) -> None:
    scratch.commit(net__yaml=NET)
    scratch.write("archspec.toml", LIMIT)
    assert [one.code for one in check(["net.yaml"], base="main").findings] == ["AB101"]
    scratch.commit(archspec__toml="[[budget\n")
    scratch.write("archspec.toml", LIMIT)
    assert sorted(one.code for one in check(["net.yaml"], base="main").findings) == ["AB101", "AB109"]
    [said] = [finding for finding in check(["net.yaml"], base="main").findings if finding.code == "AB109"]
    assert (said.severity, said.values) == ("warning", ("broken",))  # a waiver of a changed limit is none of this


def accepted(run: Run, *options: str) -> tuple[str, str]:
    """The fingerprint that `check` prints, and the waiver's text."""
    _, out, _ = run("check", "net.yaml", *options)
    print_ = re.search(r"fingerprint (\w{12})", out)
    assert print_
    code, out, error = run("accept", print_[1], "--reason", 'agreed in "#42"', "--by", "Ada", *options)
    assert code == 0, error
    assert out.startswith(".archspec/waivers.toml: AB10")
    return print_[1], Path(".archspec/waivers.toml").read_text("utf-8")


def test_accept(here: Path, run: Run) -> None:
    (here / "archspec.toml").write_text(LIMIT)
    fingerprint, text = accepted(run)
    assert f'fingerprint = "{fingerprint}"\ncode = "AB101"' in text
    assert 'reason = "agreed in \\"#42\\""\nby = "Ada"\n' in text
    code, out, _ = run("check", "net.yaml")
    assert code == 0
    assert 'waived  net.yaml: params is 1,100, 100 above its max of 1K (agreed in "#42"; Ada)' in out.replace(
        "1000", "1K"
    )
    assert json.loads(run("check", "net.yaml", "--format", "json")[1])["waived"][0]["fingerprint"] == fingerprint
    # It is for that figure: a larger one fails again, a smaller one needs no other.
    (here / "net.yaml").write_text(NET.replace("100", "101"))
    code, out, _ = run("check", "net.yaml")
    assert (code, "hint: the waiver by Ada holds up to 1,100" in out) == (1, True)
    (here / "net.yaml").write_text(NET.replace("100", "99"))
    assert run("check", "net.yaml")[0] == 0
    (here / "net.yaml").write_text(NET.replace("100", "200"))
    assert accepted(run)[0] == fingerprint
    text = Path(".archspec/waivers.toml").read_text("utf-8")
    assert (text.count("[[waiver]]"), "up-to = 2_200\n" in text, "1_100" in text) == (1, True, False)
    assert run("check", "net.yaml")[0] == 0


def test_accept_of_an_increase(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=RELATIVE)
    scratch.write("net.yaml", NET.replace("100", "300"))
    accepted(run, "--base", "main")
    assert not check(["net.yaml"], base="main", policies=Policies()).failed
    # Without a base nobody looked, so the waiver is not idle.
    assert "AB111" not in run("check")[1]


def test_a_waiver_of_the_change_itself_counts_and_is_shown(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    accepted(run)
    (said,) = check(["net.yaml"], base="main").findings
    assert (said.code, said.severity, said.file) == ("AB108", "warning", ".archspec/waivers.toml")
    assert said.message.startswith("accepted here by Ada up to 1,100, holds after the merge: net.yaml: params is 1,100")
    assert run("check", "net.yaml", "--base", "main")[0] == 0
    scratch.commit()
    assert check(["net.yaml"], base="main").findings == []


def test_accepting_again_says_where_the_waiver_is(scratch: Scratch, run: Run) -> None:
    """A waiver of the change's own, too: nothing is unknown about it."""
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    fingerprint, _ = accepted(run)
    again = ["accept", fingerprint, "--reason", "again", "--by", "Ada"]
    assert run(*again)[2].startswith(f"error: {fingerprint} has a waiver already: .archspec/waivers.toml:2\n")
    scratch.git("switch", "-qc", "topic")
    scratch.commit()
    assert run(*again, "--base", "main")[2].startswith(f"error: {fingerprint} has a waiver already: ")


@pytest.mark.parametrize("old", ["net.yaml", "net.yaml@big"])
def test_a_waiver_follows_what_it_was_written_for(scratch: Scratch, run: Run, old: str) -> None:
    """Until the change is merged: then its fingerprint is another, which `accept` writes in its place."""
    variants = "variants: {big: {w: 100}, small: {w: 1}}\nlayers:"
    net = NET.replace("{w: 100}", "{w: int}").replace("layers:", variants) if "@" in old else NET
    scratch.commit(net__yaml=net, archspec__toml=LIMIT)
    old_print, _ = accepted(run)
    scratch.commit()
    scratch.git("switch", "-qc", "topic")
    if "@" in old:
        scratch.write("net.yaml", net.replace("big", "large"))
    else:
        scratch.git("mv", "net.yaml", "new.yaml")
    checked = check([path.name for path in scratch.folder.glob("*.yaml")], base="main")
    ((waived, waiver),) = checked.verdict.waived
    assert (waiver.fingerprint, waived.fingerprints[1]) == (old_print, old_print)
    (later,) = [one for one in checked.findings if one.code == "AB118"]
    assert later.message.endswith(": params is 1,100, 100 above its max of 1000 (AB101)")
    assert (
        later.hint == f"its waiver has the old name: `archspec accept {waived.fingerprint} --reason ...` writes it anew"
    )
    again = "accept", waived.fingerprint, "--reason", "still", "--by", "Bob"
    code, _, error = run(*again, "--base", "main")
    assert (code, error) == (0, "")
    text = Path(".archspec/waivers.toml").read_text("utf-8")
    assert (text.count("[[waiver]]"), waived.fingerprint in text, old_print in text) == (1, True, False)
    assert "has a waiver already" in run(*again, "--base", "main")[2]
    scratch.commit()
    assert run("check")[0] == run("check", "--base", "main")[0] == 0
    scratch.git("switch", "-q", "main")
    scratch.git("merge", "-q", "topic")
    assert check([path.name for path in scratch.folder.glob("*.yaml")]).findings == []


def test_a_checkpoint_that_is_meant_to_break_is_accepted(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml='[severity]\nAB119 = "error"\n')
    scratch.write("net.yaml", NET.replace("id: wide", "id: broad"))
    (broken,) = check(["net.yaml"], base="main").findings
    assert (broken.code, broken.severity) == ("AB119", "error")
    assert run("check", "net.yaml", "--base", "main")[1].endswith("no figures expected, 1 error of the policy\n")
    assert broken.message.startswith("net.yaml: a checkpoint of the base no longer loads: 2 tensors renamed (wide.*")
    assert run("accept", broken.fingerprint, "--reason", "trained anew", "--by", "Ada", "--base", "main")[0] == 0
    assert [one.code for one in check(["net.yaml"], base="main").findings] == ["AB108"]
    scratch.write("net.yaml", NET.replace("id: wide", "id: broad").replace("100", "101"))  # it breaks otherwise
    assert [one.code for one in check(["net.yaml"], base="main").findings if one.severity == "error"] == ["AB119"]


def test_a_layer_that_is_nowhere_is_said_once_for_all_variants(scratch: Scratch) -> None:
    variants = "variants: {big: {w: 100}, mid: {w: 10}, small: {w: 1}}\nlayers:"
    net = NET.replace("{w: 100}", "{w: int}").replace("layers:", variants)
    scratch.commit(net__yaml=net, archspec__toml="[[budget]]\nlayer = 'narrow'\nmacs = {max = 2000}\n")
    (one,) = check(["net.yaml"]).findings
    assert (one.code, one.message) == (
        "AB106", "net.yaml@big: no layer matches `narrow`; 2 more specs or variants likewise",
    )  # fmt: skip


def test_waivers_of_the_base_alone_where_it_says_so(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml='waivers = "base"\n' + LIMIT)
    scratch.write("archspec.toml", LIMIT)  # the change cannot alter it for itself
    accepted(run)
    assert sorted(one.code for one in check(["net.yaml"], base="main").findings) == ["AB101", "AB109"]
    scratch.commit()
    assert check(["net.yaml"], base="main").findings == []


def test_waivers_of_the_base_alone_where_a_folder_says_so(scratch: Scratch, run: Run) -> None:
    """Neither the folder's own waivers nor those of another folder count before they are merged."""
    scratch.write("strict/net.yaml", NET)
    scratch.write("strict/archspec.toml", 'waivers = "base"\n' + LIMIT)
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    both = ["net.yaml", "strict/net.yaml"]
    prints = {one.values[0]: one.fingerprint for one in check(both, base="main").findings}
    table = '[[waiver]]\nfingerprint = "{}"\ncode = "AB101"\nup-to = 2_000\nreason = "why"\nby = "Ada"\n'
    scratch.write(".archspec/waivers.toml", "\n".join(map(table.format, prints.values())))
    found = [(one.code, one.values[0]) for one in check(both, base="main").findings]
    assert sorted(found)[:1] == [("AB101", "strict/net.yaml")]
    assert [code for code, _ in found].count("AB108") == 1
    scratch.write("strict/.archspec/waivers.toml", table.format(prints["strict/net.yaml"]))
    assert [one.code for one in check(both, base="main").findings].count("AB101") == 1
    scratch.commit()
    assert check(both, base="main").findings == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["000000000000", "--reason", "x", "--by", "y"], "no finding of the policy has the fingerprint 000000000000"),
        (["FOUND", "--reason", " ", "--by", "y"], "a waiver needs a reason that says something"),
        (["FOUND", "--reason", "x", "--by", ""], "a waiver needs a name that says something"),
        (["FOUND", "--reason", "x", "--by", "y", "--until", "soon"], "--until takes a day such as 2030-01-31"),
        (["FOUND", "--reason", "x", "--by", "y", "--until", "2020-01-01"], "2020-01-01 is over"),
        (["FOUND", "--by", "y"], "Missing option '--reason'"),
    ],
)  # fmt: skip
def test_what_accept_refuses(arguments: list[str], message: str, here: Path, run: Run) -> None:
    (here / "archspec.toml").write_text(LIMIT)
    (one,) = check(["net.yaml"]).findings
    code, _, error = run("accept", *(one.fingerprint if word == "FOUND" else word for word in arguments))
    assert code == 2
    assert message in error
    assert not (here / ".archspec").exists()


def test_accept_asks_for_a_name_where_git_has_none(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    (one,) = check(["net.yaml"]).findings
    for name in (None, b"", b"J\xf6rg"):  # of Latin-1
        if name is not None:
            subprocess.run([b"git", b"config", b"user.name", name], check=True)
        code, _, error = run("accept", one.fingerprint, "--reason", "x")
        assert (code, error) == (2, "error: who accepts it?\n  hint: say it with --by NAME\n")
    scratch.git("config", "user.name", "Jörg")
    assert run("accept", one.fingerprint, "--reason", "x")[0] == 0
    assert 'by = "Jörg"' in Path(".archspec/waivers.toml").read_text("utf-8")


def test_accept_where_the_folder_cannot_be_made(here: Path, run: Run) -> None:
    (here / "archspec.toml").write_text(LIMIT)
    (here / ".archspec").write_text("a file")
    (one,) = check(["net.yaml"]).findings
    code, _, error = run("accept", one.fingerprint, "--reason", "x", "--by", "y")
    assert (code, error) == (2, "error: .archspec: cannot be made: File exists\n")


def finding(number: int) -> Finding:
    return Finding(code="AB101", severity="error", message=f"no. {number}", file="a.toml", values=(number,))


def test_waivers_expire_and_go_unmatched(tmp_path: Path) -> None:
    days = [date(2030, 6, 14), date(2030, 6, 15), None]
    for number, day in enumerate(days):
        add_waiver(tmp_path, finding(number), "because", "Ada", day, date(2030, 1, 1))
    waivers = read_waivers(tmp_path)
    assert [one.until for one in waivers] == days
    applied = apply_waivers([finding(number) for number in (0, 1, 3)], waivers, TODAY, ["AB101"])
    assert [(one.code, one.severity) for one in applied.findings] == [
        ("AB101", "error"), ("AB101", "error"), ("AB110", "warning"), ("AB111", "warning"),
    ]  # fmt: skip
    assert [one.values for one, _ in applied.waived] == [(1,)]
    assert "expired on 2030-06-14" in applied.findings[2].message
    assert waivers[0].span is not None
    assert applied.findings[2].span == waivers[0].span
    with pytest.raises(UsageError, match="has a waiver already"):
        add_waiver(tmp_path, finding(2), "again", "Ada", None, TODAY)
    add_waiver(tmp_path, finding(0), "again", "Ada", None, TODAY)
    assert next((one.reason, one.until) for one in read_waivers(tmp_path)) == ("again", None)


def test_many_accept_at_once(here: Path) -> None:
    """Processes that each write a waiver, from one start; what is there and its comments stay."""
    place = here / ".archspec" / "waivers.toml"
    place.parent.mkdir()
    place.write_text(f"# kept\n[[waiver]]\n{WAIVER}")
    start = get_context("spawn").Barrier(4)
    writers = [get_context("spawn").Process(target=write_waivers, args=(here, number, start)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {waiver.fingerprint for waiver in read_waivers(here)} == {
        "0123456789ab", *(finding(number).fingerprint for number in range(20))
    }  # fmt: skip
    assert place.read_text().startswith("# kept\n")
    assert [path.name for path in place.parent.iterdir()] == ["waivers.toml"]


def write_waivers(folder: Path, part: int, start: Barrier) -> None:
    """Five waivers of one writer."""
    start.wait()
    for number in range(5 * part, 5 * part + 5):
        add_waiver(folder, finding(number), "because", "Ada", None, TODAY)


def test_a_lock_that_stays_is_named(tmp_path: Path) -> None:
    (tmp_path / "waivers.toml.lock").touch()
    with pytest.raises(UsageError, match=r"waivers\.toml\.lock is in the way"), locked(tmp_path / "waivers.toml", 0):
        pass
    assert (tmp_path / "waivers.toml.lock").exists()


WAIVER = 'fingerprint = "0123456789ab"\ncode = "AB101"\nreason = "r"\nby = "b"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[waivers]]\n", "unknown key `waivers`\n  hint: did you mean `waiver`?"),
        (f"[[waiver]]\n{WAIVER}reson = 1\n", "waivers.toml:6:1: waiver.0.reson: unknown key `reson`"),
        (f"[[waiver]]\n{WAIVER}until = 'never'\n", "`until` must be a day such as 2030-01-31, got 'never'"),
        (f"[[waiver]]\n{WAIVER}until = 2030-01-01T00:00:00\n", "`until` must be a day"),
        (f"[[waiver]]\n{WAIVER.replace('ab', '')}", "`fingerprint` must be 12 hexadecimal digits"),
        ("[[waiver]]\n" + WAIVER.replace('reason = "r"', ""), "missing key `reason`"),
        ("[[waiver]]\n" + WAIVER.replace('"r"', '" "'), "`reason` must be a text that says something"),
        (f"[[waiver]]\n{WAIVER}[[waiver]]\n{WAIVER}", "waivers.toml:7:15: waiver.1.fingerprint: a second waiver"),
        ("[[waiver]\n", "waivers.toml:1:9: not TOML"),
    ],
)  # fmt: skip
def test_broken_waivers(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / ".archspec").mkdir()
    (tmp_path / ".archspec" / "waivers.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_waivers(tmp_path)
    assert message in str(caught.value)


def test_awkward_texts_are_read_back(tmp_path: Path) -> None:
    reason = 'say "so"\n\tback\\slash \x7f \x01 größe \udcff'
    add_waiver(tmp_path, replace(finding(1), message="a\nb\x1b"), reason, "Ada", None, TODAY)
    assert read_waivers(tmp_path)[0].reason == reason.replace("\udcff", "?")


def test_fingerprint_outlives_lines_and_wording(here: Path) -> None:
    one = checked(LIMIT).findings[0].fingerprint
    assert checked("\n# moved\n" + LIMIT).findings[0].fingerprint == one
    assert checked(LIMIT.replace("1000", "1001")).findings[0].fingerprint != one
    assert here.is_dir()


def test_headroom(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a change touches, what keeps its `max`: 1,100 weights and 2,000 MACs, then 550 and 1,000."""
    monkeypatch.chdir(scratch.folder)
    limits = (
        '[[budget]]\nparams = {max = 1000}\nmacs = {max = "1.25K"}\n[[budget]]\nlayer = "wide"\nparams = {max = 9999}'
    )
    scratch.commit(net__yaml=NET, other__yaml=NET, archspec__toml=limits)
    assert check(["net.yaml", "other.yaml"], today=TODAY).verdict.headroom == []
    assert check(["net.yaml", "other.yaml"], today=TODAY, base="main").verdict.headroom == []
    scratch.write("net.yaml", NET.replace("w: 100", "w: 50"))
    kept = check(["net.yaml", "other.yaml"], today=TODAY, base="main").verdict.headroom
    assert [(one.spec, one.metric, one.figure, one.max.text, float(one.used)) for one in kept] == [
        ("net.yaml", "params", 550, "1000", 0.55), ("net.yaml", "macs", 1000, "1.25K", 0.8),
    ]  # fmt: skip
