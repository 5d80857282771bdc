"""Dtypes of inputs and outputs: what each kind takes, and what comes out, is what PyTorch answered (dtypes.json)."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ArchspecError, ShapeError
from archspec.kinds import kinds
from archspec.kinds.dtypes import DTYPES, FLOATS, promoted
from archspec.language.load import load_text

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "golden" / "dtypes.json").read_text("utf-8"))


def out_dtype(kind: str, inputs: list[str]) -> str | None:
    dtypes = tuple("" if dtype == "float32" else dtype for dtype in inputs)
    rule = kinds()[kind].dtypes
    try:
        rule.check(kind, dtypes)
    except ShapeError:
        return None
    return rule.output(dtypes) or "float32"


def name_of(case: dict[str, Any]) -> str:
    return "-".join([case["args"].get("mode", case["kind"]), *case["inputs"]])


# Answers of the kernel that happens to run: an average pooling inside, and modes that have none for uint8.
ACCIDENTS = {"lrn-int64", "linear-uint8", "trilinear-uint8"}
# A float16 beside float32 weights is refused there; here the weights have whatever dtype the analysis has.
INPUTS = [
    case
    for case in CASES
    if "float16" not in case["inputs"]
    and (case["kind"], case["inputs"][0]) != ("where", "uint8")  # deprecated there
    and not (name_of(case) in ACCIDENTS and case["kind"] in ("lrn", "upsample"))
]


@pytest.mark.parametrize("case", INPUTS, ids=name_of)
def test_what_is_taken_and_what_comes_out_is_pytorchs(case: dict[str, Any]) -> None:
    assert out_dtype(case["kind"], case["inputs"]) == case["output"]


def test_every_kind_with_an_input_was_asked() -> None:
    made_up = {"parameter", "constant", "relative_position_bias"}  # they take the batch size alone from it
    scans = {
        "selective_scan",
        "ssd",
        "linear_scan",
        "gated_linear_attention",
        "gated_delta_rule",
    }  # their kernels are of floating point
    assert {case["kind"] for case in CASES} == set(kinds()) - made_up - scans
    for kind in made_up:
        assert kinds()[kind].dtypes.takes >= {*DTYPES}


def test_a_result_of_several_has_pytorchs_dtype() -> None:
    for case in CASES:
        if case["kind"] == "add":
            assert promoted(tuple(case["inputs"])) == case["output"]
    # torch.promote_types, which float8 is not part of
    assert promoted(("float16", "bfloat16")) == "float32"
    assert promoted(("float16", "bfloat16", "float64")) == "float64"
    assert promoted(("uint8", "int8")) == promoted(("uint8", "int8", "bool")) == promoted(("int8", "int16")) == "int16"
    assert promoted(()) == promoted(("", "float16")) == promoted(("int64", "")) == ""


SPEC = """\
archspec: 1
name: t
inputs: {{x: {x}, y: [4]}}
layers:
  - {{identity: , from: x}}
  - {layer}
"""
INTEGERS = "{shape: [4], dtype: int64}"


@pytest.mark.parametrize(
    ("x", "layer", "message"),
    [
        ("[4]", "embedding: {vocab: 9, dim: 2}", "embedding takes int64 or int32, got floating-point numbers"),
        ("{shape: [4], dtype: uint8}", "embedding: {vocab: 9, dim: 2}", "embedding takes int64 or int32, got uint8"),
        (INTEGERS, "linear: 3", "linear takes floating-point numbers, got int64"),
        (INTEGERS, "layernorm", "layernorm takes floating-point numbers, got int64"),
        (INTEGERS, "batchnorm", "batchnorm takes floating-point numbers, got int64"),
        ("{shape: [3, 9], dtype: uint8}", "conv: {out: 4, kernel: 3}", "conv takes floating-point numbers, got uint8"),
        (INTEGERS, "softmax", "softmax takes floating-point numbers, got int64"),
        ("{shape: [4], dtype: bool}", "relu", "relu takes numbers, got bool"),
        ("{shape: [4], dtype: uint8}", "hardtanh", "hardtanh takes floating-point numbers or int64 or int32"),
        (INTEGERS, "{bilinear: 3, from: [y, x]}", "bilinear takes floating-point numbers, got int64 as input 2"),
        ("{shape: [2, 4], dtype: int64}", "{einsum: 'ab,b->a', from: [x, y]}", "einsum takes inputs of one dtype"),
    ],
)
def test_a_layer_says_what_it_takes(x: str, layer: str, message: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        analyze(load_text(SPEC.format(x=x, layer=layer)))
    assert caught.value.message.startswith(message)
    assert ("dtype: int64" if "embedding" in layer else "`scale: 1` converts") in (caught.value.hint or "")
    assert caught.value.path.startswith("layers.1")
    assert caught.value.span is not None
    assert caught.value.span.line == 6


def test_dtypes_travel_through_what_only_moves_elements() -> None:
    layers = "{layer}\n  - {{add: [prev, offset]}}\n  - {{reshape: [2, 2]}}\n  - {{embedding: {{vocab: 9, dim: 3}}}}\n"
    offset = "{constant: {shape: [4], dtype: int64}, id: offset}"
    text = SPEC.replace("  - {{identity", f"  - {offset.replace('{', '{{').replace('}', '}}')}\n  - {{{{identity")
    report = analyze(load_text(text.replace("{layer}\n", layers).format(x=INTEGERS, layer="relu")))
    assert report.layers[-1].output == (1, 2, 2, 3)


@pytest.mark.parametrize(("first", "second"), list(product(["int64", "float32"], repeat=2)))
def test_a_concatenation_of_integers_and_floats_is_floating_point(first: str, second: str) -> None:
    inputs = f"inputs: {{a: {{shape: [2], dtype: {first}}}, b: {{shape: [2], dtype: {second}}}}}"
    text = f"archspec: 1\nname: t\n{inputs}\nlayers:\n  - concat: [a, b]\n  - embedding: {{vocab: 9, dim: 3}}\n"
    if first == second == "int64":
        assert analyze(load_text(text)).layers[-1].output == (1, 4, 3)
    else:
        with pytest.raises(ArchspecError, match="embedding takes int64 or int32, got float"):
            analyze(load_text(text))


def test_the_analysis_own_dtype_is_floating_point() -> None:
    assert "" in FLOATS
    text = "archspec: 1\nname: t\ninputs: {x: [4]}\nlayers: [linear: 3]\n"
    assert analyze(load_text(text), dtype="int8").totals.params == 15


def test_a_block_met_again_with_another_dtype_is_another() -> None:
    block = "blocks:\n  twice: {layers: [{reshape: [2, 2]}, {add: [prev, prev]}]}\n"
    inputs = "inputs: {a: {shape: [4], dtype: int64}, b: [4]}\n"
    uses = "  - {use: twice, from: b, id: first}\n  - {use: twice, from: a, id: second}\n"
    text = f"archspec: 1\nname: t\n{inputs}{block}layers:\n{uses}  - embedding: {{vocab: 9, dim: 3}}\n"
    assert analyze(load_text(text)).layers[-1].output == (1, 2, 2, 3)
    with pytest.raises(ArchspecError, match="embedding takes int64 or int32"):
        analyze(
            load_text(text.replace("from: a", "from: c").replace("from: b", "from: a").replace("from: c", "from: b"))
        )


def test_what_only_moves_elements_keeps_floats_of_any_width() -> None:
    halves = {case["kind"]: case["output"] for case in CASES if case["inputs"] == ["float16"]}
    for name, output in halves.items():
        rule = kinds()[name].dtypes
        if kinds()[name].moves or rule.kept:
            assert rule.output(("float16",)) == output == "float16"
