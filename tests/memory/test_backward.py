"""Operations of the backward pass, against what PyTorch's own counter says of networks without groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archspec.api import analyze, load
from archspec.language.find import find
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "backward.json").read_text())
STEM = "conv: {out: $width, kernel: 7, stride: 2, padding: 3, act: relu}"
# What of the zoo's files is to be frozen, by the reference's name for it.
FROZEN = {
    "conv1": (STEM, f"{STEM}\n    freeze: true"),
    "bn1": ("", ""),  # a part of the layer before
    "layer1": ("id: layer1", "id: layer1, freeze: true"),
    "layer2": ("id: layer2", "id: layer2, freeze: true"),
    "features": ("id: features\n", "id: features\n    freeze: true\n"),
    "classifier": ("id: classifier\n", "id: classifier\n    freeze: true\n"),
}
RECURRENT = """archspec: 1
name: recurrent
inputs: {x: %s}
layers:
  - {%s, id: embed, freeze: %s}
  - {%s: {hidden: 48, layers: %d, bidirectional: %s}, id: layer}
  - linear: 10
"""


def flops(spec, **setting) -> dict[str, int]:
    totals = measure(analyze(load(spec), **setting), MemorySettings(train=True)).totals
    return {"forward": totals["step_flops"] - totals["backward_flops"], "backward": totals["backward_flops"]}


def measured(case) -> dict[str, int]:
    return {key: case[key] for key in ("forward", "backward")}


@pytest.mark.parametrize("case", GOLDEN["networks"], ids=lambda case: "-".join(map(str, case.values())))
def test_a_step_takes_the_operations_that_pytorch_counts(case, tmp_path) -> None:
    name = case["name"]
    place = find(name)
    text = Path(place.file).read_text()
    for part in case["frozen"]:
        before, after = FROZEN[part]
        assert before in text
        text = text.replace(before, after, 1)
    file = tmp_path / "net.yaml"
    file.write_text(text)
    setting = {"vars": {"aux": True}} if name in ("googlenet", "inception_v3") else {}
    assert flops(file, batch=case["batch"], variant=place.variant, **setting) == measured(case)


@pytest.mark.parametrize("case", GOLDEN["recurrent"], ids=lambda case: "-".join(map(str, case.values())))
def test_a_recurrent_layer_needs_no_gradient_of_its_first_state(case, tmp_path) -> None:
    file = tmp_path / "recurrent.yaml"
    given, embed = "[7, 32]", "linear: 32"
    if case["embedded"]:
        given, embed = "{shape: [7], dtype: int64}", "embedding: {vocab: 1000, dim: 32}"
    frozen, bidirectional = (str(case[key]).lower() for key in ("frozen", "bidirectional"))
    file.write_text(RECURRENT % (given, embed, frozen, case["kind"], case["num_layers"], bidirectional))
    assert flops(file, batch=3) == measured(case)


def gradients(tmp_path, inputs: str, layers: str) -> dict[str, tuple[int, int]]:
    file = tmp_path / "net.yaml"
    file.write_text(f"archspec: 1\nname: net\ninputs: {{{inputs}}}\nlayers:\n{layers}\n")
    memory = measure(analyze(load(file), batch=2), MemorySettings(train=True))
    return {
        layer["path"]: (layer.get("grad_input_flops", 0), layer.get("grad_weight_flops", 0)) for layer in memory.layers
    }


def test_each_operand_of_a_product_has_a_gradient_of_its_own(tmp_path) -> None:
    # The inputs themselves need none: a is the output of a layer that learns, b an input.
    layers = """  - {linear: 5, from: x, id: a}
  - {matmul: , from: [a, b], id: one}
  - {linear: 6, from: b, id: c}
  - {matmul: , from: [a, c], id: both}
  - {einsum: "ij,jk->ik", from: [a, b], id: letters}
  - {einsum: "ij,ij->ij", from: [a, a], id: alike}
  - {einsum: "ij,kl->ijkl", from: [a, b], id: outer}
  - {global_sum: , from: both, id: end}
"""
    layers = layers.replace("  - {global_sum: , from: both, id: end}\n", "outputs: [one, both, letters, alike, outer]")
    found = gradients(tmp_path, "x: [3, 4], b: [5, 6]", layers)
    assert found["a"] == (0, 2 * 2 * 3 * 4 * 5)
    assert found["one"] == (2 * 2 * 3 * 5 * 6, 0)
    assert found["both"] == (2 * 2 * 2 * 3 * 5 * 6, 0)
    assert found["letters"] == (2 * 2 * 3 * 5 * 6, 0)
    assert found["alike"] == (0, 0)
    assert found["outer"] == (2 * 2 * 3 * 5 * 5 * 6, 0)


def test_attention_has_the_gradients_that_are_needed(tmp_path) -> None:
    # 2 heads, 3 queries, 5 keys of size 4, values of size 6, which the scores' gradient sums over.
    pairs = 2 * 2 * 2 * 3 * 5
    whole = {"q": 4 + 6, "k": 4 + 6, "v": 6}
    for name, expected in {**whole, "": 4 + 4 + 6 + 6}.items():
        inputs = "q: [2, 3, 4], k: [2, 5, 4], v: [2, 5, 6]"
        learned = [each for each in "qkv" if name in ("", each)]
        layers = "".join(f"  - {{linear: {6 if each == 'v' else 4}, from: {each}, id: {each}1}}\n" for each in learned)
        taken = ", ".join(f"{each}1" if each in learned else each for each in "qkv")
        layers += f"  - {{scaled_dot_product_attention: , from: [{taken}], id: attention}}"
        assert gradients(tmp_path, inputs, layers)["attention"] == (pairs * expected, 0)


def test_nothing_upstream_of_all_that_learns_has_a_gradient_and_nothing_that_serves_no_result(tmp_path) -> None:
    layers = """  - {linear: 5, id: a, freeze: true}
  - {linear: 5, id: b}
  - {linear: 5, id: c, freeze: true}
  - {linear: 5, id: unused}
outputs: [c]"""
    found = gradients(tmp_path, "x: [4]", layers)
    assert found == {"a": (0, 0), "b": (0, 2 * 2 * 5 * 5), "c": (2 * 2 * 5 * 5, 0), "unused": (0, 0)}


def test_the_last_step_of_an_epoch_may_be_smaller() -> None:
    def totals(batch: int, **asked) -> dict[str, int]:
        return dict(measure(analyze(load("lenet5"), batch=batch), MemorySettings(train=True, **asked)).totals)

    epoch = totals(32, samples=100)["epoch_flops"]
    assert epoch == 3 * totals(32)["step_flops"] + totals(4)["step_flops"]
    assert "epoch_flops" not in totals(32)


def step(text: str, tmp_path, **asked):
    file = tmp_path / "net.yaml"
    file.write_text(f"archspec: 1\nname: net\ninputs: {{x: [12, 24]}}\nlayers:\n{text}")
    return measure(analyze(load(file), batch=2), MemorySettings(train=True, **asked)).totals


def test_adapters_take_what_they_take_written_out(tmp_path) -> None:
    # Beside each of two linear layers a path of 24 -> 4 -> 40 and 40 -> 4 -> 24; all else is frozen.
    plain = "  - {linear: 40, id: up}\n  - {gelu: , id: act}\n  - {linear: 24, id: down}\n"
    written_out = """  - {linear: 40, id: up, freeze: true}
  - {linear: {out: 4, bias: false}, from: x, id: up_a}
  - {linear: {out: 40, bias: false}, id: up_b}
  - {add: [up, up_b], id: up_sum}
  - {gelu: , id: act}
  - {linear: 24, id: down, freeze: true}
  - {linear: {out: 4, bias: false}, from: act, id: down_a}
  - {linear: {out: 24, bias: false}, id: down_b}
  - {add: [down, down_b]}
"""
    adapted, expected = step(plain, tmp_path, lora="r=4,targets=up,down"), step(written_out, tmp_path)
    for name in ("backward_flops", "step_flops", "gradients_bytes", "optimizer_bytes", "weights_bytes"):
        assert adapted[name] == expected[name]


def test_blocks_that_run_again_are_run_forward_once_more_and_micro_batches_each(tmp_path) -> None:
    text = """  - {seq: [{linear: 24, id: l}], id: frozen, freeze: true}
  - {seq: [{linear: 32, id: l}, {gelu: , id: g}, {linear: 24, id: m}], id: a}
  - {seq: [{linear: 16, id: l}], id: b}
"""
    usual, again = step(text, tmp_path), step(text, tmp_path, checkpoint=("frozen", "a"), accumulate=3)
    # Nothing learns in the frozen block or before it, so it is not run again.
    more = 2 * (2 * 12) * (24 * 32 + 32 * 24)
    assert again["backward_flops"] == usual["backward_flops"]
    assert again["step_flops"] == 3 * (usual["step_flops"] + more)
    assert step(text, tmp_path, samples=7)["epoch_flops"] == 7 * usual["step_flops"] // 2


def test_a_trained_bias_beside_a_frozen_matrix_is_no_product(tmp_path) -> None:
    layers = """  - {embedding: {vocab: 10, dim: 4}, id: table, freeze: true}
  - {linear: 4, id: between}
  - {linear: 10, tie: table, id: head}"""
    found = gradients(tmp_path, "x: {shape: [3], dtype: int64}", layers)
    product = 2 * 2 * 3 * 4
    assert found == {"table": (0, 0), "between": (0, product * 4), "head": (product * 10, 0)}
