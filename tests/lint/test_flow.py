"""The layers as rules see them: the makers that the flow carries along are those that `graph.walk` finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.graph.graph import Layer
from archspec.graph.walk import UNROLLED, sources, walk
from archspec.language.load import load_spec, load_text
from archspec.language.nodes import Spec
from archspec.lint.flow import flow

ZOO = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
VALID = sorted((Path(__file__).parents[1] / "cases" / "valid").glob("*.yaml"))
NESTED = """\
archspec: 1
name: nested
inputs: {x: [8], y: [8]}
blocks:
  pair:
    inputs: [a, b]
    layers: [{linear: 8, from: b, id: l}, {add: [a, l], id: s}]
    outputs: [s, l]
layers:
  - {use: pair, from: [x, y], repeat: 5, id: p}
  - {add: [p, p.0.l, p.3.l], id: t}
  - repeat: 4
    seq:
      - repeat: 3
        seq:
          - {linear: 8, repeat: 6}
          - {add: [x, t], id: u}
          - repeat: 2
            seq: [{linear: 8, repeat: 7}, relu]
"""


def differing(spec: Spec, variant: str | None) -> list[str]:
    """Layers of which the flow says other sources than the network written out has.

    Of the second instance of a repeat it is the makers' nodes that count, since it stands for those behind it.
    """
    graph = run(spec, Setting(variant)).graph
    unrolled = {
        step.path: [made.path for made in sources(step, UNROLLED)]
        for step in walk(graph, UNROLLED)
        if isinstance(step.item, Layer)
    }
    nodes = {use.path: use.call for use in flow(graph)}
    wrong = []
    for use in flow(graph):
        ours, theirs = [maker.path if maker else "" for maker in use.sources], unrolled[use.path]
        # A maker that is walked is the maker; for one that is not another instance of its layer stands.
        if any(mine != other and other in nodes for mine, other in zip(ours, theirs, strict=True)):
            wrong.append(f"{use.path}: {ours}, not {theirs}")
    return wrong


@pytest.mark.parametrize("file", [*ZOO, *VALID], ids=lambda file: file.stem)
def test_sources_are_those_of_the_network_written_out(file: Path) -> None:
    spec = load_spec(file)
    for variant in cases(spec)[:3]:
        if run(spec, Setting(variant)).unfoldable:
            assert not differing(spec, variant)


def test_sources_inside_repeats_inside_repeats() -> None:
    spec = load_text(NESTED)
    assert not differing(spec, None)
    layers = {use.path: use for use in flow(run(spec, Setting()).graph)}
    assert layers["t"].sources == (layers["p.1.s"], layers["p.0.l"], layers["p.1.l"])
    assert (layers["p.1.l"].times, layers["p.1.l"].again, layers["p.0.l"].again) == (4, True, False)
