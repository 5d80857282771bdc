"""The onnx-tool convention against what it said of layers and networks (tests/golden/make_onnx_tool.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.conventions.loader import convention
from archspec.studies.compare import compare
from figures import GOLDEN
from single import counted

DATA: dict[str, Any] = json.loads((GOLDEN / "onnx_tool.json").read_text("utf-8"))
ONNX = convention("onnx-tool")
NO_CLASS = ("celu", "mish", "selu")
POOLS = ("maxpool", "avgpool", "lppool")
# Figures that the convention does not reach, by a word for the reason.
REASONS = {
    "axis": "of a window of three axes the first alone counts, and no fact says its size",
    "ceil": "its own shape inference keeps a last window that starts beyond the input",
    "dims": "it divides by the first of several normalised axes, and no fact says its size",
    "gather": "torch exports a size that does not divide the input's as lookups of each window",
    "mask": "torch exports the masks of shifted windows as operators: Sub, Equal, Not, Where and ScatterND",
}
# Parameters that the tool counts beside the network's: the axes of the last mean, and what a network stores.
CONSTANTS = {"alexnet": 0, "vgg11_bn": 0, "vit_b_32": -767, "swin_t": -4798}


def excepted(case: dict[str, Any]) -> str:
    kind, args, shape = case["kind"], case["args"], case["inputs"][0]
    if kind in POOLS and len(shape) == 4:
        return "axis"
    if kind in POOLS and args.get("ceil"):
        return "ceil"
    if kind == "layernorm" and args.get("dims", 1) > 1:
        return "dims"
    if kind in ("adaptive_avgpool", "adaptive_maxpool"):
        output = args["output"] if isinstance(args["output"], list) else [args["output"]] * len(shape[1:])
        sizes = zip(shape[1:], output, strict=True)
        return "gather" if any(old % (new or old) for old, new in sizes) else ""
    return ""


def with_figures(reason: bool) -> list[dict[str, Any]]:
    return [case for case in DATA["layers"] if "macs" in case and bool(excepted(case)) == reason]


@pytest.mark.parametrize("case", with_figures(False), ids=lambda it: f"{it['kind']}-{it['args']}-{it['inputs']}")
def test_macs_are_onnx_tools(case: dict[str, Any], tmp_path: Path) -> None:
    tally = counted("onnx-tool", case, tmp_path)
    assert tally.columns["macs"] == case["macs"], case["operators"]
    assert not tally.unknown


def test_exceptions_are_needed(tmp_path: Path) -> None:
    """Some figure of each kind of exception differs."""
    different = {
        excepted(case)
        for case in with_figures(True)
        if counted("onnx-tool", case, tmp_path).columns["macs"] != case["macs"]
    }
    assert different == set(REASONS) - {"mask"}


def test_what_stops_the_tool_has_no_rule() -> None:
    stopped = {case["kind"] for case in DATA["layers"] if "has no value_infer" in case.get("error", "")}
    assert stopped == set(NO_CLASS)
    assert all(ONNX.rule(kind) is None and kind not in ONNX.free for kind in stopped)


def test_every_rule_has_a_case() -> None:
    assert set(ONNX.kinds()) <= {case["kind"] for case in with_figures(False)}


@pytest.mark.parametrize("name", DATA["networks"])
def test_networks_have_its_figures(name: str) -> None:
    (tally,) = compare(analyze(name, dims={"H": 224, "W": 224}), ["onnx-tool"])
    golden = DATA["networks"][name]
    if name == "swin_t":
        assert tally.columns["macs"] == golden["macs"] - 605_052, REASONS["mask"]
    else:
        assert tally.columns["macs"] == golden["macs"]
    assert tally.columns["params"] - golden["params"] == -CONSTANTS.get(name, 2)
