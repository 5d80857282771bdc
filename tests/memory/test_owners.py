"""Weights that groups share in order: what is frozen, read and counted does not hang on names of layers."""

from __future__ import annotations

import pytest

from archspec.api import analyze, load
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

NET = """archspec: 1
name: net
inputs: {x: [8]}
layers:
  - {linear: 8, id: first}
  - OWNER
  - TIED
"""
OWNERS = {
    "a group": "{seq: [{linear: 8, id: y}, relu], id: a, freeze: true}",
    "a layer": "{linear: 8, id: a, freeze: true}",
    "a group of groups": "{seq: [{seq: [{linear: 8, id: y}], id: inner}, relu], id: a, freeze: true}",
}


def totals(tmp_path, owner: str, tied: str, **asked) -> dict[str, int]:
    file = tmp_path / "net.yaml"
    file.write_text(NET.replace("OWNER", owner).replace("TIED", tied))
    return dict(measure(analyze(load(file)), MemorySettings(train=True, **asked)).totals)


@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS)
@pytest.mark.parametrize("tied", ["y", "z"])
def test_what_is_shared_with_something_frozen_is_frozen(tmp_path, owner: str, tied: str) -> None:
    found = totals(tmp_path, owner, f"{{seq: [{{linear: 8, id: {tied}}}], id: b, tie: a}}")
    assert found["gradients_bytes"] == 4 * (8 * 8 + 8)
    # Of the first layer its weights' gradient, of the two frozen ones that of their inputs: 2 x 8 x 8 each.
    assert found["backward_flops"] == 3 * 2 * 8 * 8
    # A frozen linear layer keeps no input of its own; what is left is the network's input and a relu's output.
    assert found["saved_for_backward_bytes"] == 4 * 8 * (2 if "relu" in owner else 1)


def test_stages_have_copies_of_what_others_own(tmp_path) -> None:
    repeated = "{seq: [{linear: 8, id: y}], id: a, repeat: 4}"
    one = totals(tmp_path, repeated, "{linear: 8, id: b}", pipeline=2)
    other = totals(tmp_path, repeated, "{seq: [{linear: 8, id: z}], id: b, tie: a.0}", pipeline=2)
    assert one["weights_bytes"] == other["weights_bytes"]
