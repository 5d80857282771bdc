"""`archspec history`: figures of a scratch repository's commits, against analyses of each state alone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archspec
from archspec.analysis.metrics import BY_NAME
from archspec.change import history as module
from archspec.render.diff_words import figure
from archspec.render.svg import axis, labels
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
NET = """\
archspec: 1
name: net
inputs: {image: [3, 32, 32]}
vars: {width: %d}
variants:
  small: {width: 4}
layers:
  - conv: {out: $width, kernel: %d, padding: 1, act: relu}
  - flatten
  - linear: 10
"""
SVG = "{http://www.w3.org/2000/svg}"


def params(width: int, kernel: int = 3) -> int:
    """By hand: a convolution and a linear layer, with biases."""
    size = 32 + 2 - kernel + 1
    return width * (3 * kernel * kernel + 1) + 10 * (width * size * size + 1)


def states(run: Run, *words: str) -> list[dict[str, Any]]:
    code, out, error = run("history", *words, "--format", "json")
    assert (code, error) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)["states"]
    return found


def told(run: Run, *words: str) -> list[tuple[int | None, str]]:
    return [((state["figures"] or {}).get("params"), state["remark"]) for state in states(run, *words)]


@pytest.fixture
def story(scratch: Scratch) -> Scratch:
    """A network, its growth, a mistake, a rename with a repair, a merge of two commits, its end, its return."""
    scratch.commit(a__yaml=NET % (16, 3))
    scratch.commit(a__yaml=NET % (32, 3))
    scratch.commit(a__yaml=NET % (32, 99))
    scratch.git("mv", "a.yaml", "net.yaml")
    scratch.commit(net__yaml=NET % (32, 5))
    scratch.git("switch", "-qc", "side")
    scratch.commit(net__yaml=NET % (30, 5))
    scratch.commit(net__yaml=NET % (28, 5))
    scratch.git("switch", "-q", "main")
    scratch.commit(other__txt="nothing")
    scratch.git("merge", "-q", "--no-ff", "-m", "merged: 50% <b>less</b>, @nobody | a\tb", "side")
    scratch.commit(net__yaml="name: no spec\n")
    scratch.git("rm", "-q", "net.yaml")
    scratch.commit()
    scratch.commit(net__yaml=NET % (16, 3))
    return scratch


def test_every_state_is_told(story: Scratch, run: Run) -> None:
    found = told(run, "net.yaml")
    fault = "broken: 8:33: layers.0.conv.kernel: kernel 99 does not fit: with dilation 1 it covers 99, the padded input"
    assert (found[2][1] or "").startswith(fault)
    fault = found[2][1]
    assert found == [
        (params(16), ""), (params(32), ""), (None, fault), (params(32, 5), "renamed from a.yaml"), (params(28, 5), ""),
        (None, "no spec"), (None, "removed"), (params(16), ""),
    ]  # fmt: skip
    changes = [state["change"].get("params") for state in states(run, "net.yaml")]
    values = [params(16), params(32), params(32, 5), params(28, 5), params(16)]
    assert [change for change in changes if change is not None] == [b - a for a, b in pairwise(values)]
    shas = [state["sha"] for state in states(run, "net.yaml")]
    assert shas == story.git("log", "--first-parent", "--reverse", "--format=%H", "--", "a.yaml", "net.yaml").split()


def test_what_is_not_committed(story: Scratch, run: Run) -> None:
    story.write("net.yaml", NET % (20, 3))
    last = states(run, "net.yaml")[-1]
    assert (last["sha"], last["subject"], last["figures"]) == (None, "working tree", {"params": params(20)})
    story.write("net.yaml", "archspec: 1\nlayers: [")
    assert told(run, "net.yaml")[-1][1].startswith("broken: 2:")
    Path("net.yaml").unlink()
    assert told(run, "net.yaml")[-1] == (None, "removed")
    assert told(run, "a.yaml")[-1] == (None, "removed"), "a name that is gone"


def test_which_states(story: Scratch, run: Run) -> None:
    whole = told(run, "net.yaml")
    assert told(run, "net.yaml", "--max", "3") == whole[-3:]
    assert told(run, "net.yaml", "--since", "HEAD~2") == whole[-2:]
    assert told(run, "net.yaml", "--since", "2000-01-01") == whole
    small = told(run, "net.yaml@small", "--set", "width=5")
    assert [value for value, _ in small if value] == [params(5), params(5), params(5, 5), params(5, 5), params(5)]


def test_several_metrics_at_a_setting(story: Scratch, run: Run) -> None:
    options = ("--metric", "macs,weights_bytes", "--metric", "flops", "--batch", "3", "--dtype", "float16")
    last = states(run, "net.yaml", *options)[-1]
    totals = archspec.analyze("net.yaml", batch=3, dtype="float16").totals
    assert last["figures"] == {name: totals[name] for name in ("macs", "weights_bytes", "flops")}


def test_equal_files_are_analysed_once(story: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    load = module.load_text
    monkeypatch.setattr(module, "load_text", lambda text, path: (texts.append(text), load(text, path))[1])
    told(run, "net.yaml")
    assert len(texts) == len(set(texts)) == 5


def test_tables(story: Scratch, run: Run) -> None:
    _, text, _ = run("history", "net.yaml", "--metric", "params,macs")
    lines = text.splitlines()
    assert lines[0] == "archspec history  net.yaml   batch=1 float32"
    assert lines[-3] == "8 commits, 3 states without figures"
    assert lines[-2] == f"params {params(16):,} -> {params(16):,}"
    assert "merged: 50% <b>less</b>, @nobody | a\\tb" in text
    assert f"{params(32):,}  +{params(32) - params(16):,}  +99.99%" in text
    _, markdown, _ = run("history", "net.yaml", "--format", "md")
    assert "| merged: 50% &#60;b&#62;less&#60;/b&#62;, @&#8203;nobody &#124; a&#92;tb |" in markdown
    _, out, _ = run("history", "net.yaml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["params"], row["remark"]) for row in rows] == [
        ("" if value is None else str(value), remark) for value, remark in told(run, "net.yaml")
    ]


def test_chart(story: Scratch, run: Run) -> None:
    assert run("history", "net.yaml", "--metric", "params,macs", "--format", "svg", "-o", "chart.svg") == (0, "", "")
    text = Path("chart.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script", text)
    assert len(root.findall(f".//{SVG}circle")) == 2 * 5
    assert len(root.findall(f".//{SVG}rect[@class='gap']")) == 2 * 3
    heights = [float(dot.get("cy") or 0) for dot in root.findall(f".//{SVG}circle")[:5]]
    order = [params(16), params(32), params(32, 5), params(28, 5), params(16)]
    assert [sorted(order, reverse=True).index(value) for value in order] == [sorted(heights).index(y) for y in heights]
    ends = [float(found) for path in root.findall(f".//{SVG}path[@class='line']") for found in xs(path.get("d") or "")]
    assert 92 <= min(ends) <= max(ends) == 840, "within the axes, and up to their end"
    (line, _) = (path.get("d") or "" for path in root.findall(f".//{SVG}path[@class='line']"))
    assert line.count("M") == 3, "it breaks off at each gap"
    hints = [node.text or "" for node in root.iter(f"{SVG}title")]
    assert any("merged: 50% <b>less</b>" in hint for hint in hints)
    assert sum("kernel 99 does not fit" in hint for hint in hints) == 2


def xs(path: str) -> list[str]:
    """The places across of a path."""
    return re.findall(r"[MH]([\d.]+)", path)


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=6), st.sampled_from(["params", "weights_bytes"]))
def test_an_axis_holds_its_figures(values: list[int], name: str) -> None:
    """Every label means its tick: read back, it is the tick."""
    powers = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "B": 1}
    powers |= {f"{letter}iB": 1024**power for power, letter in enumerate("KMGTP", 1)}
    ticks = axis(min(values), max(values), 10 if name == "params" else 2)
    assert ticks[0] <= min(values) <= max(values) <= ticks[-1]
    assert 2 <= len(ticks) <= 8
    for tick, label in zip(ticks, labels(ticks, partial(figure, BY_NAME[name])), strict=True):
        number, unit = re.fullmatch(r"([\d,.]+) ?(\w*)", label).groups()  # type: ignore[union-attr]
        assert float(number.replace(",", "")) * powers[unit] == pytest.approx(tick, rel=1e-3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-"], "standard input has no history\n"),
        (["gone.yaml"], "no commit holds 'gone.yaml'\n"),
        (["nat.yaml"], "no commit holds 'nat.yaml'\n  hint: did you mean `net.yaml`?\n"),
        (["net.yaml@smal"], "no state has the variant 'smal'\n  hint: did you mean `small`?\n"),
        (["net.yaml", "--metric", "parms"], "no figure is called `parms`\n  hint: did you mean `params`?\n"),
        (["net.yaml", "--since", "yesterday"], "--since takes a day or a git ref, got 'yesterday'\n"),
        (["net.yaml", "--set", "widht=3"], "no state has a dim or var `widht`\n  hint: did you mean `width`?\n"),
        (["net.yaml", "--dtype", "flaot32"], "unknown dtype `flaot32`\n"),
        (["new.yaml"], "no commit holds 'new.yaml'\n  hint: it is not tracked yet: git add, git commit\n"),
        (["lenet"], "no file and no network of the zoo is called `lenet`\n"),
    ],
)
def test_bad_calls(story: Scratch, run: Run, words: list[str], message: str) -> None:
    story.write("new.yaml", NET % (3, 3))
    code, out, error = run("history", *words)
    assert (code, out) == (2, "")
    assert error.startswith(f"error: {message}")


def test_no_repository(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    Path("net.yaml").write_text(NET % (3, 3))
    code, _, error = run("history", "net.yaml")
    assert code == 2
    assert error.startswith("error: not a git repository: ")


def test_several_variants(scratch: Scratch, run: Run) -> None:
    text = NET.replace("width: %d", "width: int").replace("small:", "b: {width: 2}\n  small:")
    scratch.commit(net__yaml=text % 3)
    code, _, error = run("history", "net.yaml")
    assert (code, error) == (2, "error: net.yaml has several variants\n  hint: write net.yaml@b\n")
    assert told(run, "net.yaml@b") == [(params(2), "")]


def test_names_of_any_sort(scratch: Scratch, run: Run) -> None:
    """Paths and subjects that git would quote, and that could end a record."""
    scratch.write("a b/ünten\n.yaml", NET % (3, 3))
    scratch.git("add", "-A")
    scratch.git("commit", "-qm", "one\x1e:two \x1b[31m")
    scratch.write("a b/ünten\n.yaml", NET % (4, 3))
    scratch.git("commit", "-aq", "--allow-empty-message", "-m", "")
    state, last = states(run, "a b/ünten\n.yaml")
    assert (last["path"], last["subject"], last["figures"]) == (state["path"], "", {"params": params(4)})
    assert (state["path"], state["subject"]) == ("a b/ünten\n.yaml", "one\x1e:two \x1b[31m")
    _, out, _ = run("history", "a b/ünten\n.yaml")
    assert "one\\x1e:two \\x1b[31m" in out
    ElementTree.fromstring(run("history", "a b/ünten\n.yaml", "--format", "svg")[1])
