"""The convention of TensorFlow's profiler against what it said of Keras layers (tests/golden/make_tensorflow.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archspec.conventions.loader import convention
from figures import GOLDEN
from single import counted

CASES: list[dict[str, Any]] = json.loads((GOLDEN / "tensorflow.json").read_text("utf-8"))
TENSORFLOW = convention("tensorflow")


def test_every_rule_has_a_case() -> None:
    cases = {case["kind"] for case in CASES}
    assert {*TENSORFLOW.kinds(), *TENSORFLOW.free} <= cases | {"stochastic_depth", "parameter", "constant"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['args']}-{case['inputs']}")
def test_flops_are_the_profilers(case: dict[str, Any], tmp_path: Path) -> None:
    """A kind without a rule has no operator that the profiler knows, a free one none at all: nothing in both."""
    tally = counted("tensorflow", case, tmp_path)
    assert tally.columns["flops"] == case["flops"], case["operators"]
    assert (case["kind"] in TENSORFLOW.free) == (not case["operators"])
