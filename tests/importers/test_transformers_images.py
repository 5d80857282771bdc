"""Configs of networks for images: keys set otherwise, as transformers builds and runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.importers.sources import opened
from tests.importers.test_transformers import GOLDEN, PUBLISHED, digest, report_of, written

SETTINGS = json.loads((GOLDEN / "transformers_images.json").read_text())


@pytest.mark.parametrize("golden", SETTINGS, ids=[f"{entry['class']}-{place}" for place, entry in enumerate(SETTINGS)])
def test_keys_set_otherwise(golden: dict[str, Any], tmp_path: Path) -> None:
    config = {**golden["config"], "model_type": golden["type"], "architectures": [golden["class"]]}
    report = report_of(tmp_path, config)
    assert (report.totals["params"], digest(report)) == (golden["params"], golden["digest"])
    if "flops" in golden:
        assert 2 * report.totals["macs"] == golden["flops"]


def test_published_vit(tmp_path: Path) -> None:
    golden = PUBLISHED["vit-base-patch16-224"]
    report = report_of(tmp_path, {**golden["config"], "architectures": ["ViTModel"]})
    assert (report.totals["params"], 2 * report.totals["macs"]) == (golden["params"], golden["flops"]["128"]["total"])


def test_published_clip(tmp_path: Path) -> None:
    golden = PUBLISHED["clip-vit-base-patch32"]
    spec, _ = opened(written(tmp_path, {**golden["config"], "architectures": ["CLIPModel"]}))
    assert archspec.analyze(spec).totals["params"] == golden["params"]
    tower = {**golden["config"]["vision_config"], "architectures": ["CLIPVisionModel"]}
    report = report_of(tmp_path, tower)  # the FLOPs are of the tower of images alone
    assert 2 * report.totals["macs"] == golden["flops"]["128"]["total"]
