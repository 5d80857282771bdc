"""An expanded spec is a spec with the totals of the one it comes from, whatever its names, ties and conditions."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.errors import ArchspecError
from archspec.language.dump import dump_spec
from archspec.language.load import load_text
from archspec.render.json_text import dumps
from archspec.studies.unroll import unfold
from tests.support.mutated import mutated, seeds

NAMES = ["a b", "1", "-", "é", "a.b", "x.0", "prev", "in", "\ufeff", "::", "", "$w", "~", "a: b", "none", "linear1",
         "\u202e", "a\nb", "null", "1.5", "last", "index", "x" * 300, "\U000e0041", "##[x]"]  # fmt: skip
LINEAR = {"linear": 4}


def spec(**keys: Any) -> str:
    return json.dumps({"archspec": 1, "name": "n", "inputs": {"x": [4]}, **keys})


def seq(name: str, *layers: Any, **keys: Any) -> dict[str, Any]:
    return {"seq": list(layers), "id": name, **keys}


def branches(*layers: Any, **more: Any) -> dict[str, Any]:
    return {"parallel": {"merge": "add", "branches": {**more, "c": list(layers)}}}


NAMED = {
    "input": lambda name: spec(inputs={name: [4]}, layers=["relu", LINEAR, {"add": ["prev", name]}]),
    "branch": lambda name: spec(layers=[branches("relu", **{name: [LINEAR, LINEAR]})]),
    "tie": lambda name: spec(layers=[branches("relu", **{name: [{**LINEAR, "id": "q"}, {**LINEAR, "tie": "q"}]})]),
    "block": lambda name: spec(layers=[{"use": name}, {"use": name}], blocks={name: {"layers": [LINEAR]}}),
    "variant": lambda name: spec(vars={"w": 4}, variants={name: {"w": 5}}, layers=[{"linear": "$w"}]),
    "name": lambda name: spec(name=name or "n", summary=name, layers=[{"relu": None, "note": name}]),
}
A = {**LINEAR, "id": "a"}
Z = {**LINEAR, "id": "z"}
SPECS = {
    "no layer": spec(layers=[{"relu": None, "when": False}, {**A, "repeat": 0}]),
    "groups of like names": spec(layers=[seq("g", A), seq("h", A, tie="g")]),
    "groups of other names": spec(layers=[seq("g", A, LINEAR), seq("h", Z, LINEAR, tie="g")]),
    "a layer in a group": spec(layers=[seq("g", A, {**LINEAR, "tie": "a"}), {**LINEAR, "tie": "g.a"}]),
    "a tied layer": spec(layers=[seq("g", A, {**Z, "tie": "a"}), {**LINEAR, "tie": "g.z"}]),
    "an instance": spec(layers=[seq("g", A, repeat=3), {**LINEAR, "tie": "g.1.a"}]),
    "a group of ties": spec(layers=[A, seq("g", {**Z, "tie": "a"}, repeat=2), seq("h", Z, repeat=2, tie="g")]),
    "repeats": spec(layers=[seq("g", {**A, "repeat": 3}), seq("h", {**Z, "repeat": 3}, tie="g")]),
    "a repeat and one": spec(layers=[seq("g", {**A, "repeat": 3}), seq("h", Z, tie="g")]),
    "one and a repeat": spec(layers=[seq("g", A), seq("h", {**Z, "repeat": 3}, tie="g")]),
    "repeated groups": spec(layers=[seq("g", A, repeat=2), seq("h", Z, tie="g", repeat=3)]),
    "blocks": spec(
        layers=[{"use": "b", "id": "g"}, {"use": "b", "id": "h", "tie": "g"}],
        blocks={"b": {"layers": [seq("inner", LINEAR, LINEAR), LINEAR]}},
    ),
    "names that become one": spec(layers=[branches("relu", LINEAR, **{"a b": [LINEAR], "a_b": ["relu", LINEAR]})]),
    "an input called like a layer": spec(inputs={"linear1": [4]}, layers=[LINEAR, {"add": ["prev", "linear1"]}]),
    "a path twice": spec(layers=[branches(A, **{"a.b": [A, "relu"], "a": [seq("b", A, "relu"), LINEAR]})]),
}


def again(text: str) -> None:
    """Expand every variant and read it back, written as YAML and as JSON."""
    loaded = load_text(text, "net.yaml")
    for variant in cases(loaded):
        report = run(loaded, Setting(variant))
        data = unfold(report)
        for name, written in (("flat.yaml", dump_spec(data)), ("flat.json", dumps(data))):
            flat = run(load_text(written, name), Setting())
            # torchsummary counts the output of a block once more: `archspec expand --help` says so.
            for figure, value in report.totals.items():
                assert figure == "memory" or flat.totals[figure] == value, figure
            assert list(flat.graph.inputs) == list(report.graph.inputs)


@pytest.mark.parametrize("where", NAMED)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names(where: str, name: str) -> None:
    try:
        loaded = load_text(NAMED[where](name), "net.yaml")
        run(loaded, Setting(next(iter(cases(loaded)))))
    except ArchspecError:
        pytest.skip("no name there")
    again(NAMED[where](name))


@pytest.mark.parametrize("text", SPECS.values(), ids=list(SPECS))
def test_ties_and_conditions(text: str) -> None:
    again(text)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_whatever_is_accepted(seed: int) -> None:
    _, (name, text) = mutated(Random(seed), seeds())
    try:
        loaded = load_text(text, name)
        reports = [run(loaded, Setting(variant)) for variant in cases(loaded)]
    except ArchspecError:
        return
    if all(len(list(report.rows())) < 60 and report.unfoldable for report in reports):
        again(text)
