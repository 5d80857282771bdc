"""Pull requests that try to get round the limits of the base: none passes in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
# 10 * w weights and w biases, then w * 2 weights and 2 biases: 1,302 parameters, 2,602 with twice the width.
NET = """\
archspec: 1
name: net
dims: {T: 2}
inputs: {x: [$T, 10]}
vars: {w: 100}
layers:
  - {linear: $w, id: wide}
  - relu
  - {linear: 2, id: head}
expect: {params: 1_302}
"""
WIDER = NET.replace("w: 100", "w: 200").replace("1_302", "2_602")
VARIANTS = NET.replace("expect: {params: 1_302}", "expect: {small: {params: 15}, large: {params: 1_302}}").replace(
    "layers:", "variants: {small: {w: 1}, large: {w: 100}}\nlayers:"
)
LIMIT = '[[budget]]\nmatch = "net.yaml"\nparams = {max = 1500}\n'


@pytest.fixture(autouse=True)
def no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def findings(run: Run, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of `archspec ci`, and what it found."""
    code, out, error = run("ci", "--base", "main", "--format", "json", *arguments)
    assert error == ""
    return code, json.loads(out)["findings"]


def policy(run: Run, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The same without what lint and `expect` find."""
    code, found = findings(run, *arguments)
    return code, [finding for finding in found if finding["code"].startswith("AB")]


def codes(run: Run, *arguments: str) -> tuple[int, list[str]]:
    code, found = policy(run, *arguments)
    return code, sorted(finding["code"] for finding in found)


def but_left(look: Callable[..., tuple[int, list[Any]]], run: Run, *arguments: str) -> tuple[int, list[Any]]:
    """What one of these says beside that a limit is left, which is there."""
    code, found = look(run, *arguments)
    rest = [one for one in found if (one if isinstance(one, str) else one["code"]) != "AB120"]
    assert len(rest) < len(found)
    return code, rest


@pytest.fixture
def topic(scratch: Scratch) -> Scratch:
    """A repository whose base has a spec with a limit; the branch is open."""
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT)
    scratch.git("switch", "-qc", "topic")
    return scratch


def test_the_plain_change_fails(topic: Scratch, run: Run) -> None:
    topic.commit(net__yaml=WIDER)
    assert codes(run) == (1, ["AB101"])


def test_moved(topic: Scratch, run: Run) -> None:
    topic.git("mv", "net.yaml", "other.yaml")
    topic.commit(other__yaml=WIDER)
    code, (finding,) = but_left(findings, run)
    assert (code, finding["code"]) == (1, "AB101")
    assert finding["message"].startswith("other.yaml (was net.yaml): params is 2,602, 1,102 above its max of 1500")


def test_moved_without_git_being_told(topic: Scratch, run: Run) -> None:
    (topic.folder / "net.yaml").unlink()
    topic.write("deep/er/other.yaml", WIDER)
    assert but_left(codes, run) == (1, ["AB101"])


def test_moved_to_where_another_configuration_holds(scratch: Scratch, run: Run) -> None:
    scratch.write("strict/net.yaml", NET)
    scratch.write("strict/archspec.toml", LIMIT)
    scratch.write("free/archspec.toml", "")
    scratch.commit()
    scratch.git("switch", "-qc", "topic")
    (scratch.folder / "strict" / "net.yaml").unlink()
    scratch.write("free/net.yaml", WIDER)
    scratch.commit()
    assert codes(run) == (1, ["AB101"])


def test_moved_out_of_what_is_included(scratch: Scratch, run: Run) -> None:
    scratch.write("specs/net.yaml", NET)
    scratch.commit(archspec__toml='include = ["specs/*.yaml"]\n' + LIMIT.replace("net.yaml", "specs/*"))
    scratch.git("switch", "-qc", "topic")
    scratch.git("mv", "specs/net.yaml", "net.yaml")
    scratch.commit(net__yaml=WIDER)
    assert but_left(codes, run) == (1, ["AB101"])


def test_what_is_no_more_included_is_still_looked_at(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, other__yaml=NET, archspec__toml='include = ["*.yaml"]\n' + LIMIT)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER, archspec__toml='include = ["other.yaml"]\n' + LIMIT)
    data = json.loads(run("ci", "--base", "main", "--format", "json")[1])
    assert (data["exit_code"], data["summary"]["files"]) == (1, 2)
    scratch.write("net.yaml", NET)
    data = json.loads(run("ci", "--base", "main", "--format", "json")[1])
    assert (data["exit_code"], data["summary"]["files"]) == (0, 2)
    assert "2 variants of 2 specs checked" in run("check", "--base", "main")[1]


def test_copied_and_deleted_beyond_recognition(topic: Scratch, run: Run) -> None:
    topic.git("rm", "-q", "net.yaml")
    topic.commit(new__yaml="archspec: 1\nname: new\ninputs: {y: [7]}\nlayers:\n  - linear: 4000\n")
    code, (finding,) = policy(run)
    assert (code, finding["code"], finding["message"]) == (0, "AB112", "net.yaml: the spec is removed")


REWRITTEN = """\
name: net  # all lines are others
archspec: 1
inputs:
  y: [5, 400]
layers: [{linear: 5}]
"""


def test_moved_and_rewritten(topic: Scratch, run: Run) -> None:
    topic.git("rm", "-q", "net.yaml")
    topic.commit(new__yaml=REWRITTEN)
    code, found = policy(run)
    assert (code, found[0]["code"]) == (1, "AB101")
    assert found[0]["message"].startswith("new.yaml (was net.yaml): params is 2,005")
    assert "AB112" not in [finding["code"] for finding in found]


@pytest.mark.parametrize("twice", ["base", "head"])
def test_of_two_with_the_same_name_neither_is_taken_for_the_other(twice: str, scratch: Scratch, run: Run) -> None:
    another = "name: net\narchspec: 1  # the second\ninputs: {z: [4, 4]}\nlayers: [{linear: 4}]\n"
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT, **{"two__yaml": another} if twice == "base" else {})
    scratch.git("switch", "-qc", "topic")
    scratch.git("rm", "-q", "*.yaml")
    scratch.commit(new__yaml=REWRITTEN, **{"newer__yaml": another} if twice == "head" else {})
    assert set(codes(run)[1]) == {"AB112"}


def test_no_spec_any_more(topic: Scratch, run: Run) -> None:
    topic.commit(net__yaml=WIDER.replace("archspec: 1\n", ""))
    assert codes(run)[1] == ["AB112"]


def test_a_variant_is_renamed(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=VARIANTS, archspec__toml=LIMIT.replace("net.yaml", "net.yaml@large"))
    scratch.git("switch", "-qc", "topic")
    wider = VARIANTS.replace("large: {w: 100}", "huge: {w: 200}").replace(
        "large: {params: 1_302}", "huge: {params: 2_602}"
    )
    scratch.commit(net__yaml=wider)
    code, found = but_left(policy, run)
    assert (code, [finding["code"] for finding in found]) == (1, ["AB101", "AB113"])
    assert found[0]["message"].startswith("net.yaml@huge (was @large): params is 2,602")
    assert found[1]["message"] == "net.yaml@large: the variant is called huge now"


SMALL = VARIANTS.replace(", large: {w: 100}", "").replace(", large: {params: 1_302}", "")
LARGE = VARIANTS.replace("small: {w: 1}, ", "").replace("small: {params: 15}, ", "").replace("name: net", "name: big")
HUGE = LARGE.replace("w: 100", "w: 200").replace("1_302", "2_602")
BUDGETS = {
    "absolute": ("net.yaml@large", "max = 1500", "AB101"),
    "relative": ("net.yaml@large", 'max-increase = "10 %"', "AB103"),
    "pattern": ("net.*@l*", "max = 1500", "AB101"),
    "all variants": ("net.yaml", "max = 1500", "AB101"),
}


def moved(scratch: Scratch, large: str = LARGE, budget: str = "absolute", small: str | None = SMALL) -> None:
    """A repository whose branch takes the large variant out of one file and puts it into another."""
    match, limit, _ = BUDGETS[budget]
    config = f'lint = {{ignore = ["AS004"]}}\n[[budget]]\nmatch = "{match}"\nparams = {{{limit}}}\n'
    scratch.commit(net__yaml=VARIANTS, archspec__toml=config)
    scratch.git("switch", "-qc", "topic")
    if small is None:
        scratch.git("rm", "-q", "net.yaml")
    scratch.commit(big__yaml=large, **{"net__yaml": small} if small is not None else {})


@pytest.mark.parametrize("budget", BUDGETS)
def test_a_variant_is_moved(budget: str, scratch: Scratch, run: Run) -> None:
    moved(scratch, HUGE, budget)
    code, (finding,) = but_left(policy, run)
    assert (code, finding["code"]) == (1, BUDGETS[budget][2])
    assert finding["message"].startswith("big.yaml@large (was net.yaml): params ")
    assert but_left(codes, run, "--strict") == (1, [BUDGETS[budget][2]])


@pytest.mark.parametrize("name", ["", "name: large"])
def test_a_variant_becomes_a_spec(name: str, scratch: Scratch, run: Run) -> None:
    alone = WIDER.replace("name: net", name or "name: other")
    moved(scratch, HUGE)
    scratch.git("mv", "big.yaml", "other.yaml" if name else "large.yaml")
    scratch.commit(**{"other__yaml" if name else "large__yaml": alone})
    code, (finding,) = but_left(policy, run)
    assert (code, finding["code"]) == (1, "AB101")
    assert " (was net.yaml@large): params is 2,602" in finding["message"]


def test_a_variant_is_moved_as_it_is(scratch: Scratch, run: Run) -> None:
    moved(scratch)
    assert but_left(codes, run) == (0, [])
    out = json.loads(run("diff", "main", "--format", "json")[1])
    (entry,) = [spec for spec in out["specs"] if spec["path"] == "big.yaml" and spec["variant"]]
    assert (entry["status"], entry["old_path"], entry["old_variant"]) == ("unchanged", "net.yaml", "large")
    assert "@large moved from net.yaml@large" in run("diff", "main")[1]


def test_a_variant_is_moved_out_of_what_is_included(scratch: Scratch, run: Run) -> None:
    scratch.write("specs/net.yaml", VARIANTS)
    scratch.commit(archspec__toml='include = ["specs/*"]\n' + LIMIT.replace("net.yaml", "specs/*@large"))
    scratch.git("switch", "-qc", "topic")
    scratch.write("specs/net.yaml", SMALL)
    scratch.commit(big__yaml=HUGE)
    assert but_left(codes, run) == (1, ["AB101"])
    assert but_left(codes, run, "--strict") == (1, ["AB101"])
    assert "big.yaml@large (was specs/net.yaml): params is 2,602" in run("check", "--base", "main")[1]


def test_all_variants_are_moved(scratch: Scratch, run: Run) -> None:
    """A file is split into two: none of it is removed."""
    moved(scratch, HUGE, small=None)
    scratch.commit(little__yaml=SMALL.replace("name: net", "name: little"))
    assert but_left(codes, run) == (1, ["AB101"])
    assert "removed" not in run("diff", "main")[1]


def test_an_expected_figure_is_lost_on_the_way(scratch: Scratch, run: Run) -> None:
    moved(scratch, LARGE.replace("expect: {large: {params: 1_302}}\n", ""))
    code, (said,) = but_left(policy, run)
    assert (code, said["code"]) == (0, "AB117")
    assert said["message"] == "big.yaml@large: params is expected no more, it was 1_302"


def test_a_variant_of_another_network_is_another(scratch: Scratch, run: Run) -> None:
    moved(scratch, HUGE.replace("id: wide", "id: a").replace("id: head", "id: b"))
    assert codes(run) == (0, ["AB113"])


def test_a_variant_that_may_be_in_either_file_is_in_neither(scratch: Scratch, run: Run) -> None:
    moved(scratch, HUGE)
    scratch.commit(other__yaml=HUGE.replace("w: 200", "w: 300").replace("2_602", "3_902"))
    assert codes(run) == (0, ["AB113"])
    scratch.commit(other__yaml=LARGE)  # the one that is as it was: the other is new
    assert but_left(codes, run) == (0, [])


GRAND = LARGE.replace("large: {", "grand: {")


def test_a_variant_is_moved_and_renamed(scratch: Scratch, run: Run) -> None:
    moved(scratch, GRAND, "relative")
    assert but_left(codes, run) == (0, [])
    assert "@grand moved from net.yaml@large" in run("diff", "main")[1]
    more = "  - {linear: {out: 3}, id: more}\nexpect: {grand: {params: 1_317}}"  # four of six weights are as they were
    scratch.commit(big__yaml=GRAND.replace("expect: {grand: {params: 1_302}}", more))
    assert [said["message"] for said in but_left(policy, run)[1]] == [
        "big.yaml@grand: the output is [1, 2, 3], it was [1, 2, 2]"
    ]


def test_a_variant_under_another_name_that_two_could_be_is_neither(scratch: Scratch, run: Run) -> None:
    moved(scratch, GRAND)
    scratch.commit(other__yaml=GRAND)
    assert codes(run) == (0, ["AB113"])
    scratch.git("rm", "-q", "other.yaml")
    scratch.commit(net__yaml=VARIANTS.replace("large: {", "vast: {"))
    assert "moved from" not in run("diff", "main")[1]  # it is called otherwise in its file: big.yaml has a copy


def test_a_variant_is_removed(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=VARIANTS)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=VARIANTS.replace(", large: {w: 100}", "").replace(", large: {params: 1_302}", ""))
    assert codes(run)[1] == ["AB113"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('include = ["*.yaml"]', 'include = ["other/*.yaml"]'),
        ("max = 1500", "max = 3000"),
        ("max = 1500", "max = 1500, warn-at = 0.1"),
        ('match = "net.yaml"', 'match = "net.yml"'),
        ("at = {T = 2}", "at = {T = 1}"),
        ('[[budget]]\nmatch = "net.yaml"\nat = {T = 2}\nparams = {max = 1500}\n', ""),
    ],
)
def test_the_policy_is_altered(old: str, new: str, scratch: Scratch, run: Run) -> None:
    policy = 'include = ["*.yaml"]\n' + LIMIT.replace("params", "at = {T = 2}\nparams")
    assert old in policy
    scratch.commit(net__yaml=NET, archspec__toml=policy)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER, archspec__toml=policy.replace(old, new))
    code, found = codes(run)
    assert code == 1
    assert "AB101" in found
    assert "AB109" in found


def test_lint_is_that_of_the_base(topic: Scratch, run: Run) -> None:
    twice = NET.replace("  - relu\n", "  - relu\n  - relu\n")
    for text in (
        '[lint]\nignore = ["ALL"]\n',
        '[lint]\nselect = ["AS001"]\n',
        '[lint.per-file-ignores]\n"*" = ["ALL"]\n',
    ):
        topic.commit(net__yaml=twice, archspec__toml=text + LIMIT)
        found = {said["code"] for said in findings(run)[1]}
        assert {"AB109", "AS303"} <= found, text


def test_severities_are_those_of_the_base(scratch: Scratch, run: Run) -> None:
    policy = 'severity = {AB112 = "error"}\n'
    scratch.commit(net__yaml=NET, other__yaml=WIDER, archspec__toml=policy)
    scratch.git("switch", "-qc", "topic")
    scratch.git("rm", "-q", "net.yaml")
    scratch.commit(archspec__toml=policy.replace("error", "info"))
    assert codes(run) == (1, ["AB109", "AB112"])


@pytest.mark.parametrize("move", ["pyproject.toml", "gone"])
def test_the_configuration_moves(move: str, topic: Scratch, run: Run) -> None:
    (topic.folder / "archspec.toml").unlink()
    if move != "gone":
        topic.write(move, "[[tool.archspec.budget]]\nparams = {max = 9000}\n")
    topic.commit(net__yaml=WIDER)
    code, found = codes(run)
    assert (code, found[0], set(found[1:])) == (1, "AB101", {"AB109"})


def test_a_nearer_file_wins_over_pyproject(scratch: Scratch, run: Run) -> None:
    section = LIMIT.replace("[[budget]]", "[[tool.archspec.budget]]")
    scratch.write("pyproject.toml", section)
    scratch.commit(net__yaml=NET)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER, archspec__toml="")
    assert codes(run)[0] == 1


def test_a_nearer_configuration_is_added(scratch: Scratch, run: Run) -> None:
    scratch.write("nets/net.yaml", NET)
    scratch.commit(archspec__toml=LIMIT.replace("net.yaml", "nets/*"))
    scratch.git("switch", "-qc", "topic")
    scratch.write("nets/net.yaml", WIDER)
    scratch.write("nets/archspec.toml", "")
    scratch.commit()
    code, found = codes(run)
    assert (code, "AB101" in found, "AB109" in found) == (1, True, True)


def test_a_nearer_configuration_is_removed(scratch: Scratch, run: Run) -> None:
    scratch.write("nets/net.yaml", NET)
    scratch.write("nets/archspec.toml", LIMIT)
    scratch.commit(archspec__toml="")
    scratch.git("switch", "-qc", "topic")
    scratch.write("nets/net.yaml", WIDER)
    (scratch.folder / "nets" / "archspec.toml").unlink()
    scratch.commit()
    code, found = codes(run)
    assert (code, "AB101" in found, "AB109" in found) == (1, True, True)


def test_waivers_for_everything_are_each_shown(topic: Scratch, run: Run) -> None:
    topic.commit(net__yaml=WIDER)
    _, (finding,) = findings(run)
    assert run("accept", finding["fingerprint"], "--reason", "r", "--by", "Ada")[0] == 0
    topic.commit()
    code, (said,) = policy(run)
    assert (code, said["code"], said["severity"], said["file"]) == (0, "AB108", "warning", ".archspec/waivers.toml")
    assert findings(run, "--fail-on", "warning")[0] == 1
    # A worse figure needs a new one, a better one does not.
    topic.commit(net__yaml=WIDER.replace("200", "201").replace("2_602", "2_615"))
    assert codes(run) == (1, ["AB101"])
    topic.commit(net__yaml=WIDER.replace("200", "199").replace("2_602", "2_589"))
    assert codes(run) == (0, ["AB108"])


def test_accept_finds_what_the_change_hides(scratch: Scratch, run: Run) -> None:
    """The fingerprint of `ci` is one for `accept`, though the change includes no spec and raises the limit."""
    policy = 'include = ["*.yaml"]\n' + LIMIT
    scratch.commit(net__yaml=NET, archspec__toml=policy)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER, archspec__toml=policy.replace("*.yaml", "none").replace("1500", "9000"))
    (limit,) = [finding for finding in findings(run)[1] if finding["code"] == "AB101"]
    assert run("accept", limit["fingerprint"], "--reason", "r", "--by", "Ada")[0] == 0
    assert codes(run) == (0, ["AB108", "AB109", "AB109"])


def test_a_waiver_of_the_base_is_stretched(topic: Scratch, run: Run) -> None:
    topic.git("switch", "-q", "main")
    topic.commit(net__yaml=WIDER)
    assert (
        run(
            "accept",
            findings(run, "--strict")[1][0]["fingerprint"],
            "--reason",
            "r",
            "--by",
            "Ada",
            "--until",
            "2990-01-01",
        )[0]
        == 0
    )
    topic.commit()
    topic.git("switch", "-qc", "other")
    assert codes(run) == (0, [])
    file = topic.folder / ".archspec" / "waivers.toml"
    topic.write("net.yaml", WIDER.replace("200", "300").replace("2_602", "3_902"))
    file.write_text(file.read_text().replace("2_602", "3_902"))
    assert codes(run) == (0, ["AB108"])
    file.unlink()
    assert codes(run) == (1, ["AB101"])


def test_a_waiver_that_is_taken_out_is_missed_after_the_merge(topic: Scratch, run: Run) -> None:
    topic.git("switch", "-q", "main")
    topic.commit(net__yaml=WIDER)
    assert run("accept", findings(run, "--strict")[1][0]["fingerprint"], "--reason", "r", "--by", "Ada")[0] == 0
    topic.commit()
    topic.git("switch", "-qc", "other")
    (topic.folder / ".archspec" / "waivers.toml").unlink()
    code, (said,) = policy(run)
    assert (code, said["code"]) == (0, "AB118")
    assert said["message"].startswith("after the merge: net.yaml: params is 2,602")


def test_expected_figures_are_taken_out(topic: Scratch, run: Run) -> None:
    topic.commit(net__yaml=NET.replace("expect: {params: 1_302}\n", ""))
    code, (said,) = policy(run)
    assert (code, said["code"], said["message"]) == (0, "AB117", "net.yaml: params is expected no more, it was 1_302")


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("x: [$T, 10]", "x: [$T, 20]", "AB116", "net.yaml: input `x` is [1, 2, 20], it was [1, 2, 10]"),
        ("x: [$T, 10]", "y: [$T, 10]", "AB114", "net.yaml: input `x` is removed"),
        ("linear: 2,", "linear: 3,", "AB116", "net.yaml: the output is [1, 2, 3], it was [1, 2, 2]"),
        ("expect:", "outputs: [wide]\nexpect:", "AB116", "net.yaml: the output is [1, 2, 100], it was [1, 2, 2]"),
    ],
)
def test_inputs_and_outputs(old: str, new: str, code: str, message: str, topic: Scratch, run: Run) -> None:
    topic.commit(net__yaml=NET.replace(old, new))
    assert (code, message) in [(said["code"], said["message"]) for said in findings(run)[1]]


def test_an_output_is_removed(scratch: Scratch, run: Run) -> None:
    two = NET.replace("expect:", "outputs: [wide, head]\nexpect:")
    scratch.commit(net__yaml=two)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=two.replace("[wide, head]", "[head]"))
    said = [(each["code"], each["message"]) for each in findings(run)[1]]
    assert ("AB115", "net.yaml: output `wide` is removed") in said


def test_outputs_without_names_are_numbered(scratch: Scratch, run: Run) -> None:
    def split(*sizes: int) -> str:
        return NET.replace("expect: {params: 1_302}\n", "").replace(
            "{linear: 2, id: head}", f"split: {{sizes: {list(sizes)}, axis: -1}}"
        )

    scratch.commit(net__yaml=split(50, 30, 20))
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=split(50, 20, 30))
    said = [each["message"] for each in findings(run)[1] if each["code"] == "AB116"]
    assert said == [
        "net.yaml: output `2` is [1, 2, 20], it was [1, 2, 30]",
        "net.yaml: output `3` is [1, 2, 30], it was [1, 2, 20]",
    ]


def test_the_new_policy_is_tried_beside_the_old_one(topic: Scratch, run: Run) -> None:
    policy = LIMIT + '[[budget]]\nmatch = "nett.yaml"\nmacs = {max = 1}\n[[budget]]\nmacs = {max = 9}\n'
    topic.commit(archspec__toml=policy)
    code, found = findings(run)
    assert code == 0
    assert [said["message"] for said in found if said["code"] == "AB118"] == [
        "after the merge: no spec or variant matches `nett.yaml` (AB106)",
        "after the merge: net.yaml: macs is 2,400, 2,391 above its max of 9 (AB101)",
    ]
    assert {said["severity"] for said in found if said["code"] == "AB118"} == {"warning"}


def test_a_budget_whose_match_and_limit_change_is_said_once(scratch: Scratch, run: Run) -> None:
    other = '[[budget]]\nmatch = "other.yaml"\nmacs = {max = 9}\n'
    scratch.commit(net__yaml=NET, archspec__toml=LIMIT + other)
    scratch.git("switch", "-qc", "topic")
    scratch.commit(archspec__toml=LIMIT.replace("net.yaml", "*.yaml").replace("1500", "1600") + other)
    assert [said["message"].partition(";")[0] for said in policy(run)[1] if said["code"] == "AB109"] == [
        '`budget.0.match` is changed: "net.yaml" -> "*.yaml"', "`budget.0.params.max` is changed: 1500 -> 1600",
    ]  # fmt: skip


def test_a_layer_is_renamed_out_of_its_limit(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, archspec__toml="[[budget]]\nlayer = 'wide'\nparams = {max = 1500}\n")
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=WIDER.replace("wide", "fat"))
    code, (unmatched, above) = policy(run)
    assert code == 1
    assert above["message"] == "net.yaml: fat (was wide): params is 2,200, 700 above its max of 1500"
    assert unmatched["message"] == "net.yaml: no layer matches `wide` any more"


BLOCKS = """\
archspec: 1
name: net
inputs: {x: [10]}
layers:
  - {linear: 10, id: block_a}
  - {linear: 20, id: block_b}
  - linear: 10
  - linear: 30
  - seq: [{linear: 30, id: up}, {linear: 30, id: down}]
    id: stage
    repeat: 3
"""


@pytest.mark.parametrize(
    ("pattern", "most", "edits", "layer"),
    [
        ("block_*", 250, ["20, id: block_b", "50, id: wide"], "wide (was block_b)"),
        ("stage.*", 950, ["id: stage", "id: phase", "{linear: 30, id: up}", "{linear: 31, id: up}"], ""),
        ("stage.*.up", 950, ["{linear: 30, id: up}", "{linear: 31, id: first}"], ""),
        ("stage.1.up", 950, ["{linear: 30, id: up}", "{linear: 31, id: first}"], "stage.1.first (was stage.1.up)"),
        ("linear2", 350, ["  - linear: 10\n  - linear: 30", "  - linear: 3\n  - linear: 10\n  - linear: 50"],
         "linear3 (was linear2)"),
        ("block_*", 250, ["{linear: 20, id: block_b}", "seq: [{linear: 50, id: block_b}]\n    id: group"],
         "group.block_b (was block_b)"),
        ("stage.*.up", 950, ["  - seq: [{linear: 30, id: up}, {linear: 30, id: down}]\n    id: stage\n    repeat: 3\n",
                          "  - id: body\n    seq:\n      - seq: [{linear: 31, id: up}, {linear: 30, id: down}]\n"
                          "        id: stage\n        repeat: 3\n"], "body.stage.0.up (was stage.0.up)"),
        ("block_b", 250, ["20, id: block_b}", "50, id: b}", "layers:", "moved: {block_b: b}\nlayers:"], ""),
    ],
)  # fmt: skip
def test_a_limit_follows_a_layer(
    scratch: Scratch, run: Run, pattern: str, most: int, edits: list[str], layer: str
) -> None:
    scratch.commit(net__yaml=BLOCKS, archspec__toml=f"[[budget]]\nlayer = '{pattern}'\nparams = {{max = {most}}}\n")
    scratch.git("switch", "-qc", "topic")
    assert codes(run) == (0, [])
    text = BLOCKS
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    scratch.commit(net__yaml=text)
    code, found = policy(run)
    assert code == 1
    (above,) = [finding for finding in found if finding["code"] == "AB101"]
    assert above["message"].startswith(f"net.yaml: {layer}")
    assert " (was " in above["message"]


def test_a_layer_that_leaves_its_limit_is_said(scratch: Scratch, run: Run) -> None:
    limit = "[[budget]]\nlayer = '{}'\nparams = {{max = 250}}\nmacs = {{max = 250}}\n"
    scratch.commit(net__yaml=BLOCKS, archspec__toml=limit.format("block_*"))
    scratch.git("switch", "-qc", "topic")
    scratch.commit(net__yaml=BLOCKS.replace("block_b", "wide"))
    code, (left,) = policy(run)
    assert (code, left["code"], left["severity"]) == (0, "AB120", "warning")
    assert left["message"] == (
        "net.yaml: wide (was block_b): its limit of params and macs holds for it no more once this is merged"
    )
    both = limit.format("block_*") + limit.format("wide")
    scratch.commit(archspec__toml=both)
    assert "AB120" not in codes(run)[1]
    scratch.commit(archspec__toml=both.rpartition("macs")[0])
    (left,) = [found for found in policy(run)[1] if found["code"] == "AB120"]
    assert "its limit of macs holds" in left["message"]


def test_a_spec_that_leaves_its_limit_is_said(topic: Scratch, run: Run) -> None:
    topic.git("mv", "net.yaml", "other.yaml")
    topic.commit()
    code, (left,) = policy(run)
    assert (code, left["code"], left["severity"], left["path"]) == (0, "AB120", "warning", "budget.0.match")
    message = "other.yaml (was net.yaml): its limit of params holds for it no more once this is merged"
    assert left["message"] == message
    topic.commit(archspec__toml=LIMIT.replace("net.yaml", "*.yaml"))
    assert "AB120" not in codes(run)[1]
    topic.commit(archspec__toml=LIMIT + LIMIT.replace("net.yaml", "other.yaml").replace("params", "macs"))
    assert message in {found["message"] for found in policy(run)[1]}
    topic.commit(
        archspec__toml=LIMIT.replace("[[budget]]", "[[budget]]\nlayer = 'wide'").replace("net.yaml", "other.yaml")
    )
    assert "AB120" not in codes(run)[1]  # no budget of the change is for the whole network: AB109 shows that


def test_a_relative_limit_compares_a_layer_with_what_it_was(scratch: Scratch, run: Run) -> None:
    """`linear1` is new, `linear2` was `linear1`, `linear3` was `linear2`: none of them grew."""
    scratch.commit(net__yaml=BLOCKS, archspec__toml="[[budget]]\nlayer = 'linear*'\nparams = {max-increase = '1%'}\n")
    scratch.git("switch", "-qc", "topic")
    inserted = BLOCKS.replace("  - linear: 10\n", "  - linear: 20\n  - linear: 10\n", 1)
    scratch.commit(net__yaml=inserted)
    assert codes(run) == (0, [])
    scratch.commit(
        net__yaml=inserted.replace("- linear: 30", "- linear: 33").replace("{linear: 30, id: up}", "linear: 1")
    )
    code, found = policy(run)
    assert (code, [finding["message"] for finding in found if finding["code"] == "AB103"]) == (
        1,
        ["net.yaml: linear3: params grew from 330 to 363, by 33 or 10.00%; its max-increase is 1%"],
    )


def test_severities_are_those_of_the_configuration_around_a_file(scratch: Scratch, run: Run) -> None:
    """As the base has them, wherever the command runs: that of the top says `info`, that of the folder `error`."""
    kinds = {"AB109": "info", "AB112": "info", "AB113": "info", "AB116": "info", "AB117": "info", "AB118": "info"}
    for folder, severity in (("", "info"), ("team/", "error")):
        said = "".join(f'{code} = "{severity}"\n' for code in kinds)
        scratch.write(f"{folder}archspec.toml", f"[[budget]]\nparams = {{max = 5000}}\n[severity]\n{said}")
        scratch.write(f"{folder}net.yaml", VARIANTS)
        scratch.write(f"{folder}gone.yaml", NET.replace("name: net", "name: gone").replace("wide", "gone"))
    scratch.commit()
    scratch.git("switch", "-qc", "topic")
    for folder in ("", "team/"):
        file = scratch.folder / f"{folder}archspec.toml"
        file.write_text(file.read_text().replace("5000", "9"))
        (scratch.folder / f"{folder}gone.yaml").unlink()
        changed = VARIANTS.replace("small: {w: 1}, ", "").replace(
            "expect: {small: {params: 15}, large", "expect: {large"
        )
        scratch.write(
            f"{folder}net.yaml", changed.replace("{linear: 2,", "{linear: 1,").replace("{params: 1_302}", "{}")
        )
    scratch.commit()
    _, found = policy(run)
    for folder, severity in (("", "info"), ("team/", "error")):
        here = {
            finding["code"]: finding["severity"] for finding in found if ("team" in finding["file"]) == bool(folder)
        }
        assert here == dict.fromkeys(kinds, severity)


def test_fingerprints_do_not_depend_on_the_folder(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.write("nets/net.yaml", NET)
    scratch.write("nets/archspec.toml", LIMIT)
    scratch.commit()
    scratch.git("switch", "-qc", "topic")
    scratch.write("nets/net.yaml", WIDER.replace("2_602", "1").replace("  - relu\n", "  - relu\n  - relu\n"))
    scratch.commit()
    top = {(said["code"], said["fingerprint"]) for said in findings(run)[1]}
    monkeypatch.chdir(scratch.folder / "nets")
    assert {(said["code"], said["fingerprint"]) for said in findings(run)[1]} == top
    assert {code for code, _ in top} == {"AB101", "AE101", "AS303"}
