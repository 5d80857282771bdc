"""What is saved of a step with adapters and with checkpoints, against PyTorch (golden/training.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archspec.api import analyze, load
from archspec.errors import UsageError
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "training.json").read_text())
NET = """archspec: 1
name: small
inputs: {tokens: {shape: [16], dtype: int64}}
blocks:
  block:
    layers:
      - residual:
          - {layernorm: , id: ln_1}
          - {use: attention, with: {heads: 4, causal: true}, id: attn}
      - residual:
          - {layernorm: , id: ln_2}
          - {linear: {out: 96, act: gelu}, id: fc}
          - {linear: 32, id: proj}
layers:
  - {embedding: {vocab: 64, dim: 32}, id: embed}
  - {use: block, repeat: 3, id: blocks}
  - {layernorm: , id: ln_f}
  - {linear: {out: 64, bias: false}, id: head}
"""
SAVED = "saved_for_backward_bytes"


def totals(tmp_path, batch: int = 2, **settings):
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    return measure(analyze(load(file), batch=batch), MemorySettings(train=True, **settings)).totals


def test_all_that_is_kept(tmp_path) -> None:
    assert totals(tmp_path)[SAVED] == GOLDEN["whole"]


def test_all_that_is_kept_in_bfloat16(tmp_path) -> None:
    assert totals(tmp_path, policy="bf16")[SAVED] == GOLDEN["bf16"]


def test_under_autocast_two_dtypes_are_kept(tmp_path) -> None:
    found = totals(tmp_path, policy="amp")
    assert found[SAVED] + found["weight_copies_bytes"] == GOLDEN["autocast"]


@pytest.mark.parametrize("adapters", ["r=4,targets=q,v", "r=8,targets=fc", "r=2,targets=q,k,v,out,fc,proj"])
def test_adapters_are_all_that_is_trained(tmp_path, adapters) -> None:
    found = totals(tmp_path, lora=adapters, optimizer="adam")
    assert found[SAVED] == GOLDEN[adapters]
    trained = GOLDEN[f"trained by {adapters}"]
    assert (found["gradients_bytes"], found["optimizer_bytes"]) == (4 * trained, 8 * trained)
    assert found["weights_bytes"] == totals(tmp_path)["weights_bytes"] + 4 * trained


def test_a_checkpointed_block_keeps_its_input(tmp_path) -> None:
    found, whole = totals(tmp_path, checkpoint=("blocks.*",)), totals(tmp_path)
    assert found[SAVED] == GOLDEN["checkpoint"]
    # What is not kept is what the three blocks keep again, one at a time; each has its input anyway.
    assert whole[SAVED] - found[SAVED] == 3 * found["recomputed_bytes"]
    known = ["weights_bytes", "buffers_bytes", "gradients_bytes", "optimizer_bytes", SAVED, "recomputed_bytes"]
    assert found["training_total_bytes"] == sum(found[name] for name in known)


def test_a_pattern_takes_the_outermost_block_and_no_repeat(tmp_path) -> None:
    assert totals(tmp_path, checkpoint=("blocks*",)) == totals(tmp_path, checkpoint=("blocks.*",))


def test_adapters_are_cut_as_their_layers_are(tmp_path) -> None:
    # q by its outputs: of A nothing is cut, of B the outputs. proj by its inputs: of A the inputs, of B nothing.
    for target, whole, cut in (("q", 4 * 32 + 32 * 4, 4 * 32 + 16 * 4), ("proj", 4 * 96 + 32 * 4, 4 * 48 + 32 * 4)):
        adapters = f"r=4,targets={target}"
        assert totals(tmp_path, lora=adapters)["gradients_bytes"] == 4 * 3 * whole
        assert totals(tmp_path, lora=adapters, tensor=2)["gradients_bytes"] == 4 * 3 * cut


def test_of_fp8_the_inputs_of_matrices_have_a_byte(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("archspec: 1\nname: n\ninputs: {x: [16]}\nlayers: [linear: {out: 64, act: gelu}, linear: 8]\n")
    # Kept are the input, 16 values, and gelu's output, 64, a byte each; gelu's input, 64, two bytes.
    report = analyze(load(file), batch=4)
    found = measure(report, MemorySettings(train=True, policy="fp8")).totals
    assert found[SAVED] == 4 * (16 + 64 + 2 * 64)
    assert found["weight_copies_bytes"] == 16 * 64 + 64 * 8


def test_a_name_with_a_dot_is_no_part_of_a_block(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    layers = "[{seq: [{linear: 8, id: x}, relu], id: a}, {linear: 8, id: a.b}, tanh]"
    file.write_text(f"archspec: 1\nname: n\ninputs: {{x: [8]}}\nlayers: {layers}\n")
    found = measure(analyze(load(file)), MemorySettings(train=True, checkpoint=("a",))).totals
    assert found[SAVED] == 4 * (8 + 8 + 8)  # the block's input; that of a.b, which the block puts out; tanh's output


def test_one_layer_runs_again_by_itself(tmp_path) -> None:
    # The feed-forward's gelu and the layer behind it: what the second keeps, the first's output, is worked out again.
    whole, found = totals(tmp_path), totals(tmp_path, checkpoint=("blocks.*.fc_act",))
    assert whole[SAVED] == found[SAVED]
    assert found["recomputed_bytes"] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"checkpoint": ("layer*",)}, "--checkpoint `layer.` matches no block and no layer"),
        ({"lora": "r=4,targets=query"}, "--lora target `query` matches no layer"),
        ({"lora": "r=4,targets=ln_1"}, "--lora target `ln_1` is a layernorm"),
        ({"lora": "r=0,targets=q"}, "--lora needs a rank of at least 1 and at most 9 digits, got '0'"),
        ({"lora": "r=4,targets=embed"}, "--lora target `embed` is an embedding"),
        ({"lora": "r=1.5,targets=q"}, "got '1.5'"),
        ({"lora": "r=4,r=5,targets=q"}, "--lora names `r` twice"),
        ({"lora": "r=4"}, "--lora names no targets"),
        ({"lora": "r=4,targets=q,"}, "--lora names no targets"),
        ({"lora": "targets=q"}, "--lora needs a rank"),
        ({"lora": "q"}, "--lora takes r=RANK,targets=NAME"),
        ({"lora": "r=4,alpha=2,targets=q"}, "--lora has no 'alpha'"),
    ],
)
def test_what_is_refused(tmp_path, settings, message) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        totals(tmp_path, **settings)
    if "layer" in message:
        known = "q, k, v, out, fc, proj, head" if "lora" in settings else "blocks.0, blocks.0.attn, blocks.1"
        assert known in (caught.value.hint or "")


def test_operations_are_those_of_the_step_that_is_asked_for(tmp_path) -> None:
    whole = totals(tmp_path)
    thin, again = totals(tmp_path, lora="r=1,targets=q"), totals(tmp_path, checkpoint=("blocks.*",))
    assert thin["backward_flops"] < whole["backward_flops"] == again["backward_flops"]
    assert again["step_flops"] > whole["step_flops"]
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    for settings in ({"lora": "r=1,targets=q"}, {"checkpoint": ("blocks.*",)}):
        assert measure(analyze(load(file)), MemorySettings(train=True, **settings)).warnings == ()


def test_weights_in_a_format_are_frozen(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"--weights in training: blocks\.0\.attn\.k is trained"):
        totals(tmp_path, weights="q8_0")
    found = totals(tmp_path, weights="default=float16,blocks.*.attn.q.weight=q8_0", lora="r=4,targets=q")
    stored = totals(tmp_path, lora="r=4,targets=q")["weights_bytes"] - 4 * 3 * 2 * 4 * 32
    quantised = 3 * 32 * 32
    assert found["weights_bytes"] == (stored - 4 * quantised) // 2 + quantised // 32 * 34 + 4 * 3 * 2 * 4 * 32
