"""Weights that stand in two places, modules that are called in several."""

from __future__ import annotations

from archspec.api import analyze
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
