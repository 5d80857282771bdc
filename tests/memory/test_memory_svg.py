"""The chart of memory over the schedule: its marks against the figures, for few layers and for many."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from archspec.api import analyze, load
from archspec.memory.measure import measure
from archspec.render.memory_svg import BOTTOM, LEFT, RIGHT, TOP, chart

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [64, 16, 256, 8, 512, 32]


def drawn(layers: int, tmp_path):
    file = tmp_path / "net.yaml"
    lines = "".join(f"  - {{linear: {SIZES[number % 6]}, id: layer{number}}}\n" for number in range(layers))
    file.write_text(f"archspec: 1\nname: a<b>&c\ninputs: {{x: [4]}}\nlayers:\n{lines}")
    memory = measure(analyze(load(file)))
    return memory, ElementTree.fromstring(chart(memory))


def edges(path: str) -> list[tuple[float, float]]:
    """The levels of an area's upper edge: where each step ends, and at what height."""
    upper = re.findall(r"L[\d.]+ ([\d.]+)H([\d.]+)", path)
    return [(float(x), float(y)) for y, x in upper]


@pytest.mark.parametrize("layers", [1, 5, 40, 1000])
def test_the_chart_has_every_layer_and_marks_the_peak(layers: int, tmp_path) -> None:
    memory, svg = drawn(layers, tmp_path)
    moments = memory.schedule.moments
    own = next(path.get("d") for path in svg.iter(f"{SVG}path") if path.get("class") == "own")
    kept = next(path.get("d") for path in svg.iter(f"{SVG}path") if path.get("class") == "kept")
    steps = min(layers, RIGHT - LEFT)
    heights = [BOTTOM - y for _, y in edges(own)[:steps]]
    assert len(edges(kept)) == steps
    assert all(y == BOTTOM for _, y in edges(kept))  # a chain keeps nothing for later
    if layers <= RIGHT - LEFT:
        assert max(heights) <= BOTTOM - TOP
        scale = max(heights) / memory.schedule.peak
        assert heights == pytest.approx([moment.live * scale for moment in moments], abs=0.1)
    (dot,) = svg.iter(f"{SVG}circle")
    assert BOTTOM - float(dot.get("cy")) == pytest.approx(max(heights), abs=0.1)
    texts = ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
    assert any(text.endswith(f" at {memory.schedule.path}") for text in texts)
    names = [text for text in texts if text.startswith("layer")]
    assert len(names) == layers if layers <= 5 else 5 < len(names) < 20
    hints = [text for text in svg.iter(f"{SVG}rect") if text.get("class") == "hit"]
    assert len(hints) == (layers if layers <= 300 else 0)
    assert texts[0].startswith("a<b>&c")


def test_what_is_kept_for_later_stands_below_what_the_layer_needs(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(
        "archspec: 1\nname: n\ninputs: {x: [8]}\nlayers:\n"
        "  - {linear: 8, id: a}\n  - {linear: 8, id: b}\n  - {linear: 8, id: c}\n  - {add: [a, c], id: d}\n"
    )
    memory = measure(analyze(load(file)))
    assert [(moment.live, moment.own) for moment in memory.schedule.moments] == [(64, 64), (64, 64), (96, 64), (96, 96)]
    svg = ElementTree.fromstring(chart(memory))
    kept = next(path.get("d") for path in svg.iter(f"{SVG}path") if path.get("class") == "kept")
    assert [y == BOTTOM for _, y in edges(kept)] == [True, True, False, True]
