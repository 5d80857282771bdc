"""Networks of timm as PyTorch's exporter writes them, against the figures of the networks themselves."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

import archspec
from archspec.importers.sources import convert
from archspec.language.find import Place
from archspec.language.load import load_text

GOLDEN = Path(__file__).parents[1] / "golden" / "onnx"
FIGURES = json.loads((GOLDEN / "timm.json").read_text())
# torch.utils.flop_counter has no rule for an LSTM: 36 of them, by their matrices.
UNCOUNTED = {"sequencer2d_s": 3_397_386_240}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the models."""
    folder = tmp_path_factory.mktemp("timm")
    with tarfile.open(GOLDEN / "timm.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_a_network_has_the_figures_of_its_module(name: str, models: Path) -> None:
    text = convert(Place(str(models / f"{name}.onnx"), None)).text
    figures = FIGURES[name]
    for batch in (1, 3):
        totals = archspec.analyze(load_text(text), batch=batch).totals
        assert totals.params == figures["params"]
        # What follows from learned tensors alone is worked out once for the batch.
        macs = figures["macs"] + UNCOUNTED.get(name, 0)
        assert totals.macs == macs if batch == 1 else macs <= totals.macs <= batch * macs
