"""The networks of keras.applications as Keras writes them, against the figures of Keras and TensorFlow."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

import archspec
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text

GOLDEN = Path(__file__).parents[1] / "golden"
FIGURES = json.loads((GOLDEN / "keras.json").read_text())


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the models."""
    folder = tmp_path_factory.mktemp("keras")
    with tarfile.open(GOLDEN / "keras.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_a_network_has_the_figures_of_keras(name: str, models: Path) -> None:
    figures = FIGURES[name]
    report = archspec.analyze(load_text(convert(Place(str(models / f"{name}.json"), None)).text))
    assert report.totals["params_trainable"] == figures["trainable"]
    assert report.totals["params"] + report.totals["buffers"] == figures["params"]
    if "flops" in figures:
        assert 2 * report.totals["macs"] == figures["flops"]
