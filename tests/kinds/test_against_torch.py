"""Every layer configuration that PyTorch was asked about: shapes, parameters, buffers, refusals (tests/golden)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer

Case = dict[str, Any]
FILES = [Path(__file__).parents[1] / "golden" / f"{name}.json" for name in ("layers", "attention")]
CASES: list[Case] = [case for file in FILES for case in json.loads(file.read_text())]
BATCH = 2
# The stored cases' words for what archspec calls otherwise.
ARGUMENTS = {("max_unpool", "output"): "size"}
SPELLED_OUT = {"matmul": {"broadcast": True}}  # what torch does unasked
VALUES = {("pad", "mode", "zero"): "zeros"}
# Differences on purpose. ONNX defines same_upper for every stride; a tensor without elements is no layer's output.
TAKEN_THOUGH_TORCH_REFUSES = [("conv", {"padding": "same_upper", "stride": 2})]
REFUSED_THOUGH_TORCH_CROPS_TO_NOTHING = [("pad", {"padding": [-3, -2]})]


def _is_one_of(case: Case, differences: list[tuple[str, dict[str, Any]]]) -> bool:
    return any(case["kind"] == kind and args.items() <= case["args"].items() for kind, args in differences)


def _params(cases: list[Case]) -> list[Any]:
    return [pytest.param(c, id=f"{c['kind']}-{json.dumps(c['args'])}-{c['inputs']}".replace(" ", "")) for c in cases]


def _argument(kind: str, name: str, value: Any) -> tuple[str, Any]:
    known = isinstance(value, str) and VALUES.get((kind, name, value))
    return ARGUMENTS.get((kind, name), name), known or value


def _apply(case: Case) -> Traits:
    name = case["kind"]
    args = dict(_argument(name, *item) for item in case["args"].items())
    kind = kinds()[name].model_validate(SPELLED_OUT.get(name, {}) | args)
    return infer(kind, tuple((BATCH, *shape) for shape in case["inputs"]))


EMPTY = [case for case in CASES if _is_one_of(case, REFUSED_THOUGH_TORCH_CROPS_TO_NOTHING)]
REFUSED = [case for case in CASES if "error" in case and not _is_one_of(case, TAKEN_THOUGH_TORCH_REFUSES)]
TAKEN = [case for case in CASES if "error" not in case and case not in EMPTY]


@pytest.mark.parametrize("case", _params(TAKEN))
def test_shapes_and_weights_are_pytorchs(case: Case) -> None:
    traits = _apply(case)
    assert [list(shape) for shape in traits.outputs] == case["outputs"]
    weights: dict[str, list[Any]] = {"params": [], "buffers": []}
    for weight in traits.weights:
        weights["buffers" if weight.buffer else "params"].append((weight.name, list(weight.shape)))
    assert weights == {sort: list(case[sort].items()) for sort in weights}


@pytest.mark.parametrize("case", _params(REFUSED + EMPTY))
def test_what_pytorch_refuses_is_an_error(case: Case) -> None:
    with pytest.raises((ArchspecError, ValidationError)):
        _apply(case)
