"""The page of a diff: one file, closed against what a spec can contain, its bars as long as the figures say."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.render.html_page import BAR, Scale, meter
from scratch import Scratch

Run = Callable[..., tuple[int, str, str]]
NET = """\
archspec: 1
name: net
inputs: {x: [10]}
vars: {w: int, h: 5}
variants:
  small: {w: 20}
  large: {w: 100}
layers:
  - {linear: {out: $w, bias: false}, id: wide}
  - {linear: {out: $h, bias: false}, id: head}
"""
VOID = {"meta", "line", "rect", "wbr", "br"}


class Page(HTMLParser):
    """The elements of a page; every one that is opened has to be closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.regions = 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe", "object", "form")
        known = dict(attributes)
        assert not known.keys() & {"src", "style", "onclick", "onload", "action"}
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if "href" in known else []
        self.regions += known.get("tabindex") == "0" and bool(known.get("aria-label"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def page(run: Run, *arguments: str) -> str:
    _, text, error = run("diff", "--format", "html", *arguments)
    assert error == ""
    shown = Page(text)
    assert len(set(shown.ids)) == len(shown.ids)
    assert {link.removeprefix("#") for link in shown.links} <= set(shown.ids)
    assert shown.regions == text.count("<table>")  # each can be scrolled by keys
    assert not re.search(r"url\(|@import|https?:", text)
    assert "default-src &#x27;none&#x27;" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    return text


def words(text: str) -> str:
    """What is to read, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("</style>")[1].replace("<wbr>", "")))


def test_overview_causes_and_layers(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET, same__yaml=NET)
    scratch.write("net.yaml", NET.replace("small: {w: 20}", "small: {w: 30}").replace("h: 5", "h: 6"))
    scratch.write("same.yaml", NET + "# a word\n")
    text = page(run)
    read = words(text)
    # 10 w + h w weights: 300 and 480, 1,500 and 1,600.
    assert "net@small : params +180 (+60.0%)" in read
    assert read.index("net.yaml@small") < read.index("net.yaml@large")
    assert "300 → 480 +180 +60.00%" in read
    assert "1,500 → 1,600 +100 +6.67%" in read
    # w alone makes 150 more, h alone 20, together 10 beyond that.
    assert "variants.small.w 20 -&gt; 30 6 +150" in read
    assert "~ vars.h 5 -&gt; 6 4 +20" in read
    assert "interaction, beyond what each does alone +10" in read
    assert "together +180" in read
    assert "same.yaml no numeric change: comments or layout only" in read


def test_what_a_spec_can_contain(scratch: Scratch, run: Run) -> None:
    name = "</style></table><script>alert(1)</script>\\\" onload=x <!-- & '"
    hostile = NET.replace("  small:", f'  "{name}":')
    scratch.commit(**{"a<i>b__yaml": hostile})
    scratch.write("a<i>b.yaml", hostile.replace("w: 20", "w: 21"))
    text = page(run)
    assert "alert(1)" in text
    assert "<script" not in text
    assert "<i>" not in text


def test_one_side_and_broken(scratch: Scratch, run: Run) -> None:
    scratch.commit(gone__yaml=NET, bad__yaml=NET.replace("name: net", "name: bad"))
    (scratch.folder / "gone.yaml").unlink()
    scratch.write("new.yaml", "archspec: 1\nname: new\ninputs: {x: [3]}\nlayers: [relu]\n")
    scratch.write("bad.yaml", NET.replace("linear:", "linaer:"))
    read = words(page(run))
    assert "bad.yaml broken" in read
    assert "new.yaml added" in read
    assert "gone.yaml@small removed" in read


def test_a_variant_that_was_broken_and_is_gone_has_no_figures(scratch: Scratch, run: Run) -> None:
    spec = "archspec: 1\nname: net\ninputs: {{x: [3]}}\nvars: {{w: int}}\nvariants: {{{}}}\nlayers: [linear: $w]\n"
    scratch.commit(net__yaml=spec.format("a: {w: 4}, none: {w: 0}"))
    scratch.write("net.yaml", spec.format("a: {w: 5}"))
    assert "net.yaml@none removed" in words(page(run))


def test_nothing_changed(scratch: Scratch, run: Run) -> None:
    scratch.commit(net__yaml=NET)
    assert "no spec changed" in words(page(run))


def test_limits(scratch: Scratch, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    scratch.commit(net__yaml=NET, archspec__toml='[[budget]]\nparams = {max = 1550}\nmacs = {max-increase = "5%"}\n')
    scratch.write("net.yaml", NET.replace("h: 5", "h: 6"))
    assert run("ci", "--out", "../out")[0] == 1
    text = Path("../out/report.html").read_text("utf-8")
    Page(text)
    for read in (words(text), words(page(run))):  # that of `diff` too
        assert "2 limits broken" in read  # of MACs in two variants, and one of params
        assert "params is 1,600, 50 above its max of 1550" in read
        assert "kept net.yaml@small params 320 of 1550 20 %" in read
        assert "1 likewise" in read
    topic = scratch.commit()
    assert " Limits " not in words(page(run, "HEAD~1", topic))  # two commits, of which neither has the policy
    scratch.write("net.yaml", "archspec: [\n")
    assert "net.yaml broken" in words(page(run, "HEAD"))


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=9))
def test_bars_lie_within_their_room(values: list[float]) -> None:
    """A bar is as long, of all there is room for, as its value is of the span from the least to the most."""
    scale = Scale.of(values)
    for value in values:
        if scale.most == scale.least:
            assert scale.bar(value) == ""
            continue
        drawing = ElementTree.fromstring(scale.bar(value))
        rect, line = drawing
        start, length, axis = float(rect.attrib["x"]), float(rect.attrib["width"]), float(line.attrib["x1"])
        assert -1.1 <= start <= start + length <= BAR + 1.1
        assert abs((start if value > 0 else start + length) - axis) <= 0.11
        exact = abs(value) / (scale.most - scale.least) * BAR
        assert abs(length - (max(exact, 1) if value else 0)) <= 0.06


@pytest.mark.parametrize(
    ("share", "length", "tone"), [(0.5, BAR / 2, "good"), (1, BAR, "good"), (3, BAR, "bad"), (0, 0, "good")]
)
def test_meter(share: float, length: float, tone: str) -> None:
    used = ElementTree.fromstring(meter(share))[1]
    assert (float(used.attrib["width"]), used.attrib["class"]) == (length, tone)
