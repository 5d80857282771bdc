"""Blocks of a file are those of another version of it where they are written alike; nobody can tell."""

from __future__ import annotations

import pytest

from archspec.api import analyze
from archspec.language import homes
from archspec.language.load import load_text
from archspec.language.nodes import Spec

TEXT = """\
archspec: 1
name: made
inputs: {x: [4]}
vars: {w: 3}
defaults: {linear: {bias: true}}
blocks:
  b:
    layers:
      - linear: $w
layers:
  - use: b
"""


def load(text: str, name: str = "made.yaml") -> Spec:
    return load_text(text, name)


@pytest.mark.parametrize(
    ("old", "new", "params"),
    [("w: 3", "w: 5", 25), ("  - use: b", "  - linear: 2\n  - use: b", 10 + 9), ("name: made", "name: other", 15)],
)
def test_the_same_blocks(old: str, new: str, params: int) -> None:
    before, after = load(TEXT), load(TEXT.replace(old, new))
    assert after.home is before.home
    assert after.document.data["blocks"] is before.document.data["blocks"]
    assert after.document.data == load_text(TEXT.replace(old, new)).document.data
    assert (analyze(before).totals["params"], analyze(after).totals["params"]) == (15, params)
    assert (before.written, after.written) == (2, 2 + ("linear: 2" in new))


@pytest.mark.parametrize(
    ("old", "new", "line", "params"),
    [
        ("      - linear: $w", "      - linear: 7", 9, 35),
        ("vars: {w: 3}", "\nvars: {w: 3}", 10, 15),
        ("bias: true", "bias: false", 9, 12),
        ("      - linear: $w", "      - relu\n      - linear: $w", 9, 15),
    ],
)
def test_others(old: str, new: str, line: int, params: int) -> None:
    before, after = load(TEXT), load(TEXT.replace(old, new))
    assert after.home is not before.home
    report = analyze(after)
    assert (report.layers[0].line, report.totals["params"]) == (line, params)
    assert load(TEXT, "another.yaml").home is not before.home


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "MOST", 2)
    monkeypatch.setattr(homes.HOMES, "known", {})
    monkeypatch.setattr(homes.HOMES, "layers", 0)
    for number in range(5):
        load(TEXT, f"{number}.yaml")
        assert sum(home.layers for home in homes.HOMES.known.values()) == homes.HOMES.layers <= 2
    assert (
        load(TEXT.replace("- linear: $w", "- linear: $w" + 3 * "\n      - relu")).home not in homes.HOMES.known.values()
    )
