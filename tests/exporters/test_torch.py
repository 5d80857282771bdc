"""The source of a PyTorch module: those that torch has run, and what is refused."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import UsageError
from archspec.exporters.torch.write import source
from archspec.studies.tensors import tensors

RUN: dict[str, Any] = json.loads(Path(__file__).parent.parent.joinpath("golden/exported.json").read_text("utf-8"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def written(name: str) -> str:
    report: Any = analyze(name)
    return source(report)


def exported(tmp_path: Path, layers: str) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninputs: {{x: [3, 16, 16]}}\nlayers:\n{layers}", "utf-8")
    return written(str(path))


@pytest.mark.parametrize("name", RUN)
def test_sources_are_those_that_torch_has_run(name: str) -> None:
    """tests/golden/make_exported.py has to run again where one changes."""
    report: Any = analyze(name)
    said = {tensor.name: list(tensor.shape) for tensor in tensors(report.graph)}
    run = RUN[name]
    assert digest(source(report)) == run["source"]
    assert digest(json.dumps(sorted(said.items()))) == run["names"]
    assert [list(tensor.shape) for tensor in report.graph.outputs] == run["outputs"]
    assert report.totals.params == run["params"]


def test_thirty_networks_were_run() -> None:
    assert len(RUN) >= 30


def test_hostile_names_stay_texts(tmp_path: Path) -> None:
    layers = "  - {conv: {out: 4, kernel: 1}, id: type}\n  - {linear: 3, id: class}\n  - {linear: 3, id: é-1}\n"
    text = exported(tmp_path, layers)
    ast.parse(text)
    assert "self._modules['type'] = nn.Conv2d" in text
    assert "self._modules['class'] = nn.Linear" in text
    assert "self._modules['é-1'](x)" in text


def test_repeats_are_loops(tmp_path: Path) -> None:
    text = exported(tmp_path, "  - {conv: {out: 3, kernel: 3, padding: 1}, id: stage, repeat: 7}\n")
    assert "self.stage = nn.ModuleList(nn.Conv2d(3, 3, 3, stride=1, padding=1) for _ in range(7))" in text
    assert "for layer in self.stage:\n            x = layer(x)" in text


def test_a_pool_of_powers_is_a_call(tmp_path: Path) -> None:
    text = exported(
        tmp_path, "  - lppool: {kernel: 2, norm: 2}\n  - lppool: {kernel: 3, norm: 1, stride: 2, ceil: true}\n"
    )
    ast.parse(text)
    assert "F.lp_pool2d(x, 2.0, 2)" in text
    assert "F.lp_pool2d(x, 1.0, 3, stride=2, ceil_mode=True)" in text


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            "  - {batchnorm: {bias: false}, id: norm}\n",
            "`norm` (batchnorm) cannot be exported to torch: PyTorch's has a scale and a shift, or neither",
        ),
        (
            "  - {batchnorm: {counter: false}, id: norm}\n",
            "`norm` (batchnorm) cannot be exported to torch: PyTorch's counts the batches it has seen",
        ),
        (
            "  - {flatten: 2, id: rows}\n  - {gru: {hidden: 4, reset_after: false, bias: 1}, id: steps}\n",
            "`steps` (gru) cannot be exported to torch: PyTorch's has two bias vectors or none",
        ),
        (
            "  - {conv: {out: 4, kernel: 1}, id: mix, weights: {weight: {shape: [3, 4, 1, 1]}}}\n",
            "`mix` (conv) cannot be exported to torch: its `weights` say other names or shapes",
        ),
    ],
)
def test_what_cannot_be_said_is_named(tmp_path: Path, layers: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        exported(tmp_path, layers)


def test_experts_are_refused() -> None:
    with pytest.raises(
        UsageError,
        match=re.escape("`layers.0.block_sparse_moe.experts` (seq) cannot be exported to torch: it stands for experts"),
    ):
        written("mixtral@8x7b")
