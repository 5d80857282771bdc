"""What one of several devices keeps: published tables, and sums by hand."""

from __future__ import annotations

import pytest

from archspec.api import analyze, load
from archspec.errors import UsageError
from archspec.language.find import find
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from archspec.memory.training.pipeline import pipeline

LARGE = """archspec: 1
name: large
inputs: {x: [1000]}
layers:
  - {parameter: [7500, 1000000], id: p}
"""
STATES = ("weights_bytes", "gradients_bytes", "optimizer_bytes")


def measured(tmp_path, text: str = LARGE, batch: int = 1, **settings):
    file = tmp_path / "net.yaml"
    file.write_text(text)
    return measure(analyze(load(file), batch=batch), MemorySettings(train=True, **settings))


def gpt2(**settings):
    report = analyze(load(find("gpt2").file), variant="gpt2")
    return measure(report, MemorySettings(train=True, policy="mixed", **settings)).totals


@pytest.mark.parametrize(("zero", "gigabytes"), [(None, "120.0"), (1, "31.4"), (2, "16.6"), (3, "1.9")])
def test_zero_as_published(tmp_path, zero, gigabytes) -> None:
    """7.5 B parameters on 64 GPUs: arXiv 1910.02054, figure 1."""
    found = measured(tmp_path, policy="mixed", optimizer="adam", devices=64, zero=zero).totals
    assert f"{sum(found[name] for name in STATES) / 1e9:.1f}" == gigabytes


def test_shares_are_rounded_up(tmp_path) -> None:
    # 3 x 7 + 5 = 26 scalars on 4 devices: 7 in a row; of each tensor 6 and 2.
    text = (
        "archspec: 1\nname: n\ninputs: {x: [7]}\nlayers:\n  - {linear: 3, id: a}\n  - {linear: {out: 1, bias: false}}\n"
    )
    assert measured(tmp_path, text, optimizer="momentum", devices=4, zero=2).totals["optimizer_bytes"] == 4 * 7
    found = measured(tmp_path, text, optimizer="momentum", devices=4, zero=3).totals
    assert found["weights_bytes"] == found["optimizer_bytes"] == 4 * (6 + 1 + 1)


def test_matrices_are_cut_by_columns_then_by_rows() -> None:
    # qkv and fc by their outputs, with their biases; out and proj by their inputs, biases whole; wte along the words.
    layer = (2304 * 768 + 2304) // 4 + 768 * 768 // 4 + 768 + (3072 * 768 + 3072) // 4 + 3072 * 768 // 4 + 768 + 4 * 768
    rank = 12 * layer + 12565 * 768 + 1024 * 768 + 2 * 768
    assert gpt2(tensor=4)["weights_bytes"] == 2 * rank
    assert gpt2(tensor=4, devices=8, zero=1)["weights_bytes"] == 2 * rank


def test_stages_have_their_layers_and_copies_of_what_they_share() -> None:
    layer = 7_087_872
    first = 4 * layer + (50257 + 1024) * 768  # of three stages; the last one has a copy of the head's matrix
    assert gpt2(pipeline=3)["weights_bytes"] == 2 * first
    whole, one = gpt2(pipeline=3), gpt2(pipeline=3, accumulate=1)
    assert whole["saved_for_backward_bytes"] == 3 * one["saved_for_backward_bytes"]
    assert whole["saved_for_backward_bytes"] == 3 * gpt2(pipeline=3, accumulate=2)["saved_for_backward_bytes"] // 2
    # Narayanan et al. 2021: 1 + (p - 1) / (p v) times as much with v stretches of layers.
    interleaved = gpt2(pipeline=3, interleave=4)["saved_for_backward_bytes"]
    assert abs(interleaved / whole["saved_for_backward_bytes"] - (1 + 2 / 12)) < 1e-6


def test_stages_take_turns_where_each_has_several_stretches() -> None:
    report = analyze(load(find("gpt2").file), variant="gpt2")
    found = pipeline(report.graph, 3, 2)
    assert [found.stage_of[f"h.{block}.fc"] for block in range(12)] == [0, 0, 1, 1, 2, 2] * 2
    assert (found.stage_of["wte"], found.stage_of["dropout1"], found.stage_of["lm_head"]) == (0, 0, 2)
    # Megatron-LM's warm-up: 2 (p - k - 1) + (v - 1) p micro-batches of a stretch, and the one that runs.
    assert [found.under_way(stage, None) * 2 for stage in range(3)] == [2 * 2 + 3 + 1, 2 + 3 + 1, 3 + 1]
    assert [pipeline(report.graph, 3, 1).under_way(stage, 2) for stage in range(3)] == [2, 2, 1]


def test_with_sequence_parallelism_all_is_cut_but_what_is_looked_up() -> None:
    tokens, inside = 1024 * 8, gpt2()["saved_for_backward_bytes"]
    assert gpt2(tensor=4, sequence=True)["saved_for_backward_bytes"] == tokens + (inside - tokens) // 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"zero": 3}, "--zero 3 shares over devices"),
        ({"sequence": True}, "--sequence goes with --tensor"),
        ({"interleave": 2}, "--interleave goes with --pipeline"),
        ({"expert": 2}, "--expert shares experts"),
        ({"devices": 6, "tensor": 4}, "--devices 6 is no multiple of 4 of --tensor x 1 of --pipeline"),
        ({"tensor": 5}, "--tensor 5 does not divide the 2304 output features of h.0.attn.qkv"),
        ({"tensor": 8}, "--tensor 8 does not divide the 12 heads of h.0.attn.scaled_dot_product_attention1"),
        ({"pipeline": 5}, "5 stages do not divide the 12 of h"),
        ({"pipeline": 4, "interleave": 2}, "4 stages of 2 stretches do not divide the 12 of h"),
    ],
)
def test_devices_that_do_not_divide(settings, message) -> None:
    with pytest.raises(UsageError, match=message):
        gpt2(**settings)


@pytest.mark.parametrize(("variant", "heads"), [("swin_t", 3), ("swin_b", None)])
def test_heads_of_attention_that_is_written_out(variant, heads) -> None:
    report = analyze(load(find("swin").file), variant=variant)
    settings = MemorySettings(train=True, tensor=2)
    if heads:
        with pytest.raises(UsageError, match=f"--tensor 2 does not divide the {heads} heads of stage1"):
            measure(report, settings)
    else:
        assert "3 linear layers are whole on each device, as merging1.reduction" in measure(report, settings).warnings


def test_a_network_that_cannot_be_cut(tmp_path) -> None:
    with pytest.raises(UsageError, match="--tensor 2: nothing in this network can be cut"):
        measured(tmp_path, tensor=2)
    with pytest.raises(UsageError, match="--pipeline 2: the network repeats no block"):
        measured(tmp_path, pipeline=2)


@pytest.mark.parametrize("option", ["--devices", "--tensor", "--pipeline", "--accumulate", "--zero", "--interleave"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5"])
def test_counts_are_at_least_one(run, option, value) -> None:
    code, _, said = run("memory", "gpt2", "--train", option, value)
    assert code == 2
    assert option in said
