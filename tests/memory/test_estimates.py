"""Published estimates against what their own programs say (golden/estimates.json), and what cannot be read off."""

from __future__ import annotations

import json
from math import floor
from pathlib import Path

import pytest

from archspec.api import analyze, load
from archspec.errors import ArchspecError, SpecError, UsageError
from archspec.language.find import find
from archspec.memory.estimates.model import OF, Estimate
from archspec.memory.files import load as load_model
from archspec.memory.files import names
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "estimates.json").read_text())


def beside(net: str, batch: int = 1, **settings):
    spec, _, variant = net.partition("@")
    report = analyze(load(find(spec).file), variant=variant or None, batch=batch)
    found = measure(report, MemorySettings(train=True, **settings))
    return {(part.name, part.total): part.value for part in found.beside}, found


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['net']}-{case['settings']}")
def test_figures_are_those_of_the_programs(case) -> None:
    settings = {**case["settings"]}
    if settings.pop("checkpoint", False):
        settings["checkpoint"] = ("h.*",) if case["net"].startswith("gpt2") else ("layers.*",)
    found, _ = beside(case["net"], estimate=("all",), policy="mixed", **settings)
    for name in ("megatron", "cookbook"):
        for figure, value in zip(OF, case[name], strict=True):
            assert abs(found[name, figure] - value) <= 1 + value * 1e-12  # theirs are floating-point numbers
    for name in ("deepspeed-zero2", "deepspeed-zero3"):
        assert found[name, "model_states_bytes"] == case[name]
    assert found["accelerate", "training_total_bytes"] == case["accelerate"]["bfloat16"]


def test_accelerate_in_float32_is_four_times_the_weights() -> None:
    found, memory = beside("gpt2@gpt2", estimate=("accelerate",))
    assert found["accelerate", "training_total_bytes"] == 4 * memory.totals["weights_bytes"]
    assert found["archspec", "training_total_bytes"] == memory.totals["training_total_bytes"]


def test_a_network_without_layers_of_a_transformer() -> None:
    with pytest.raises(UsageError, match="megatron: `V`, words of the vocabulary, cannot be read off this network"):
        beside("resnet@resnet50", estimate=("megatron",))
    found, memory = beside("resnet@resnet50", estimate=("all",))
    assert {name for name, _ in found} == {"archspec", "deepspeed-zero2", "deepspeed-zero3", "accelerate"}
    assert any(text.startswith("cookbook: `V`") for text in memory.warnings)


def test_layers_that_differ_have_no_common_size(tmp_path) -> None:
    net = """archspec: 1
name: n
inputs: {x: {shape: [4], dtype: int64}}
layers:
  - {embedding: {vocab: 10, dim: 8}}
  - {use: transformer_encoder_layer, with: {heads: 2, hidden: 16}}
  - {use: transformer_encoder_layer, with: {heads: 4, hidden: 16}}
"""
    file = tmp_path / "net.yaml"
    file.write_text(net)
    with pytest.raises(
        UsageError, match="cookbook: `kv`, heads of keys and values, cannot be read off this network: 2 and 4"
    ):
        measure(analyze(load(file)), MemorySettings(train=True, estimate=("cookbook",)))


def test_an_estimate_of_ones_own(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    rule = (
        "{estimate: mine, version: 1, summary: s, source: me, terms: {}, figures: {model_states_bytes: {value: VALUE}}}"
    )
    file.write_text(rule.replace("VALUE", "P * 7 / 2"))
    found, _ = beside("gpt2@gpt2", estimate=(str(file),))
    assert found["mine", "model_states_bytes"] == floor(124_439_808 * 7 / 2)
    file.write_text(rule.replace("VALUE", "Q * 2"))
    with pytest.raises(SpecError, match="`model_states_bytes` names unknown `Q`"):
        beside("gpt2@gpt2", estimate=(str(file),))
    file.write_text(rule.replace("model_states_bytes: {value: VALUE}", "total: {value: P}"))
    with pytest.raises(SpecError, match=r"mine.yaml:1:\d+: figures.total: unknown figure `total`"):
        beside("gpt2@gpt2", estimate=(str(file),))
    for wrong in ("0 - P", "P == 3"):
        file.write_text(rule.replace("VALUE", wrong))
        with pytest.raises(UsageError, match=r"mine: model_states_bytes: .*, no number of bytes"):
            beside("gpt2@gpt2", estimate=(str(file),))
    file.write_text(rule.replace("VALUE", "P / (N - 1)"))
    with pytest.raises(ArchspecError, match="divides by zero"):
        beside("gpt2@gpt2", estimate=(str(file),))


def test_an_unknown_estimate_lists_what_there_is(run) -> None:
    code, _, said = run("memory", "gpt2", "--train", "--estimate", "megatorn")
    assert code == 2
    assert "no estimate is called 'megatorn'" in said
    assert "did you mean `megatron`?" in said
    assert run("memory", "gpt2", "--estimate", "megatron")[0] == 2


def test_every_figure_says_its_lines() -> None:
    for name in names("estimates"):
        estimate = load_model("estimates", name, Estimate, "estimate")
        assert estimate.estimate == name
        assert all(figure.source for figure in estimate.figures.values())
