"""Functions of tensors on random shapes, good ones and bad ones, against PyTorch (golden/kinds.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from archspec.errors import ArchspecError
from archspec.kinds import kinds
from archspec.kinds.base import infer

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "golden" / "kinds.json").read_text("utf-8"))


def outcome(case: dict[str, Any]) -> list[list[int]] | None:
    try:
        kind = kinds()[case["kind"]].model_validate(case["args"])
        return [list(shape) for shape in infer(kind, tuple(map(tuple, case["inputs"]))).outputs]  # type: ignore[arg-type]
    except (ArchspecError, ValidationError):
        return None


@pytest.mark.parametrize("name", sorted({case["kind"] for case in CASES}))
def test_shapes_and_refusals_are_pytorchs(name: str) -> None:
    cases = [case for case in CASES if case["kind"] == name]
    assert [(case, outcome(case)) for case in cases if outcome(case) != case["outputs"]] == []
    assert any(case["outputs"] is None for case in cases)
    assert any(case["outputs"] for case in cases)
