"""What autograd keeps for the backward pass, against what PyTorch keeps."""

from __future__ import annotations

import json

import pytest

from archspec.api import analyze, load
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from figures import GOLDEN

NETWORKS = json.loads((GOLDEN / "torchvision.json").read_text("utf-8"))
TRAIN = MemorySettings(train=True)
RECORDED = {name: entry for name, entry in NETWORKS.items() if "total_bytes" in entry["saved_for_backward_train"]}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_torchvision(name: str) -> None:
    spec = load(name)
    size = RECORDED[name]["input"][-1]
    heads = {"aux": True} if name == "googlenet" else {}  # its auxiliary classifiers were measured with it
    report = analyze(spec, variant=name if spec.name != name else None, dims={"H": size, "W": size}, vars=heads)
    memory = measure(report, TRAIN)
    wanted = RECORDED[name]["saved_for_backward_train"]
    assert memory.totals["saved_for_backward_bytes"] == wanted["total_bytes"]
    image = next(part.value for part in memory.parts if part.name == "saved: network input")
    assert wanted["total_bytes"] - image == wanted["without_input_bytes"]
    assert sum(layer.get("saved_bytes", 0) for layer in memory.layers) == memory.totals["saved_for_backward_bytes"]


def test_figures_of_training_are_asked_for(run) -> None:
    assert "saved_for_backward_bytes" not in json.loads(run("memory", "resnet50", "--format", "json")[1])["totals"]
    printed = json.loads(run("memory", "resnet50", "--train", "--format", "json")[1])
    parts = [part for part in printed["parts"] if part["total"] == "saved_for_backward_bytes"]
    assert sum(part["value"] for part in parts) == printed["totals"]["saved_for_backward_bytes"] == 86_121_984
    assert {part["name"]: part["value"] for part in parts}["saved: network input"] == 4 * 3 * 224 * 224


def test_an_unknown_convention_is_an_error(run) -> None:
    code, _, said = run("memory", "resnet50", "--train", "--autograd", "autograd-cp")
    assert code == 2
    assert "autograd-cpu" in said
