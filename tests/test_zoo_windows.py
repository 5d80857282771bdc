"""Networks of windowed attention at sizes that windows do not fill, and in batches, against torchvision's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import ShapeError

CASES = json.loads((Path(__file__).parent / "golden" / "windows.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, [*case.values()][:4])))
def test_totals(case: dict[str, Any]) -> None:
    totals = analyze(case["name"], dims={"H": case["height"], "W": case["width"]}, batch=case["batch"]).totals
    assert (totals.params, totals.buffers, 2 * totals.macs) == (case["params"], case["buffers"], case["flops"])


@pytest.mark.parametrize("size", [256, 320])
def test_maxvit_refuses_maps_that_its_windows_do_not_fill(size: int) -> None:
    with pytest.raises(ShapeError, match="reshape"):
        analyze("maxvit_t", dims={"H": size, "W": size})
