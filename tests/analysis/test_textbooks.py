"""The two textbook conventions against their texts, PyTorch's counter and operations counted one by one."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.conventions.loader import convention
from archspec.kinds import kinds
from archspec.kinds.base import infer
from operations import LAYERS
from tallied import numbers, tally

CASES: list[dict[str, Any]] = [
    case
    for case in json.loads((Path(__file__).parents[1] / "golden" / "layers.json").read_text())
    if "error" not in case and case["kind"] in ("conv", "conv_transpose", "linear", "batchnorm")
]
RESIDUAL = """\
archspec: 1
name: down_1
inputs: {image: [1, 256, 256]}
defaults: {conv: {out: 32, kernel: 3, padding: 1, norm: batchnorm}}
layers:
  - conv: {act: {leaky_relu: {slope: 0.2}}}
  - residual: [conv: {act: {leaky_relu: {slope: 0.2}}}, conv: {act: {leaky_relu: {slope: 0.2}}}, conv: {}]
  - conv: {act: {leaky_relu: {slope: 0.2}}}
"""


def count(name: str, kind: str, args: dict[str, Any], *inputs: tuple[int, ...]) -> dict[str, int]:
    traits = infer(kinds()[kind].model_validate(args), inputs)
    return convention(name).count(kind, traits.facts)


@pytest.mark.parametrize("name", ["textbook-bn4", "textbook-bn2"])
def test_params_are_pytorchs(name: str) -> None:
    for case in CASES:
        if convention(name).rule(case["kind"]):
            counted = count(name, case["kind"], case["args"], *((2, *shape) for shape in case["inputs"]))
            assert counted["params"] == sum(map(prod, case["params"].values())), case


def test_bn4_counts_contractions_as_pytorch_does() -> None:
    for case in CASES:
        if case["kind"] in ("conv", "linear"):
            counted = count("textbook-bn4", case["kind"], case["args"], *((2, *shape) for shape in case["inputs"]))
            assert counted["flops"] == case["flops"], case


def test_bn4_is_the_notes_table() -> None:
    # The note's example: nn.Conv2d(3, 16, kernel_size=3, padding=1) on [3, 32, 32].
    conv = count("textbook-bn4", "conv", {"out": 16, "kernel": 3, "padding": 1}, (1, 3, 32, 32))
    assert conv == {"flops": 884_736, "params": 448}
    assert count("textbook-bn4", "linear", {"out": 10}, (1, 84)) == {"flops": 1680, "params": 850}
    assert count("textbook-bn4", "batchnorm", {}, (2, 16, 32, 32)) == {"flops": 131_072, "params": 32}
    assert count("textbook-bn4", "maxpool", {"kernel": 2}, (1, 16, 32, 32)) == {"flops": 4096, "params": 0}
    for kind, each in {"relu": 1, "sigmoid": 5, "tanh": 5}.items():
        assert count("textbook-bn4", kind, {}, (1, 7)) == {"flops": 7 * each, "params": 0}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2])
def test_bn2_counts_every_addition_of_a_convolution(bias: bool, groups: int) -> None:
    args = {"out": 4, "kernel": 3, "stride": 2, "padding": 1, "groups": groups, "bias": bias}
    tally.clear()
    output = LAYERS["conv"](numbers(1, 2, 5, 6), **args)
    # The tallied sum starts at zero, the article's with the first product.
    assert count("textbook-bn2", "conv", args, (1, 2, 5, 6))["flops"] == tally.total() - output.size


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_bn2_counts_a_transposed_convolution_likewise(bias: bool, groups: int, stride: int) -> None:
    args = {"out": 4, "kernel": 3, "stride": stride, "groups": groups, "bias": bias}
    tally.clear()
    output = LAYERS["conv_transpose"](numbers(1, 2, 5, 6), **args)
    assert count("textbook-bn2", "conv_transpose", args, (1, 2, 5, 6))["flops"] == tally.total() - output.size


def test_bn2_on_fusionnets_first_transposed_convolution() -> None:
    # nn.ConvTranspose2d(512, 256, kernel_size=3, stride=2, padding=1, output_padding=1) on [512, 16, 16], by hand:
    # (16 - 1) * 2 - 2 * 1 + 3 + 1 = 32; 3 * 3 * 512 * 256 = 1,179,648, and 256; 512 * 16 * 16 * 256 * 9 = 301,989,888.
    args = {"out": 256, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}
    assert infer(kinds()["conv_transpose"].model_validate(args), ((1, 512, 16, 16),)).outputs == ((1, 256, 32, 32),)
    counted = count("textbook-bn2", "conv_transpose", args, (1, 512, 16, 16))
    assert counted == {"flops": 603_979_776, "params": 1_179_904}
    assert count("textbook-bn2", "conv_transpose", {**args, "bias": False}, (1, 512, 16, 16)) == {
        "flops": 603_979_776 - 256 * 32 * 32,
        "params": 1_179_648,
    }


@pytest.mark.parametrize(
    ("kind", "args"),
    [("avgpool", {"kernel": 2}), ("global_avgpool", {}), ("adaptive_avgpool", {"output": 3}), ("relu", {})],
)
def test_bn2_counts_the_operations_of_pools_and_relu(kind: str, args: dict[str, Any]) -> None:
    tally.clear()
    LAYERS[kind](numbers(1, 2, 5, 4), **args)
    assert count("textbook-bn2", kind, args, (1, 2, 5, 4)) == {"flops": tally.total(), "params": 0}


def test_bn2_has_the_articles_params_of_fusionnets_first_block(tmp_path: Path) -> None:
    (tmp_path / "down_1.yaml").write_text(RESIDUAL)
    report = analyze(tmp_path / "down_1.yaml", convention="textbook-bn2")
    assert report.totals["columns"]["params"] == report.totals["params"] == 37_632
    assert report.unknown == {"leaky_relu": 4, "add": 1}
