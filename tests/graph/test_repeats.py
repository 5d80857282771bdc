"""Repeats: inputs that stay, instances that fold though they ask for their number, ties of one repeat to another."""

from __future__ import annotations

from typing import Any

import archspec
from archspec.language.load import load_text
from archspec.memory.figures import total
from archspec.studies.tensors import tensors

DECODER = """\
archspec: 1
name: net
inputs: {x: [10, 16], m: [7, 16]}
blocks:
  decoder:
    inputs: [x, memory]
    layers:
      - {use: cross_attention, with: {heads: 2}, from: [x, memory]}
      - {linear: 16}
layers:
"""
PLAIN = "archspec: 1\nname: net\ninputs: {x: [10, 16]}\nlayers:\n"


def report(text: str) -> Any:
    return archspec.analyze(load_text(text, "net.yaml"))


def test_inputs_that_no_output_follows_are_the_same_for_each_instance() -> None:
    folded = report(DECODER + "  - {use: decoder, repeat: 3, from: [x, m], id: layers}\n")
    by_hand = report(
        DECODER
        + "  - {use: decoder, from: [x, m], id: a}\n"
        + "  - {use: decoder, from: [a, m], id: b}\n"
        + "  - {use: decoder, from: [b, m], id: c}\n"
    )
    assert folded.totals == by_hand.totals
    assert [row.repeat for row in folded.rows() if row.path == "layers.0"] == [3]
    for metric in ("inference_peak_bytes", "saved_for_backward_bytes", "all_tensors_bytes"):
        assert total(folded, metric) == total(by_hand, metric)


def test_a_layer_may_be_repeated_on_an_input_that_stays() -> None:
    text = PLAIN + "  - {linear: 16, id: gate}\n  - {mul: [x, gate], repeat: 3, id: powers}\n"
    assert report(text).totals.flops == report(PLAIN + "  - {linear: 16}\n").totals.flops + 3 * 160


def test_instances_fold_where_what_they_ask_their_number_is_alike() -> None:
    text = PLAIN + (
        "  - id: layers\n    repeat: 61\n    seq:\n"
        "      - {linear: {out: 16, bias: $index > 58}}\n"
        "      - {linear: 32, when: $index < 3}\n"
        "      - {linear: 16, when: $index < 3}\n"
    )
    runs = [(row.path, row.repeat) for row in report(text).rows() if row.path.count(".") == 1]
    assert runs == [("layers.0", 3), ("layers.3", 56), ("layers.59", 2)]
    assert report(text).totals.params == 61 * 256 + 2 * 16 + 3 * (16 * 32 + 32 + 32 * 16 + 16)


def test_the_number_of_a_repeat_inside_is_its_own() -> None:
    inner = "      - {repeat: 2, seq: [{linear: {out: 16, bias: $index == 1}}]}\n"
    text = PLAIN + "  - id: layers\n    repeat: 5\n    seq:\n" + inner
    assert [row.repeat for row in report(text).rows() if row.path == "layers.0"] == [5]
    assert report(text).totals.params == 5 * (2 * 256 + 16)


def test_what_an_instance_asks_of_a_shape_is_not_foreseen() -> None:
    text = PLAIN + (
        "  - id: layers\n    repeat: 4\n    seq:\n"
        "      - {linear: 8}\n"
        "      - {linear: 16, when: $in.last == 8 and $index < 2}\n"
        "      - {linear: 16, when: $in.last == 8}\n"
    )
    assert report(text).totals.params == 4 * (16 * 8 + 8 + 8 * 16 + 16)


def test_each_instance_is_tied_to_that_of_its_number() -> None:
    text = PLAIN + (
        "  - {seq: [linear: 16], repeat: 3, id: a}\n"
        "  - {seq: [linear: 16], repeat: 3, id: b, tie: a}\n"
        "  - {seq: [linear: 16], repeat: 2, id: c, tie: a.1}\n"
    )
    net = report(text)
    assert net.totals.params == 3 * 17 * 16
    tied = {tensor.name: tensor.tied_to for tensor in tensors(net.graph) if tensor.name.endswith("weight")}
    assert {name: owner for name, owner in tied.items() if owner} == {
        **{f"b.{number}.linear1.weight": f"a.{number}.linear1.weight" for number in range(3)},
        **{f"c.{number}.linear1.weight": "a.1.linear1.weight" for number in range(2)},
    }
