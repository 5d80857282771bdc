"""Configs of networks for sounds and series: keys set otherwise, as transformers builds and runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.importers.sources import opened
from tests.importers.test_transformers import GOLDEN, counted, digest, written

SETTINGS = json.loads((GOLDEN / "transformers_sounds.json").read_text())


@pytest.mark.parametrize("golden", SETTINGS, ids=[f"{entry['class']}-{place}" for place, entry in enumerate(SETTINGS)])
def test_keys_set_otherwise(golden: dict[str, Any], tmp_path: Path) -> None:
    config = {**golden["config"], "model_type": golden["type"], "architectures": [golden["class"]]}
    spec, _ = opened(written(tmp_path, config))
    report = archspec.analyze(spec, convention="torch", dims=golden.get("dims"))
    assert (report.totals["params"], digest(report)) == (golden["params"], golden["digest"])
    if "flops" in golden:
        assert counted(report) == golden["flops"]
