"""Weights that stand in two places, modules that are called in several."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError
from archspec.language.load import load_text

SPEC = """\
archspec: 1
name: tied
inputs: {x: [4, 8, 8]}
layers:
"""


def totals(*layers: str) -> dict[str, int]:
    report = analyze(load_text(SPEC + "".join(f"  - {layer}\n" for layer in layers)))
    return dict(report.totals)


def test_buffers_of_a_module_called_twice_count_once() -> None:
    """torch: a BatchNorm2d(4) has two tensors of 4 and `num_batches_tracked`, however often it is called."""
    assert totals("{batchnorm: , id: bn}", "{batchnorm: , tie: bn}")["buffers"] == 9


def test_a_layer_that_only_takes_weights_keeps_its_own_buffers() -> None:
    found = totals("{batchnorm: , id: bn}", "{batchnorm: {eps: 0.1}, tie: bn}")
    assert (found["params"], found["buffers"]) == (8, 18)


def test_buffers_of_a_tied_group_count_once() -> None:
    found = totals("{seq: [batchnorm], id: group}", "{seq: [batchnorm], tie: group}")
    assert (found["params"], found["buffers"]) == (8, 9)


SHARED = {"act": {"shared": True, "layers": ["prelu"]}, "unit": {"layers": [{"linear": 4}, {"use": "act"}]}}


def network(*layers: Any, blocks: Any = SHARED, convention: str = "archspec") -> Any:
    document = {"archspec": 1, "name": "shared", "inputs": {"x": [4]}, "blocks": blocks, "layers": list(layers)}
    return analyze(load_text(json.dumps(document)), convention=convention)


def test_a_shared_block_is_one_module_across_blocks() -> None:
    """Three Linear(4, 4) of 20 parameters, one PReLU of 1."""
    assert network({"use": "unit"}, {"use": "unit"}, {"use": "unit"}).totals["params"] == 61
    assert network({"use": "unit", "repeat": 3}).totals["params"] == 61
    assert network({"use": "unit", "repeat": 1_000_000}).totals["params"] == 20_000_001
    plain = {**SHARED, "act": {"layers": ["prelu"]}}
    assert network({"use": "unit", "repeat": 3}, blocks=plain).totals["params"] == 63


def test_other_arguments_are_another_module() -> None:
    blocks = {"head": {"shared": True, "params": {"out": "int"}, "layers": [{"linear": "$out"}]}}
    calls = [{"use": "head", "with": {"out": out}} for out in (4, 5)]
    assert network(calls[0], calls[0], calls[1], blocks=blocks).totals["params"] == 20 + 25


def test_weights_that_do_not_fit_their_module_are_an_error() -> None:
    blocks = {"head": {"shared": True, "params": {"out": "int"}, "layers": [{"linear": "$out"}]}}
    calls = [{"use": "head", "with": {"out": 5}}] * 2
    with pytest.raises(ArchspecError, match=r"`weight` is \[5, 5\] here and \[5, 4\] there"):
        network(*calls, blocks=blocks)


@pytest.mark.parametrize(("repeat", "places"), [(1, 1), (3, 3), (7, 7)])
def test_ptflops_counts_a_call_once_for_each_place(repeat: int, places: int) -> None:
    """It adds up a module's calls wherever the module stands: n places and n calls make n * n times 4 operations."""
    blocks = {"act": {"shared": True, "layers": ["leaky_relu"]}, "unit": {"layers": [{"use": "act"}]}}
    layer = {"use": "unit", "repeat": repeat}
    assert network(layer, blocks=blocks, convention="ptflops").totals["columns"]["macs"] == places * repeat * 4


def test_torchstat_keeps_the_last_call_of_a_repeat_counted_as_one() -> None:
    layers = [{"relu": None, "id": "act"}, {"relu": None, "tie": "act", "repeat": 5}]
    report = network(*layers, blocks={}, convention="torchstat")
    alone = network({"relu": None}, blocks={}, convention="torchstat")
    assert report.totals["columns"]["flops"] == alone.totals["columns"]["flops"] > 0
    listed = {row.path: row.columns["flops"] for row in report.layers}
    assert [path for path, flops in listed.items() if flops] == ["relu1.4"]
