"""What a training step keeps beside the activations, against PyTorch's optimizers and published figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archspec.api import analyze, load
from archspec.errors import UsageError
from archspec.kinds.dtypes import DTYPES
from archspec.language.find import find
from archspec.memory.files import table
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from archspec.memory.training.optimizers import OptimizerTable, optimizer
from archspec.memory.training.parameters import Parameter, parameters
from archspec.memory.training.policies import PolicyTable, policy
from archspec.memory.training.rank import Shares, held

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "optimizers.json").read_text())
GPT2 = 124_439_808  # its parameters, the tied head once

NET = """archspec: 1
name: net
inputs: {x: {shape: [6], dtype: int64}}
layers:
  - {embedding: {vocab: 11, dim: 8}, id: embed}
  - {linear: 8, id: a, freeze: true}
  - {seq: [{linear: 8, id: b}, relu], repeat: 3, id: blocks}
  - {linear: {out: 8, bias: false}, id: again, tie: a}
  - {linear: {out: 11, bias: false}, id: head, tie: embed}
"""


def memory(tmp_path, text: str = NET, dtype: str = "float32", **settings):
    file = tmp_path / "net.yaml"
    file.write_text(text)
    return measure(analyze(load(file), dtype=dtype), MemorySettings(train=True, **settings))


def totals(name: str, **settings):
    spec, _, variant = name.partition("@")
    report = analyze(load(find(spec).file), variant=variant)
    return measure(report, MemorySettings(train=True, **settings)).totals


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['optimizer']}-{case['shape']}-{case['dtype']}")
def test_the_state_is_what_pytorch_keeps(case) -> None:
    parameter = Parameter("p", "weight", tuple(case["shape"]), 1, True, True)
    chosen = optimizer(case["optimizer"])
    size = DTYPES[case["dtype"]]
    kept = {name: size * tensor.of(parameter.facts) for name, tensor in chosen.state.items()}
    kept = {name: bytes_ for name, bytes_ in kept.items() if bytes_}
    assert kept == {name: size for name, size in case["bytes"].items() if name not in chosen.host}
    assert "step" not in case["bytes"] or "step" in chosen.host


def test_muon_leaves_what_is_no_hidden_matrix_to_adamw(tmp_path) -> None:
    # Hidden matrices that are trained: b, three times 8 x 8. The rest: embedding 11 x 8 with the head, biases of b.
    assert memory(tmp_path, optimizer="muon").totals["optimizer_bytes"] == 4 * (3 * 64 + 2 * (88 + 3 * 8))


def test_8_bit_adam_keeps_small_tensors_whole() -> None:
    # bitsandbytes: below 4096 elements float32; above a byte, and a float32 for each 256; two code books of 256.
    small = Parameter("p", "bias", (4095,), 2, True, True)
    large = Parameter("p", "weight", (4097,), 1, True, True)
    chosen = policy("mixed", "float32")
    parts = held([small, large], [], chosen, "adam8bit", optimizer("adam8bit"), Shares())
    found = sum(part.value for part in parts if part.name.startswith("adam8bit"))
    assert found == 2 * (2 * 4095 * 4) + 2 * (4097 + 17 * 4) + 2 * 256 * 4


def test_lion_keeps_one_average() -> None:
    assert totals("gpt2@gpt2", optimizer="lion")["optimizer_bytes"] == 4 * GPT2


def test_what_is_frozen_has_no_gradient_and_no_state(tmp_path) -> None:
    found = memory(tmp_path, optimizer="momentum").totals
    trained = 11 * 8 + 3 * (64 + 8)  # without a; `again` shares a's weight, head the embedding's
    assert found["weights_bytes"] == 4 * (trained + 64 + 8)
    assert found["gradients_bytes"] == found["optimizer_bytes"] == 4 * trained


@pytest.mark.parametrize(
    ("policy", "parameter", "gradient", "state"),
    [("fp32", 4, 4, 8), ("amp", 4, 4, 8), ("mixed", 2, 2, 12), ("mixed-grad32", 2, 4, 12), ("bf16", 2, 2, 4)],
)
def test_bytes_of_a_parameter(policy, parameter, gradient, state) -> None:
    """16 of mixed precision with Adam (arXiv 1910.02054, section 3.1), 18 with gradients in float32 (Megatron-LM)."""
    found = totals("gpt2@gpt2", policy=policy, optimizer="adam")
    each = [found[name] / GPT2 for name in ("weights_bytes", "gradients_bytes", "optimizer_bytes")]
    assert each == [parameter, gradient, state]


def test_autocast_copies_what_is_multiplied_once(tmp_path) -> None:
    # a, b three times, the head's matrix, which the embedding owns; `again` multiplies with a's matrix, copied there.
    assert memory(tmp_path, policy="amp").totals["weight_copies_bytes"] == 2 * (64 + 3 * 64 + 88)


def test_parameters_add_up_to_those_of_the_report() -> None:
    for name in ("gpt2@gpt2", "swin@swin_t", "lstm_text", "maxvit", "resnet@resnet50"):
        spec, _, variant = name.partition("@")
        report = analyze(load(find(spec).file), variant=variant or None)
        found = parameters(report.graph)
        assert sum(each.times * each.numel for each in found) == report.totals["params"]
        assert sum(each.times * each.numel for each in found if each.trained) == report.totals["params_trainable"]


def test_the_total_adds_up_its_parts(tmp_path) -> None:
    found = memory(tmp_path, policy="mixed")
    known = ["weights_bytes", "buffers_bytes", "gradients_bytes", "optimizer_bytes", "saved_for_backward_bytes"]
    assert found.totals["training_total_bytes"] == sum(found.totals.get(name, 0) for name in known)
    for name in known:
        assert found.totals.get(name, 0) == sum(part.value for part in found.parts if part.total == name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adma"}, "no optimizer is called 'adma'"),
        ({"policy": "amq"}, "no policy is called 'amq'"),
        ({"policy": "fp32", "dtype": "float16"}, "--dtype float16 is none that the policy fp32 has"),
        ({"dtype": "int8"}, "gradients are floating-point numbers, --dtype says int8"),
    ],
)
def test_what_is_refused(tmp_path, settings, message) -> None:
    with pytest.raises(UsageError, match=message):
        memory(tmp_path, **settings)


def test_options_of_training_go_with_train(run) -> None:
    code, _, said = run("memory", "gpt2", "--policy", "amp")
    assert code == 2
    assert "--policy is of training" in said
    assert "add --train" in said


def test_names_of_training_are_held_against_what_there_is(run) -> None:
    code, _, said = run("memory", "lenet5", "--autograd", "nope")
    assert (code, "--autograd is of training" in said) == (2, True)
    code, _, said = run("memory", "lenet5", "--train", "--optimizer", "")
    assert (code, "no optimizer is called ''" in said) == (2, True)


def test_every_rule_has_a_source() -> None:
    assert all(each.source for each in table("optimizers", OptimizerTable).optimizers.values())
    assert all(each.source for each in table("policies", PolicyTable).policies.values())
