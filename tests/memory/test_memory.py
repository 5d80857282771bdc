"""Memory of an evaluation: small networks by hand, and what the command prints."""

from __future__ import annotations

import json

from archspec.api import analyze, load
from archspec.memory.measure import measure

CHAIN = """archspec: 1
name: chain
inputs: {x: [2, 4, 4]}
layers:
  - {conv: {out: 8, kernel: 3, padding: 1, bias: false}, id: a}
  - {relu: , id: b}
  - {conv: {out: 4, kernel: 1, bias: false}, from: a, id: c}
  - {add: [c, c], id: d}
"""


def totals(text: str, tmp_path, **setting):
    file = tmp_path / "net.yaml"
    file.write_text(text)
    return measure(analyze(load(file), **setting)).totals


def test_a_tensor_lives_until_it_is_needed_no_more(tmp_path) -> None:
    # x 32, a 128, b 128, c 64, d 64 elements. At b: a (still needed by c) and b; at c: a and c; at d: c and d.
    found = totals(CHAIN, tmp_path)
    assert found["inference_peak_bytes"] == 4 * (128 + 128)
    assert found["all_tensors_bytes"] == 4 * (32 + 128 + 128 + 64 + 64)
    assert found["largest_layer_bytes"] == 4 * (128 + 128)
    assert found["weights_bytes"] == 4 * (2 * 8 * 9 + 8 * 4)


def test_what_overwrites_its_input_takes_no_memory_of_its_own(tmp_path) -> None:
    found = totals(CHAIN.replace("relu: ,", "relu: {inplace: true},"), tmp_path, dtype="bfloat16", batch=3)
    assert found["inference_peak_bytes"] == 3 * 2 * (128 + 64)
    assert found["all_tensors_bytes"] == 3 * 2 * (32 + 128 + 64 + 64)


def test_figures_that_were_not_asked_for_are_absent(run) -> None:
    printed = json.loads(run("memory", "resnet50", "--format", "json")[1])
    assert printed["schema"] == "archspec.memory/1"
    assert printed["totals"]["weights_bytes"] == 4 * 25_557_032
    assert "saved_for_backward_bytes" not in printed["totals"]
