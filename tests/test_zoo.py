"""The zoo against figures from outside: whole networks, layer by layer, and the figures each spec itself cites.

A golden network is tested as soon as a spec or a variant of its name is in the zoo.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archspec.analysis.report import Report, Row
from archspec.api import analyze, load
from archspec.language.find import find, variant_names, zoo
from archspec.policy.expect import compare, figure
from archspec.text.shipped import shipped

GOLDEN = Path(__file__).parent / "golden"
# Written as modules by some networks and as functions by others; the memory of torchsummary depends on which.
OPERATIONS = {
    "add", "mul", "matmul", "scaled_dot_product_attention", "parameter", "identity",
    "concat", "split", "slice", "select", "flatten", "reshape", "permute", "squeeze", "unsqueeze",
    "multihead_attention",  # a module, but no leaf: it has a child, whose weights it reads without calling it
}  # fmt: skip
OPERATION_CLASSES = {"Flatten", "Permute", "Identity", "SwapAxes", "WindowPartition", "WindowDepartition"}
FILES = list(shipped("specs").values())
SETTINGS = [
    f"{file}@{variant}" if variant else str(file)
    for file in FILES
    for variant in variant_names(file.read_text("utf-8")) or [""]
]


def golden(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{file}.json").read_text("utf-8"))
    return found


FUSIONNET = golden("fusionnet")
NETWORKS = golden("networks")
TORCHVISION = {name: figures for name, figures in golden("torchvision").items() if name in zoo()}
MEASURED = {**TORCHVISION, **FUSIONNET}
# Vars of networks that were measured with more than their published weights hold: here the auxiliary heads.
MEASURED_VARS = {"googlenet": {"aux": True}}
# name -> (input shape, [(class, output shape, parameters)]) with every leaf module in call order
LEAVES = {
    **{
        name: (leaves[0][2][0], [(leaf[1], leaf[3], leaf[4]) for leaf in leaves])
        for name, leaves in golden("torchvision_leaves").items()
        if name in zoo()
    },
    **{
        name: (one["input"], [(leaf[1], leaf[3], leaf[4]) for leaf in one["leaves"]]) for name, one in FUSIONNET.items()
    },
    **{name: (one["input"], one["leaves"]) for name, one in NETWORKS.items()},
}


def report(name: str, size: int | None = None, **options: Any) -> Report:
    """A network of the zoo, its images ``size`` wide and high."""
    return analyze(name, dims=None if size is None else {"H": size, "W": size}, **options)


def measured_report(name: str) -> Report:
    """A network as its golden figures were measured."""
    return report(name, MEASURED[name]["input"][-1], vars=MEASURED_VARS.get(name))


def calls(network: Report) -> Iterator[Row]:
    """The modules a forward pass in eval mode calls, in order: no functions, nothing that runs in training only."""
    for row in network.rows(full=True):
        operation = row.kind in OPERATIONS or row.group
        if not operation and row.item.node.call == "module" and "train only" not in row.note:
            yield row


def plain_name(name: str) -> str:
    """A kind or PyTorch's class without the differences of spelling; a global pool is an adaptive one to size 1."""
    return (
        name.removesuffix("1d")
        .removesuffix("2d")
        .removesuffix("3d")
        .lower()
        .replace("_", "")
        .replace("global", "adaptive")
    )


@pytest.mark.parametrize("name", MEASURED)
def test_totals(name: str) -> None:
    measured = MEASURED[name]
    network = measured_report(name)
    totals = network.totals
    assert totals.params == totals.params_trainable == measured["params"]
    assert totals.buffers == measured["buffers"]
    # torch's counter does not see the fused attention of a CPU, be it called by itself or by a MultiheadAttention.
    unseen = 0
    for row in network.rows(full=True):
        if row.kind == "scaled_dot_product_attention":
            unseen += row.macs
        elif row.kind == "multihead_attention":
            _, tokens, size = row.output
            unseen += 2 * tokens * tokens * size
    assert 2 * (totals.macs - unseen) == measured["torch_flop_counter"]["flops"]


@pytest.mark.parametrize("name", NETWORKS)
def test_totals_of_networks(name: str) -> None:
    totals = report(name).totals
    assert totals.params == NETWORKS[name]["params"]
    assert 2 * totals.macs == NETWORKS[name]["flops"]


@pytest.mark.parametrize("name", TORCHVISION)
def test_published(name: str) -> None:
    published = TORCHVISION[name]["published"]
    totals = report(name, published["eval_size"]).totals
    assert totals.params == published["params"]
    assert compare(f"{published['gmacs']:.3f}G", totals.macs)


@pytest.mark.parametrize("name", LEAVES)
def test_layers(name: str) -> None:
    """Every module has its class, output shape and parameters, in the order of the calls."""
    shape, leaves = LEAVES[name]
    network = report(name, shape[-1] if name in TORCHVISION else None)
    assert [list(value.shape) for value in network.graph.inputs.values()] == [shape]
    assert [(plain_name(row.kind), list(row.output), row.params) for row in calls(network)] == [
        (plain_name(leaf), out, params) for leaf, out, params in leaves if leaf not in OPERATION_CLASSES
    ]


@pytest.mark.parametrize("name", MEASURED)
def test_memory_of_torchinfo(name: str) -> None:
    measured = MEASURED[name]
    memory, torchinfo = measured_report(name).totals.memory["torchinfo"], measured["torchinfo"]
    assert memory["input_bytes"] == torchinfo["input_bytes"]
    assert memory["forward_backward_bytes"] == torchinfo["output_bytes"]
    assert memory["params_bytes"] == torchinfo["param_bytes"]


@pytest.mark.parametrize("name", [name for name in MEASURED if "error" not in MEASURED[name]["torchsummary"]])
def test_memory_of_torchsummary(name: str) -> None:
    measured = MEASURED[name]
    network, torchsummary = measured_report(name), measured["torchsummary"]
    memory = network.totals.memory["torchsummary"]
    for key, printed in (
        ("input_bytes", "Input size (MB)"),
        ("forward_backward_bytes", "Forward/backward pass size (MB)"),
        ("params_bytes", "Params size (MB)"),
        ("total_bytes", "Estimated Total Size (MB)"),
    ):
        assert compare(f"{torchsummary[printed]:.2f}MiB", memory[key]), key


@pytest.mark.parametrize("name", SETTINGS, ids=lambda name: Path(name).name)
def test_expectations(name: str) -> None:
    """The figures a spec cites for a variant are reached."""
    expected = load(find(name).file).expect.get(find(name).variant or "", {})
    reached = {key: figure(report(name), key) for key in expected}
    assert {key: value for key, value in expected.items() if not compare(value, reached[key])} == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_spec_cites_figures_and_their_source(file: Path) -> None:
    spec = load(file)
    assert spec.summary
    assert spec.source
    assert any("params" in figures for figures in spec.expect.values())


@pytest.mark.parametrize("name", SETTINGS, ids=lambda name: Path(name).name)
def test_batch(name: str) -> None:
    """Eight samples take eight times the work of one and the same weights; what is there once is worked out once."""
    one, batch = report(name).totals, report(name, batch=8)
    for key in ("params", "params_trainable", "buffers"):
        assert batch.totals[key] == one[key]
    alone = [row for row in batch.rows(full=True) if not row.group and row.flops and row.output[0] == 1]
    assert name.rpartition("@")[2].startswith("swin_v2") or Path(name).stem == "wav2vec2_conformer" or not alone
    for key in ("macs", "flops", "activations"):
        assert batch.totals[key] == 8 * one[key] - 7 * sum(getattr(row, key) for row in alone)


@pytest.mark.parametrize("name", [name for name in MEASURED if not name.startswith("vit")])
def test_image_size(name: str) -> None:
    """Another image size changes no weight (except where positions are embedded), and no output of a classifier."""
    size = 448 if name.startswith("maxvit") else 320  # its windows of 7 by 7 have to fill every map
    usual, larger = report(name, MEASURED[name]["input"][-1]), report(name, size)
    assert larger.totals.params == usual.totals.params
    assert larger.totals.buffers == usual.totals.buffers
    assert larger.totals.macs > usual.totals.macs
    if not name.startswith("swin_v2"):  # its position biases are worked out once for all samples
        assert report(name, size, batch=8).totals.macs == 8 * larger.totals.macs
    if name in TORCHVISION:
        assert larger.graph.outputs == usual.graph.outputs


@pytest.mark.parametrize("name", ["unet", *FUSIONNET])
def test_fully_convolutional(name: str) -> None:
    """Four times the area is four times the work: no layer of these looks at the whole map."""
    assert report(name, 512).totals.macs == 4 * report(name, 256).totals.macs


def test_first_stage_of_fusionnet() -> None:
    """By hand: a convolution and its normalisation, 1*32*9+32+64, and four more, 32*32*9+32+64 each."""
    rows = {row.path: row for row in report("fusionnet_in1_out1").rows()}
    assert rows["down_1"].params == 37_632
