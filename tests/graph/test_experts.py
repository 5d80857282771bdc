"""Mixtures of experts: what is counted once for each of them, and what for those that a token meets."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.errors import ArchspecError
from archspec.language.dump import dump_spec
from archspec.language.load import load_text
from archspec.memory.figures import total
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from archspec.studies.tensors import tensors
from archspec.studies.unroll import unfold

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "transformers.json").read_text())

SPEC = """\
archspec: 1
name: net
inputs: {{x: {x}}}
layers:
  - {layer}
"""


def totals(layer: str, x: str = "[10, 16]") -> Any:
    return archspec.analyze(load_text(SPEC.format(x=x, layer=layer), "net.yaml")).totals


def refused(layer: str, x: str = "[10, 16]") -> str:
    with pytest.raises(ArchspecError) as caught:
        totals(layer, x)
    return str(caught.value)


EXPERT = "{linear: {out: 32, act: relu}, id: w1}, {linear: 16, id: w2}"
ROUTER = "{linear: {out: 8, bias: false}, id: gate}, softmax"


@pytest.mark.parametrize("stacked", ["", ", stacked: true"])
@pytest.mark.parametrize("x", ["[10, 16]", "[2, 5, 16]", "[16]"])
def test_each_expert_has_weights_and_a_token_meets_some(stacked: str, x: str) -> None:
    layer = f"experts: {{count: 8, active: 2, router: [{ROUTER}], body: [{EXPERT}], shared: [linear: 16]{stacked}}}"
    mixture = totals(layer, x)
    expert, gate, shared = 16 * 32 + 32 + 32 * 16 + 16, 16 * 8, 16 * 16 + 16
    tokens = 1 if x == "[16]" else 10
    assert mixture.params == 8 * expert + gate + shared
    assert mixture.active_params == 2 * expert + gate + shared
    assert mixture.macs == tokens * (2 * 2 * 16 * 32 + gate + 16 * 16)
    assert mixture.weights_bytes == 4 * mixture.params


def test_one_expert_that_every_token_meets_is_its_layers() -> None:
    alone = totals(f"seq: [{EXPERT}]")
    mixture = totals(f"experts: {{count: 1, active: 1, body: [{EXPERT}]}}")
    assert (mixture.params, mixture.macs, mixture.flops) == (alone.params, alone.macs, alone.flops)


def test_experts_stand_in_blocks_and_repeats() -> None:
    inner = f"experts: {{count: 4, active: 3, body: [{EXPERT}]}}"
    once, often = totals(inner), totals(f"{{repeat: 5, {inner}}}")
    assert often.params == 5 * once.params
    assert often.active_params == 5 * once.active_params == 5 * once.params * 3 // 4
    nested = totals(f"experts: {{count: 3, active: 2, body: [{inner}]}}")
    assert nested.params == 3 * once.params
    assert nested.active_params == 2 * once.active_params
    assert nested.macs == 2 * once.macs


def test_copies_of_a_layer_by_itself() -> None:
    layer = totals("{linear: 16, copies: {count: 8, active: 2}}")
    assert (layer.params, layer.active_params, layer.macs) == (8 * 17 * 16, 2 * 17 * 16, 10 * 16 * 16)
    normed = totals("{linear: {out: 16, norm: layernorm}, copies: {count: 8, active: 2}}")
    assert normed.params == 8 * (17 * 16 + 32)


# Network, its entry in golden/transformers.json; layers with experts, experts, those met; widths of each.
PUBLISHED = [
    ("mixtral@8x7b", "mixtral-8x7b", 32, 8, 2, (4096, 14336)),
    ("qwen3_moe@30b-a3b", "qwen3-30b-a3b", 48, 128, 8, (2048, 768)),
    ("deepseek_v3", "deepseek-v3", 58, 256, 8, (7168, 2048)),
]


@pytest.mark.parametrize(("network", "entry", "depth", "count", "met", "widths"), PUBLISHED)
def test_parameters_are_those_of_transformers(
    network: str, entry: str, depth: int, count: int, met: int, widths: tuple[int, int]
) -> None:
    params = GOLDEN[entry]["params"]
    totals = archspec.analyze(network).totals
    assert totals.params == params
    assert totals.active_params == params - depth * (count - met) * 3 * prod(widths)  # gate, up and down of an expert
    # torch's counter sees the rows of each expert that is a module, and no grouped product.
    # Attention counts where values and keys differ in size: it leaves the fused operator, which has no rule, then.
    counted = GOLDEN[entry]["flops"]["128"]
    counted = counted["total"] if entry == "deepseek-v3" else counted["by_operator"]["aten.mm"]
    flops = archspec.analyze(network, dims={"T": 128}, convention="torch").totals["columns"]["flops"]
    assert flops == counted + 2 * 128 * depth * met * 3 * prod(widths)


STACKED = "experts: {{count: 4, active: 2, body: [{{linear: 16, id: up}}]{stacked}}}"


def test_torch_counts_no_grouped_product() -> None:
    flops = [
        archspec.analyze(load_text(SPEC.format(x="[10, 16]", layer=STACKED.format(stacked=stacked)), "net.yaml"),
                         convention="torch").totals["columns"]["flops"]
        for stacked in ("", ", stacked: true")
    ]  # fmt: skip
    assert flops == [2 * 10 * 2 * 16 * 16, 0]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("", [f"mlp.experts.{number}.up.{weight}" for number in range(4) for weight in ("weight", "bias")]),
        (
            ", names: e_*",
            [f"mlp.experts.e_{number}.up.{weight}" for number in range(4) for weight in ("weight", "bias")],
        ),
        (
            ", first: 3, step: 2",
            [f"mlp.experts.{number}.up.{weight}" for number in (3, 5, 7, 9) for weight in ("weight", "bias")],
        ),
        (", stacked: true", ["mlp.experts.up", "mlp.experts.up_bias"]),
    ],
)
def test_tensors_are_named_as_modules_of_pytorch_are(more: str, names: list[str]) -> None:
    layer = "{id: mlp, " + STACKED.format(stacked=more) + "}"
    report = archspec.analyze(load_text(SPEC.format(x="[10, 16]", layer=layer), "net.yaml"))
    listed = tensors(report.graph)
    assert [tensor.name for tensor in listed] == names
    assert sum(prod(tensor.shape) for tensor in listed) == report.totals.params  # type: ignore[arg-type]
    again = load_text(dump_spec(unfold(report)), "again.yaml")
    assert [tensor[:2] for tensor in tensors(archspec.analyze(again).graph)] == [tensor[:2] for tensor in listed]
    assert archspec.analyze(again).totals == report.totals


@pytest.mark.parametrize("stacked", ["", ", stacked: true"])
@pytest.mark.parametrize(("tokens", "read"), [(10, 4), (1, 2)])
def test_a_layer_reads_the_experts_that_its_rows_can_meet(stacked: str, tokens: int, read: int) -> None:
    layer = STACKED.format(stacked=stacked)
    report = archspec.analyze(load_text(SPEC.format(x=f"[{tokens}, 16]", layer=layer), "net.yaml"))
    rows = tokens * 16 + 2 * (2 * tokens * 16)  # sent to the experts, into them, into the sum
    assert total(report, "read_bytes") == 4 * (rows + read * 17 * 16)
    training = measure(report, MemorySettings(train=True)).totals
    assert training["weights_bytes"] == training["gradients_bytes"] == 4 * 4 * 17 * 16


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("experts: {count: 2, active: 3, body: [relu]}", "`active` is 3 of 2 experts"),
        ("experts: {count: 0, active: 1, body: [relu]}", "must be a whole number of at least 1, got 0"),
        ("experts: {count: 2, body: [relu]}", "active"),
        ("experts: {count: 2, active: 1, router: [linear: 3], body: [relu]}", "not a score for each of the 2 experts"),
        ("{relu: , copies: {count: 2, active: 1, first: -1}}", "must be a whole number of at least 0, got -1"),
        ("{relu: , copies: {count: 2, active: 1, step: $in.last - 16}}", "`step` must be at least 1, got 0"),
        ("{relu: , copies: {count: 2, active: 1, names: x}}", "must be a word with `*` for the number"),
    ],
)
def test_what_is_refused(layer: str, message: str) -> None:
    assert message in refused(layer)
