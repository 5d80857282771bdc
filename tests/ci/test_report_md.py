"""The comment on a pull request as a reviewer reads it: what it says first, once, and not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.ci.links import NOWHERE, links_of
from archspec.render.blocks import Block, fitted
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]

# 10 w weights and h w; as many multiply-accumulates.
NET = """\
archspec: 1
name: net
inputs: {x: [10]}
vars: {w: int, h: 5}
variants:
  small: {w: 20}
  medium: {w: 50}
  large: {w: 100}
layers:
  - {linear: {out: $w, bias: false}, id: wide}
  - {linear: {out: $h, bias: false}, id: head}
"""
SINGLE = "archspec: 1\nname: one\ninputs: {x: [10]}\nlayers:\n  - {linear: 8, id: only}\n"


@pytest.fixture(autouse=True)
def no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_REPOSITORY", "CI_PROJECT_URL"):
        monkeypatch.delenv(name, raising=False)


def comment(run: Run) -> str:
    """The comment, which no run of lists makes hard to read."""
    _, _, error = run("ci", "--out", "../out", "--base", "main")
    assert error == ""
    text = Path("../out/report.md").read_text("utf-8")
    # CommonMark: items with nothing but blank lines between them are one list.
    assert not re.search(r"^- .*\n\n+- ", text, re.MULTILINE)
    assert text.count("<details>") == text.count("</details>")
    return text


def title(text: str) -> str:
    return text.split("\n", maxsplit=1)[0].removeprefix("### archspec: ")


def section(text: str, name: str) -> list[str]:
    """The items below a title."""
    return re.findall(r"^- (.*)$", text.split(f"**{name}**")[1].split("\n\n**", maxsplit=1)[0], re.MULTILINE)


def topic(scratch: Scratch) -> None:
    scratch.git("switch", "-qc", "topic")


def test_the_title_is_of_the_variant_that_changes_most(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    topic(scratch)
    scratch.commit(
        net__yaml=NET.replace("small: {w: 20}", "small: {w: 30}").replace("large: {w: 100}", "large: {w: 120}")
    )
    # 15 w weights: 300 and 450, 1,500 and 1,800.
    assert title(comment(run)) == (
        "`net@small`: params +150 (+50.0%), MACs +50.0%, activations +40.0%; 1 more variant changed"
    )


def test_one_cause_is_said_once(scratch: Scratch, run: Run) -> None:
    """Three variants miss two figures each and break the same two limits: two lines and one, not twelve."""
    expect = "expect:\n" + "".join(
        f"  {name}: {{params: {15 * w}, macs: {15 * w}}}\n"
        for name, w in (("small", 20), ("medium", 50), ("large", 100))
    )
    limits = '[[budget]]\nparams = {max-increase = "2%", max = 10000}\nmacs = {max-increase = "5%"}\n'
    scratch.commit(net__yaml=NET + expect, archspec__toml=limits)
    topic(scratch)
    scratch.commit(net__yaml=(NET + expect).replace("h: 5", "h: 6"))
    text = comment(run)
    # h more weights for each of w: the same share in each variant, so that the first is the one shown.
    assert title(text) == (
        "`net@small`: params +20 (+6.7%), MACs +6.7%, activations +4.0%; 2 more variants changed — "
        "❌ 2 limits broken, 6 expected figures missed"
    )
    broken = section(text, "Limits")
    assert [line.count("2 more variants likewise") for line in broken[:2]] == [1, 1]
    assert broken[0].startswith("❌ net.yaml@&#8203;small: params grew from 300 to 320")
    prints = re.findall(r"`@(\w+)` `[0-9a-f]{12}`", "\n".join(broken[2:]))
    assert prints == ["small", "medium", "large"] * 2
    assert section(text, "Limits kept") == ["✅ `net.yaml`: params 1,600 of 10000, 16 % in `@large`"]
    (missed,) = section(text, "Errors")
    assert missed == (
        "❌ `net.yaml:13` `@small`: expected params 300, is 320; expected macs 300, is 320; 2 more variants likewise"
    )
    _, out, _ = run("ci", "--base", "main", "--format", "github")
    said = [line.rpartition("::")[2] for line in out.splitlines() if line.startswith("::error")]
    assert [line.partition(";")[0].partition(" (")[0] for line in said] == [
        "net.yaml@small: params grew from 300 to 320, by 20 or 6.67%25",
        "net.yaml@small: macs grew from 300 to 320, by 20 or 6.67%25",
        "expect.small.params: expected params 300, is 320",
    ]
    assert [re.findall(r"\d+ more likewise", line) for line in said] == [["2 more likewise"]] * 2 + [
        ["5 more likewise"]
    ]


def test_variants_that_changed_alike_are_one_line(scratch: Scratch, run: Run) -> None:
    net = NET.replace("{linear: {out: $w, bias: false}, id: wide}", "{linear: 7, id: fixed}")
    scratch.commit(net__yaml=net)
    topic(scratch)
    scratch.commit(net__yaml=net.replace("linear: 7", "linear: 9"))
    text = comment(run)
    rows = [line for line in text.split("\n") if line.startswith("| `net")]
    assert len(rows) == 1
    assert "3 variants alike: `@small`, `@medium`, `@large`" in rows[0]
    assert "112 → **144** (+28.57%)" in rows[0]  # 77 + 7 * 5, 99 + 9 * 5
    assert "; 2 more variants changed alike" in title(text)
    assert "**Causes** `net.yaml@small`, alike in 3 variants" in text


def test_several_specs_have_a_sum_and_untouched_ones_are_no_news(scratch: Scratch, run: Run) -> None:
    limits = "[[budget]]\nparams = {max = 100, warn-at = 0.5}\n"
    scratch.commit(a__yaml=SINGLE, b__yaml=SINGLE, quiet__yaml=SINGLE, archspec__toml=limits)
    topic(scratch)
    scratch.commit(a__yaml=SINGLE.replace("linear: 8", "linear: 4"), b__yaml=SINGLE.replace("linear: 8", "linear: 9"))
    text = comment(run)
    # 88 weights on either side, 44 and 99 after.
    assert "| **together**, 2 variants of 2 specs | 176 → **143** (-18.75%) |" in text
    assert "quiet" not in text.split("files that this change does not touch")[0]
    assert "AB104" not in text
    assert section(text, "Limits") == ["⚠️ b.yaml: params is 99, 99.00% of its max of 100 (`archspec.toml:2`)"]
    assert section(text, "Removed or altered") == [
        "⚠️ a.yaml: the output is [1, 4], it was [1, 8] (`a.yaml:1`)",
        "⚠️ b.yaml: the output is [1, 9], it was [1, 8] (`b.yaml:1`)",
    ]
    assert section(text, "Limits kept") == [
        "✅ `b.yaml`: params 99 of 100, 99 %",
        "✅ `a.yaml`: params 44 of 100, 44 %",
    ]


def test_lines_are_links_where_the_address_is_known(
    scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    expecting = SINGLE + "expect: {params: 88}\n"
    scratch.write("a folder/net.yaml", expecting)
    scratch.commit()
    topic(scratch)
    scratch.write("a folder/net.yaml", expecting.replace("linear: 8", "linear: 9"))
    head = scratch.commit()
    address = f"https://github.com/o/r/blob/{head}/a%20folder/net.yaml#L"
    text = comment(run)
    assert f"[`a folder/net.yaml:6`]({address}6)" in text
    assert f"([line 5]({address}5))" in text
    monkeypatch.chdir("a folder")
    _, out, _ = run("diff", "main", "HEAD", "--format", "md")
    assert f"([line 5]({address}5))" in out
    assert run("ci", "--base", "main", "--out", "../../out2")[2] == ""
    assert f"[`net.yaml:6`]({address}6)" in Path("../../out2/report.md").read_text("utf-8")
    scratch.write("a folder/net.yaml", expecting.replace("linear: 8", "linear: 7"))
    assert "https://" not in run("diff", "--format", "md")[1]  # the working tree has no address


def test_addresses() -> None:
    gitlab = {"CI_PROJECT_URL": "https://gitlab.com/o/g/r"}
    assert links_of(gitlab, "ab1").line("a.yaml", 3) == "https://gitlab.com/o/g/r/-/blob/ab1/a.yaml#L3"
    hostile = links_of(gitlab, "ab1").line("a) [x](b\n`<#é.yaml", 3)
    assert re.fullmatch(r"https://[\w.:/%#-]+", hostile, re.ASCII)
    for environment in (
        {},
        {"CI_PROJECT_URL": "javascript:x"},
        {"GITHUB_SERVER_URL": "https://a b", "GITHUB_REPOSITORY": "o/r"},
    ):
        assert links_of(environment, "ab1").line("a.yaml", 3) == ""
    assert links_of(gitlab, None) == NOWHERE
    assert links_of(gitlab, "ab1").line("../a.yaml", 3) == ""


def test_removed_added_and_moved(scratch: Scratch, run: Run) -> None:
    scratch.commit(gone__yaml=SINGLE)
    topic(scratch)
    (scratch.folder / "gone.yaml").unlink()
    scratch.commit(net__yaml=NET)
    assert title(comment(run)) == "`net@small` added: params 300, MACs 300; 2 more variants added, 1 variant removed"


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3)), max_size=20), st.integers(500, 3000))
def test_blocks_are_whole_or_left_out(sizes: list[tuple[int, int]], room: int) -> None:
    blocks = [Block(f"{index}:" + "x" * size, rank, "block") for index, (size, rank) in enumerate(sizes)]
    text = fitted(blocks, "the end", room, "the report shows")
    assert len(text) <= room
    parts = text.rstrip("\n").split("\n\n")
    shown = [part for part in parts if part[0].isdigit()]
    assert [block.text for block in blocks if block.text in shown] == shown
    assert parts[-1] == "the end"
    missing = len(blocks) - len(shown)
    assert (
        f"Shortened to fit, without {missing} block{'s' * (missing > 1)}: the report shows all of it" in text
    ) == bool(missing)


def test_a_checkpoint_that_no_longer_loads(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    topic(scratch)
    scratch.commit(net__yaml=NET.replace("id: wide", "id: broad"))
    (line,) = section(comment(run), "Checkpoints of the base")
    assert line == (
        "⚠️ `net.yaml@small`: no longer loads: 1 tensor renamed (wide.weight -&#62; broad.weight); "
        "2 more variants likewise"
    )

    scratch.git("switch", "-q", "main")
    scratch.commit(archspec__toml='[severity]\nAB119 = "error"\n')
    scratch.git("switch", "-q", "topic")
    scratch.git("rebase", "-q", "main")
    text = comment(run)
    assert title(text).endswith("— ❌ 1 error")
    (line,) = section(text, "Checkpoints of the base")
    assert line.startswith("❌ net.yaml@&#8203;small: a checkpoint of the base no longer loads: 1 tensor renamed")
    assert text.count("no longer loads") == 1


def test_one_spec_has_no_sum_and_two_of_one_name_have_their_folders(scratch: Scratch, run: Run) -> None:
    for folder in "ab":
        scratch.write(f"{folder}/one.yaml", SINGLE)
    scratch.commit()
    topic(scratch)
    scratch.write("b/one.yaml", SINGLE.replace("linear: 8", "linear: 9"))
    scratch.commit()
    text = comment(run)
    assert "together" not in text
    assert title(text).startswith("`one`: params +11")
    scratch.write("a/one.yaml", SINGLE.replace("linear: 8", "linear: 16"))
    (scratch.folder / "c").mkdir()
    scratch.write("c/other.yaml", SINGLE.replace("only", "added") + "  - relu\n  - relu\n  - {linear: 3, id: last}\n")
    scratch.commit()
    text = comment(run)
    assert title(text).startswith("`a/one.yaml`: params +88 (+100.0%)")
    # 88 weights each before; 176, 99 and, of the new one, 88 + 27 after.
    assert "| **together**, 3 variants of 3 specs | 176 → **390** (+121.59%) |" in text


def test_limits_of_a_configuration_in_a_folder(scratch: Scratch, run: Run) -> None:
    """Its budgets name specs from there, the diff from the top."""
    scratch.write("team/net.yaml", NET)
    scratch.write("team/archspec.toml", "[[budget]]\nparams = {max = 1550}\n")
    scratch.commit()
    topic(scratch)
    scratch.write("team/net.yaml", NET.replace("large: {w: 100}", "large: {w: 105}"))
    scratch.commit()
    text = comment(run)
    assert "| ❌ `team/net.yaml@large` |" in text
    assert "**Limits kept**" not in text  # the variants that keep it are as they were
    scratch.write("team/net.yaml", NET.replace("large: {w: 100}", "large: {w: 102}"))
    scratch.commit()
    assert section(comment(run), "Limits kept") == ["✅ `team/net.yaml`: params 1,530 of 1550, 98 % in `@large`"]


def test_what_the_change_does_to_the_policy(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    limits = "[[budget]]\nparams = {max = 90}\n"
    scratch.commit(one__yaml=SINGLE, gone__yaml=NET, archspec__toml=limits)
    topic(scratch)
    (scratch.folder / "gone.yaml").unlink()
    scratch.commit(
        one__yaml=SINGLE.replace("linear: 8", "linear: 9"), archspec__toml="# more\n" + limits.replace("90", "99")
    )
    text = comment(run)
    # The limit stands in the base's file, whose second line is not that of the head; what is gone has no line there.
    (limit,) = section(text, "Limits")
    fingerprint = limit.split("`")[-2]
    assert limit == f"❌ one.yaml: params is 99, 9 above its max of 90 (`archspec.toml:2`, `{fingerprint}`)"
    removed = section(text, "Removed or altered")
    assert removed[0] == "⚠️ gone.yaml: the spec is removed (`gone.yaml:1`)"
    assert "90 -&#62; 99" in section(text, "Policy")[0]
    assert re.search(r"\(\[`archspec.toml:3`\]\(https://github.com/o/r/blob/\w{40}/archspec.toml#L3\)\)", text)
    assert run("accept", fingerprint, "--reason", "meant", "--by", "Ada", "--base", "main")[0] == 0
    scratch.commit()
    text = comment(run)
    assert "❌" not in text
    assert text.count("meant") == 1
    assert "accepted here by Ada up to 99, holds after the merge" in section(text, "Policy")[0]


def test_causes_stand_by_size_and_small_changes_show(scratch: Scratch, run: Run) -> None:
    wide = (
        NET.replace("inputs: {x: [10]}", "inputs: {x: [100000]}")
        .replace("h: 5", "h: 5, k: 7")
        .replace("id: head}", "id: head}\n  - {linear: {out: $k, bias: false}, id: last}")
    )
    scratch.commit(net__yaml=wide)
    topic(scratch)
    scratch.commit(net__yaml=wide.replace("k: 7", "k: 8").replace("h: 5", "h: 6"))
    text = comment(run)
    # Of `large`: h makes 100 + 7 more weights, k 5, both together one more, of 10,000,535.
    assert [line.split("`")[1] for line in section(text, "Causes")[:2]] == ["~ vars.h 5 -> 6", "~ vars.k 7 -> 8"]
    assert "2.000M **+33** (+<0.01%)" in text
