"""What autograd keeps for the backward pass, against what PyTorch keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import analyze, load
from archspec.kinds import kinds
from archspec.kinds.strides import Operand, lies_as
from archspec.memory.measure import measure
from archspec.memory.program import program
from archspec.memory.settings import MemorySettings
from archspec.memory.storages import place
from figures import GOLDEN

NETWORKS = json.loads((GOLDEN / "torchvision.json").read_text("utf-8"))
NAMES = ("autograd-cpu", "autograd-cuda", "unfused-fp16")
TRAIN = MemorySettings(train=True)
SAVED = json.loads((GOLDEN / "saved.json").read_text("utf-8"))
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


def kept(spec: Any, **setting: Any) -> tuple[int, int, tuple[str, ...]]:
    """What is saved of a network, with and without its inputs, and what is not known."""
    memory = measure(analyze(spec, **setting), TRAIN)
    inputs = sum(part.value for part in memory.parts if part.name == "saved: network input")
    total = memory.totals["saved_for_backward_bytes"]
    return total, total - inputs, tuple(text for text in memory.warnings if text.startswith("autograd"))


@pytest.mark.parametrize("entry", SAVED["torchvision"], ids=lambda entry: f"{entry['name']}x{entry['batch']}")
def test_torchvision_beside(entry) -> None:
    spec, size = load(entry["name"]), entry["size"]
    setting = {"dims": {"H": size, "W": size}, "vars": {"aux": True} if entry["name"] == "googlenet" else {}}
    variant = entry["name"] if spec.name != entry["name"] else None
    found = kept(spec, variant=variant, batch=entry["batch"], **setting)
    assert found == (entry["total"], entry["without_input"], ())


@pytest.mark.parametrize("entry", SAVED["zoo"], ids=lambda entry: entry["spec"])
def test_zoo(entry) -> None:
    assert kept(entry["spec"], **entry["setting"]) == (entry["total"], entry["without_input"], ())


@pytest.mark.parametrize("section", ["layers", "chains"])
def test_layers_and_chains(tmp_path, section) -> None:
    file = tmp_path / "case.json"
    wrong = []
    for entry in SAVED[section]:
        file.write_text(json.dumps(entry["spec"]))
        if (found := kept(load(file), batch=entry["batch"])) != (entry["total"], entry["without_input"], ()):
            wrong.append((found, entry))
    assert not wrong


@pytest.mark.parametrize("section", ["layers", "chains"])
def test_how_tensors_lie(tmp_path, section) -> None:
    file = tmp_path / "case.json"
    wrong = []
    for entry in SAVED[section]:
        file.write_text(json.dumps(entry["spec"]))
        ran = program(analyze(load(file), batch=entry["batch"]).graph, training=True)
        place_of = place(ran, "float32").places[-1]
        shape = ran.values[-1].shape
        if not lies_as(Operand(shape, place_of.strides), tuple(entry["strides"])):
            wrong.append((place_of.strides, entry))
    assert not wrong


def test_every_kind_was_recorded() -> None:
    recorded = {kind for entry in SAVED["layers"] for layer in entry["spec"]["layers"] for kind in layer}
    # One has no inputs and nothing that is trained, the others stand only behind what their batch comes from.
    # A scan's kernel keeps what it likes, and so does whoever sends rows to experts; no rule says what.
    unknown = {
        "selective_scan",
        "ssd",
        "linear_scan",
        "gated_linear_attention",
        "gated_delta_rule",
        "dispatch",
        "combine",
    }
    assert {*kinds()} - recorded - unknown == {"constant", "window_merge", "unfold_batch"}


def test_conventions_differ_in_masks_and_sums() -> None:
    found = {name: measure(analyze("gpt2@gpt2"), MemorySettings(train=True, autograd=name)) for name in NAMES}
    masks = {
        name: sum(part.value for part in memory.parts if part.name == "saved: mask") for name, memory in found.items()
    }
    tokens, width, heads, layers = 1024, 768, 12, 12
    dropped = (2 * layers + 1) * tokens * width
    assert masks["autograd-cpu"] == 4 * dropped
    assert masks["autograd-cuda"] == dropped
    assert masks["unfused-fp16"] == dropped + layers * heads * tokens**2


def test_what_is_not_known_is_said(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("archspec: 1\nname: n\ninputs: {x: [5, 8]}\nlayers: [{gru: {hidden: 4, reset_after: false}}]\n")
    assert kept(load(file)) == (
        0,
        0,
        ("autograd-cpu does not know what is kept of gru: not counted in 1 layer, as gru1",),
    )


def test_a_file_of_ones_own(tmp_path, run) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("autograd: own\nlike: autograd-cpu\nrules: {relu: {keeps: []}}\n")
    printed = json.loads(run("memory", "lenet5", "--train", "--autograd", str(own), "--format", "json")[1])
    assert printed["totals"]["saved_for_backward_bytes"] > 0
    own.write_text("autograd: own\nrules: {relu: {keeps: [{other: in_nummel}]}}\n")
    code, _, said = run("memory", "lenet5", "--train", "--autograd", str(own))
    assert code == 2
    assert "own.yaml:2:" in said
    assert "in_numel" in said
    own.write_text("autograd: own\nrules: {relu: {keeps: [{input: 0, output: 0}]}}\n")
    assert "what is kept is one of" in run("memory", "lenet5", "--train", "--autograd", str(own))[2]
