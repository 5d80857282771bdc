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
CASES: list[Case] = json.loads((Path(__file__).parents[1] / "golden" / "layers.json").read_text())
BATCH = 2


def _name(case: Case) -> str:
    return f"{case['kind']}-{json.dumps(case['args'], separators=(',', ':'))}-{case['inputs']}".replace(" ", "")


def _cases(*, refused: bool) -> list[Any]:
    return [pytest.param(case, id=_name(case)) for case in CASES if ("error" in case) == refused]


def _apply(case: Case) -> Traits:
    args = {("size" if (case["kind"], name) == ("max_unpool", "output") else name): v for name, v in case["args"].items()}
    kind = kinds()[case["kind"]].build(args)
    return infer(kind, tuple((BATCH, *shape) for shape in case["inputs"]))


@pytest.mark.parametrize("case", _cases(refused=False))
def test_shapes_and_weights_are_pytorchs(case: Case) -> None:
    traits = _apply(case)
    assert [list(shape) for shape in traits.outputs] == case["outputs"]
    weights = {"params": [], "buffers": []}
    for weight in traits.weights:
        weights["buffers" if weight.buffer else "params"].append((weight.name, list(weight.shape)))
    assert weights == {sort: list(case[sort].items()) for sort in weights}


@pytest.mark.parametrize("case", _cases(refused=True))
def test_what_pytorch_refuses_is_an_error(case: Case) -> None:
    with pytest.raises((ArchspecError, ValidationError)):
        _apply(case)
