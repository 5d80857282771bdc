"""Families: `each`, addresses with variables and with `*`, held against the same network written by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError, SpecError
from archspec.graph.graph import Group
from archspec.language.dump import dump_spec
from archspec.language.load import load_text
from archspec.studies.unroll import unfold

CONV = {"conv": {"out": "8 * 2**$i", "kernel": 1}}
WORD = {"conv": {"out": 8, "kernel": 1}}


def spec(*layers: Any, **more: Any) -> Any:
    inputs = {"x": [8, 16, 16], "y": [16, 8, 8]}
    return load_text(json.dumps({"archspec": 1, "name": "families", "inputs": inputs, "layers": list(layers), **more}))


def edges(*layers: Any, **more: Any) -> dict[str, Any]:
    """What each layer of the network written out takes, by its path."""
    written = unfold(analyze(spec(*layers, **more)))
    taken, last = {}, "x"
    for layer in written["layers"]:
        taken[layer["id"]] = layer.get("from", last)
        last = layer["id"]
    return {**taken, "outputs": written.get("outputs", [last])}


def test_instances_stand_beside_each_other_and_are_called_by_their_values() -> None:
    assert edges({**CONV, "each": {"i": 2}, "id": "c"}, {"concat": "c.*"}) == {
        "c.0": "x", "c.1": "x", "concat1": ["c.0", "c.1"], "outputs": ["concat1"],
    }  # fmt: skip
    assert list(edges({**CONV, "each": {"i": [5, 3]}, "id": "c"})) == ["c.5", "c.3", "outputs"]
    assert list(edges({**WORD, "each": {"side": ["left", "right"]}, "id": "c"})) == ["c.left", "c.right", "outputs"]
    values = edges({**CONV, "each": {"i": "$l"}, "id": "c"}, vars={"l": [1, 2]})
    assert values["outputs"] == ["c.1", "c.2"]


@pytest.mark.parametrize(
    ("address", "takes"),
    [("c.$i", ["c.3", "c.4"]), ("c.($i + 1 if $i == 3 else 3)", ["c.4", "c.3"]), ("c.-1", ["c.4", "c.4"]),
     ("c.-2", ["c.3", "c.3"]), ("c.4", ["c.4", "c.4"]), ("z$i", ["z3", "z4"])],
)  # fmt: skip
def test_an_address_is_filled_in_for_each_instance(address: str, takes: list[str]) -> None:
    family = {**CONV, "each": {"i": [3, 4]}, "id": "c"}
    named = [{"relu": None, "from": "x", "id": "z3"}, {"relu": None, "id": "z4"}]
    taken = edges(family, *named, {"relu": None, "each": {"i": [3, 4]}, "from": address, "id": "r"})
    assert [taken["r.3"], taken["r.4"]] == takes


def test_a_star_is_all_instances_and_all_outputs() -> None:
    assert edges({"split": 2, "id": "s"}, {"add": "s.*"})["add1"] == ["s.0", "s.1"]
    assert edges({"relu": None, "repeat": 3, "id": "r"}, {"add": "r.*"})["add1"] == ["r.0", "r.1", "r.2"]
    inner = {"seq": [{**WORD, "id": "a"}, "relu"], "each": {"i": 2}, "id": "f"}
    assert edges(inner, {"add": "f.*.a"})["add1"] == ["f.0.a", "f.1.a"]
    pair = {"inputs": ["a", "b"], "layers": [{"relu": None, "from": "a"}, {"relu": None, "from": "b"}],
            "outputs": ["relu1", "relu2"]}  # fmt: skip
    taken = edges({"use": "pair", "from": ["x", "x"], "each": {"i": 2}, "id": "p"}, {"add": "p.*"},
                  {"add": ["p.1.0", "p.1.1"]}, blocks={"pair": pair})  # fmt: skip
    assert taken["add1"] == ["p.0.relu1", "p.0.relu2", "p.1.relu1", "p.1.relu2"]
    assert taken["add2"] == ["p.1.relu1", "p.1.relu2"]
    assert edges(inner, outputs=["f.*"])["outputs"] == ["f.0.relu1", "f.1.relu1"]


def test_an_instance_that_is_left_out_stands_for_its_input() -> None:
    layers = [{**CONV, "each": {"i": 3}, "when": "$i != 1", "id": "c"}, {"concat": "c.*"}]
    assert edges(*layers)["concat1"] == ["c.0", "x", "c.2"]


def test_of_a_layer_that_is_left_out_only_the_first_input_is_asked_for() -> None:
    layers = [
        {"conv": {"out": 4, "kernel": 1}, "id": "c"},
        {"add": ["c", "s.($index - 1)"], "when": "$index > 0"},
        {"relu": None, "id": "r"},
    ]
    taken = edges({"split": 2, "id": "s"}, {"seq": layers, "repeat": 2, "from": "s.0", "id": "q"})
    assert taken["q.0.r"] == "q.0.c"
    assert taken["q.1.add1"] == ["q.1.c", "s.0"]


def test_an_index_of_a_repeat_stands_in_addresses() -> None:
    """A top-down path: each step adds the lateral of the next finer level."""
    layers = [
        {"maxpool": {"kernel": "2**$i", "stride": "2**$i"}, "each": {"i": 3}, "id": "level"},
        {"seq": [{"upsample": 2}, {"add": ["prev", "level.(1 - $index)"], "id": "sum"}], "repeat": 2,
         "from": "level.2", "id": "down"},
    ]  # fmt: skip
    taken = edges(*layers)
    assert taken["down.0.sum"] == ["down.0.upsample1", "level.1"]
    assert taken["down.1.sum"] == ["down.1.upsample1", "level.0"]


def test_instances_repeat() -> None:
    taken = edges({**WORD, "each": {"i": 2}, "repeat": 2, "from": "x", "id": "c"}, {"add": "c.*"})
    assert taken == {
        "c.0.0": "x", "c.0.1": "c.0.0", "c.1.0": "x", "c.1.1": "c.1.0", "add1": ["c.0.1", "c.1.1"], "outputs": ["add1"],
    }  # fmt: skip


def test_inputs_of_a_block_are_numbered() -> None:
    block = {"layers": [{**CONV, "each": {"i": 2}, "from": "in.$i", "id": "c"}]}
    taken = edges({"use": "b", "from": ["x", "y"], "id": "b"}, blocks={"b": block})
    assert taken == {"b.c.0": "x", "b.c.1": "y", "outputs": ["b.c.0", "b.c.1"]}


def test_instances_share_weights() -> None:
    """A head over levels: one module, as RetinaNet has it."""
    head = {"shared": True, "layers": [WORD]}
    levels = {"maxpool": {"kernel": "2**$i", "stride": "2**$i"}, "each": {"i": 3}, "from": "x", "id": "level"}
    report = analyze(spec(levels, {"use": "head", "each": {"i": 3}, "from": "level.$i"}, blocks={"head": head}))
    assert report.totals["params"] == 8 * 8 + 8
    assert report.totals["macs"] == 64 * (16 * 16 + 8 * 8 + 4 * 4)
    tied = [
        {**WORD, "each": {"i": 2}, "from": "x", "id": "a"},
        {**WORD, "each": {"i": 2}, "tie": "a.$i", "from": "x", "id": "b"},
    ]
    assert analyze(spec(*tied)).totals["params"] == 2 * 72


def test_repeated_modules_of_families_are_counted_once() -> None:
    block = {"layers": [{"conv": {"out": "$in.c", "kernel": 1}, "each": {"i": 2}, "from": "in.$i", "id": "c"}]}
    report = analyze(spec({"use": "b", "from": ["x", "y"], "repeat": 1000, "id": "b"}, blocks={"b": block}))
    assert report.totals["params"] == 1000 * (72 + 272)
    (repeat,) = report.graph.body.items
    assert isinstance(repeat, Group)
    assert len(repeat.body.items) == 1


def test_instances_of_a_repeat_that_take_others_differ() -> None:
    """A call whose tie asks for the index is another call in each instance."""
    unit = {"layers": [WORD]}
    layers = [{"use": "unit", "repeat": 2, "id": "a"}, {"use": "unit", "repeat": 2, "id": "b", "tie": "a.$index"}]
    assert analyze(spec(*layers, blocks={"unit": unit})).totals["params"] == 2 * 72


@pytest.mark.parametrize("width", [16, 32])
def test_a_family_expands_to_the_same_figures(width: int) -> None:
    report = analyze("hrnet", vars={"width": width})
    again = analyze(load_text(dump_spec(unfold(report))))
    for name in ("params", "macs", "flops", "activations", "buffers"):
        assert report.totals[name] == again.totals[name], name


# timm 1.0.22's hrnet_w18, w30, w40, w44, w48 and w64: its parameters, and half of what torch.utils.flop_counter counts.
WIDTHS = {
    18: (21_299_004, 4_283_537_072), 30: (37_712_220, 8_105_781_680), 40: (57_557_160, 12_691_997_440),
    44: (67_064_984, 14_883_104_960), 48: (77_469_864, 17_277_996_032), 64: (128_059_944, 28_895_395_840),
}  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
def test_hrnets_of_other_widths(width: int) -> None:
    totals = analyze("hrnet", vars={"width": width}).totals
    assert (totals["params"], totals["macs"]) == WIDTHS[width]


FAMILY = {**CONV, "each": {"i": 3}, "id": "c"}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([{**CONV, "each": {"i": [1, 1]}}], "layers.0.each.i: `each` goes through 1 twice, which names the instance"),
        ([{**CONV, "each": {"i": []}}], "layers.0.each.i: `each` goes through a number of values or a list of them"),
        ([{**CONV, "each": {"i": 0}}], "`each` goes through a number of values or a list of them, got 0"),
        ([{**CONV, "each": {"i": "$n - 1"}}], "layers.0.each.i: `each` goes through no value"),
        ([{**CONV, "each": {"i": "$n / 2"}}], "`each` goes through a whole number of values or a list, got 1/2"),
        ([{**CONV, "each": {"i": "10**9"}}], "`each` goes through a number of values or a list of them, got '10**9'"),
        ([{**CONV, "each": {"i": 10**9}}], "`each` would write out 1000000000 instances, at most 10000 are"),
        ([{**CONV, "each": {"i": [1.5]}}], "layers.0.each.i: `$i`: there is nothing at 1.5"),
        ([{**CONV, "each": {"i": [-1]}}], "`$i`: there is nothing at -1"),
        ([{**CONV, "each": {"i": 1, "j": 2}}], "layers.0.each: `each` names one variable and its values"),
        ([{**CONV, "each": {"index": 2}}], "layers.0.each.index: `index` cannot be the name of a variable"),
        ([{**CONV, "each": 3}], "layers.0.each: `each` names one variable and its values, got 3"),
        ([FAMILY, {"relu": None, "from": "c"}], "layers.1.from: `c` stands for 3 instances side by side"),
        ([FAMILY, {"relu": None, "from": "c.7"}], "layers.1.from: `c.7`: no instance of the `each` is called `7`"),
        ([FAMILY, {"relu": None, "from": "c.$k"}], "unknown variable `$k`"),
        ([FAMILY, {"relu": None, "from": "c.(0 - 1)"}], "`c.(0 - 1)`: there is nothing at -1"),
        ([FAMILY, {"relu": None, "from": "c.(1"}], "layers.1.from: `c.(1`: a bracket is not closed"),
        ([FAMILY, {"relu": None, "from": "c.$"}], "layers.1.from: `c.$` is no address"),
        ([FAMILY, {"relu": None, "from": "c.$in.c"}], "`c.$in.c` cannot ask for `$in`"),
        ([FAMILY, {"relu": None, "from": "d.$n"}], "layers.1.from: no layer before this one is called `d.$n`"),
        ([FAMILY, {"add": "c.*x"}], "`c.*x`: `*` stands alone"),
        ([{"relu": None, "repeat": 10**9, "id": "r"}, {"add": "r.*"}], "`r.*` needs a number of instances of at most"),
        ([{"relu": None, "repeat": 0, "id": "r"}, {"add": "r.*"}], "`r` has no instances and no outputs"),
    ],
)  # fmt: skip
def test_what_is_refused(layers: list[Any], message: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        analyze(spec(*layers, vars={"n": 1}))
    assert message in str(caught.value)
    assert str(caught.value).startswith("<text>:1:")


def test_an_error_says_of_which_instance() -> None:
    with pytest.raises(ArchspecError) as caught:
        analyze(spec({"maxpool": {"kernel": "4 * 8**$i"}, "each": {"i": 3}}))
    assert "where `i` is 1, of the `each` at layers.0" in str(caught.value)
    with pytest.raises(SpecError):
        load_text("archspec: 1\nname: a\ninputs: {x: [4]}\nlayers: [{relu: , each: {i: }}]")
