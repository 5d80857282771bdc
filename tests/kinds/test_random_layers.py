"""Random layers, good and bad: what torch takes and what comes out (tests/golden/random_layers.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.kinds.base import infer

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parents[1] / "golden" / "random_layers.json").read_text())
BROADCAST = {"add", "sub", "mul", "div", "matmul"}


def answer(case: Case) -> tuple[list[list[int]], str] | None:
    """Shapes and dtype that come out; None where the layer is refused."""
    args = dict(case["args"])
    kind = case["kind"]
    if kind in BROADCAST:
        args["broadcast"] = True
    if args.get("mode") == "zero":
        args["mode"] = "zeros"
    dtypes = tuple("" if dtype == "float32" else dtype for dtype in case["dtypes"])
    try:
        layer = kinds()[kind].model_validate(args)
        dtype = layer.out_dtype(dtypes) or "float32"
        shapes = infer(layer, tuple((case["batch"], *shape) for shape in case["inputs"])).outputs
    except (ArchspecError, ValidationError) as error:
        if "Extra inputs" in str(error):  # a misspelt argument is no answer
            raise
        return None
    return [list(shape) for shape in shapes], dtype


def meant(case: Case) -> str:
    """Why archspec differs on purpose from torch on a layer, or nothing."""
    kind, torch_takes, said = case["kind"], case["outputs"] is not None, case.get("said", "")
    if kind == "slice" and torch_takes:
        return "Python cuts a range off at the ends of the axis in silence"
    if kind == "squeeze" and torch_takes:
        return "torch leaves an axis of another size in place, so that the rank behind depends on a size"
    if kind == "pad" and "NotImplementedError" in said:
        return "any axes of any dtype are mirrored; torch has kernels for the last ones, and not for bool"
    if torch_takes and any(0 in output for output in case["outputs"]):
        return "a tensor without elements is no layer's output"
    if kind == "lrn" and case["dtypes"] == ["int64"]:
        return "an average pooling inside happens to take it"
    if kind == "scaled_dot_product_attention" and len(case["inputs"][0]) == 2:
        return "an axis of heads is always there, be it of 1"
    if kind == "scaled_dot_product_attention" and case["inputs"][1][-2] != case["inputs"][2][-2]:
        return "the fused kernel does not look at how many values there are"
    if kind == "avgpool" and said.endswith("should contain one int (got 2)"):
        return "two numbers on one axis are its two sides, as ONNX writes them"
    if kind == "max_unpool" and len(case["args"]["padding"]) > len(case["inputs"][0]) - 1:
        return "torch takes no notice of a number too many"
    return ""


@pytest.mark.parametrize("kind", sorted({case["kind"] for case in CASES}))
def test_torch_takes_and_makes_the_same(kind: str) -> None:
    for case in CASES:
        if case["kind"] == kind:
            torchs = None if case["outputs"] is None else (case["outputs"], case["dtype"])
            assert answer(case) == torchs or meant(case), case


def test_good_and_bad_layers_were_drawn() -> None:
    for torch_takes in (True, False):
        drawn = [case["kind"] for case in CASES if (case["outputs"] is not None) == torch_takes]
        assert len(drawn) > 1000
        assert len(set(drawn)) > 50
