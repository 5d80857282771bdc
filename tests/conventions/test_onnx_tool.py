"""The onnx-tool convention against what it said of layers and networks (tests/golden/make_onnx_tool.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from goldens import GOLDEN
from single import counted

from archspec.api import analyze
from archspec.compare import compare
from archspec.engine.convention import convention

DATA: dict[str, Any] = json.loads((GOLDEN / "onnx_tool.json").read_text("utf-8"))
CASES = [case for case in DATA["layers"] if "macs" in case]
ONNX = convention("onnx-tool")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['args']}-{case['inputs']}")
def test_macs_are_onnx_tools(case: dict[str, Any], tmp_path: Path) -> None:
    assert counted("onnx-tool", case, tmp_path).columns["macs"] == case["macs"], case["operators"]
