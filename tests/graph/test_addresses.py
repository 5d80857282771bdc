"""Addresses: `blk.3.conv1`, `s.-1`, `s.q`, `parts.1`, and what stands for a layer that is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError, SpecError
from archspec.language.dump import dump_spec
from archspec.language.load import load_text
from archspec.lint.flow import flow
from archspec.studies.unroll import unfold

LINEAR = {"linear": 4}
UNIT = {"layers": [{**LINEAR, "id": "a"}, "relu", {**LINEAR, "id": "b"}]}
PAIR = {
    "inputs": ["one", "two"],
    "layers": [{"linear": 6, "id": "q", "from": "one"}, {"linear": 4, "id": "k", "from": "two"}],
    "outputs": ["q", "k"],
}
INDEXED = {"params": {"n": 0}, "layers": UNIT["layers"]}


def spec(*layers: Any, outputs: Any = None, **more: Any) -> Any:
    document = {"archspec": 1, "name": "addresses", "inputs": {"x": [4]}, "layers": list(layers), **more}
    return load_text(json.dumps(document | ({"outputs": outputs} if outputs else {})))


def edges(*layers: Any, **more: Any) -> dict[str, Any]:
    """What each layer of the network written out takes, by its path."""
    written = unfold(analyze(spec(*layers, **more)))
    taken, last = {}, "x"
    for layer in written["layers"]:
        taken[layer["id"]] = layer.get("from", last)
        last = layer["id"]
    return {**taken, "outputs": written.get("outputs", [last])}


def repeat(unit: str, folded: bool, times: int = 4) -> dict[str, Any]:
    """A block so many times; an argument that differs keeps its instances from being counted as one."""
    return {"use": unit, "id": "s", "repeat": times, **({} if folded else {"with": {"n": "$index"}})}


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("s", "s.3.b"), ("s.0", "s.0.b"), ("s.2", "s.2.b"), ("s.-1", "s.3.b"), ("s.-4", "s.0.b"), ("s.2.a", "s.2.a"),
        ("s.3.a", "s.3.a"), ("s.a", "s.3.a"), ("s.-2.a", "s.2.a"),
    ],
)  # fmt: skip
def test_a_number_behind_a_repeat_is_an_instance(address: str, path: str, folded: bool) -> None:
    blocks = {"unit": INDEXED}
    for source in ({**LINEAR, "id": "tap", "from": address}, {"add": [address, "prev"], "id": "tap"}):
        taken = edges(repeat("unit", folded), source, blocks=blocks)["tap"]
        assert (taken if isinstance(taken, str) else taken[0]) == (
            path if path != "s.3.b" or "add" in source else taken
        )
    assert edges(repeat("unit", folded), outputs=[address], blocks=blocks)["outputs"] == [path]


@pytest.mark.parametrize("number", [4, 5, -5])
@pytest.mark.parametrize("folded", [True, False])
def test_there_are_no_other_instances(number: int, folded: bool) -> None:
    with pytest.raises(SpecError, match=rf"`s.{number}`: there are 4 instances, there is none at {number}") as caught:
        analyze(spec(repeat("unit", folded), {**LINEAR, "from": f"s.{number}"}, blocks={"unit": INDEXED}))
    assert caught.value.hint == "instances are numbered from 0 to 3, or from -4 to -1"


def test_a_layer_repeated_is_one_too() -> None:
    assert edges({**LINEAR, "repeat": 5, "id": "s"}, {"add": ["s.1", "s.-2"], "id": "tap"})["tap"] == ["s.1", "s.3"]


def test_a_repeat_within_a_repeat() -> None:
    inner = {"layers": [{**LINEAR, "repeat": 3, "id": "t"}]}
    taken = edges(
        {"use": "deep", "repeat": 4, "id": "s"}, {"add": ["s.2.t.1", "s.t.0"], "id": "tap"}, blocks={"deep": inner}
    )
    assert taken["tap"] == ["s.2.t.1", "s.3.t.0"]


@pytest.mark.parametrize(
    ("address", "paths"),
    [("s", ["s.2.q", "s.2.k"]), ("s.1", ["s.1.q", "s.1.k"]), ("s.k", ["s.2.k"]), ("s.0.q", ["s.0.q"])],
)
def test_outputs_of_instances_have_names(address: str, paths: list[str]) -> None:
    """`s.1` is all that instance 1 puts out, as `s` is all that the last one does; never output 1."""
    layers = [{"linear": 6, "id": "first"}, {"use": "pair", "repeat": 3, "id": "s", "from": ["first", "x"]}]
    assert edges(*layers, outputs=[address], blocks={"pair": PAIR})["outputs"] == paths
    taken = edges(*layers, blocks={"pair": PAIR})
    assert (taken["s.0.k"], taken["s.1.k"], taken["s.2.k"]) == ("x", "s.0.k", "s.1.k")


def test_behind_anything_else_a_number_is_an_output() -> None:
    layers = [{"linear": 8}, {"split": 2, "id": "parts"}, {"add": ["parts.1", "parts.0"], "id": "sum"}]
    assert edges(*layers)["sum"] == ["parts.1", "parts.0"]
    with pytest.raises(SpecError, match=r"`parts\.2`: `parts` has 2 outputs, there is none at 2"):
        analyze(spec(*layers, {**LINEAR, "from": "parts.2"}))


def test_two_readings_are_an_error() -> None:
    written = [{**LINEAR, "repeat": 3, "id": "s"}, {**LINEAR, "id": "s.1"}]
    with pytest.raises(SpecError, match=r"`s\.1` is the id of a layer, and a part of `s`") as caught:
        analyze(spec(*written, {"add": ["s.1", "prev"]}))
    assert caught.value.hint == "give one of the two another id: `s.1`, `s`"
    branches = {"parallel": {"branches": {"0": [LINEAR], "1": [LINEAR]}}, "id": "p"}
    with pytest.raises(SpecError, match=r"`p\.0` is output 0 of `p`, and the part `0` inside it") as caught:
        analyze(spec(branches, {"linear": 8, "from": "p.0"}))
    assert "`p`" in str(caught.value.hint)
    assert "`p.0.ID`" in str(caught.value.hint)


def test_taps_are_seen_by_lint() -> None:
    report = analyze(spec({"use": "unit", "repeat": 9, "id": "s"}, {"add": ["s.0.a", "s.5.a"]}, blocks={"unit": UNIT}))
    uses = {use.path: use for use in flow(report.graph)}
    assert [taker.kind for taker in uses["s.0.a"].consumers] == ["relu", "add"]
    assert [taker.kind for taker in uses["s.1.a"].consumers] == ["relu", "add"]


def test_taps_keep_their_figures_when_written_out() -> None:
    report = analyze(spec({"use": "unit", "repeat": 9, "id": "s"}, {"add": ["s.0.a", "s.5.a"]}, blocks={"unit": UNIT}))
    again = analyze(load_text(dump_spec(unfold(report))))
    assert {key: again.totals[key] for key in ("params", "macs", "flops")} == {
        key: report.totals[key] for key in ("params", "macs", "flops")
    }


LEFT = [{"linear": 8, "id": "a"}, {"linear": 4, "id": "b", "from": "x"}, {"add": ["a", "b"], "when": False, "id": "s"}]
LEFT_LAST = [LEFT[1], {"linear": 8, "id": "a", "from": "x"}, LEFT[2]]


def test_a_layer_left_out_stands_for_its_first_input() -> None:
    assert edges(*LEFT, {**LINEAR, "from": "s", "id": "next"})["next"] == "a"
    assert edges(*LEFT, outputs=["s"])["outputs"] == ["a"]
    assert edges(
        {"use": "block"}, blocks={"block": {"layers": [LEFT[0], {**LEFT[1], "from": "in"}, LEFT[2]], "outputs": ["s"]}}
    )["outputs"] == ["block1.a"]
    assert edges(*LEFT_LAST, {**LINEAR, "id": "next"})["next"] == "a"
    assert edges(*LEFT_LAST, {"concat": ["prev", "b"], "id": "next"})["next"] == ["a", "b"]


@pytest.mark.parametrize("layer", [LINEAR, {"concat": ["prev", "x"]}])
def test_what_comes_behind_it_must_be_the_layer_before(layer: Any) -> None:
    with pytest.raises(
        ArchspecError, match="`s`, left out here, stands for its first input, which is not the layer before"
    ):
        analyze(spec(*LEFT, layer))


def test_what_several_outputs_feed_is_not_left_out_silently() -> None:
    split = [{"linear": 8}, {"split": 2, "id": "parts"}, {"concat": {}, "when": False}]
    with pytest.raises(ArchspecError, match="left out here, stands for its first input"):
        analyze(spec(*split, LINEAR))
