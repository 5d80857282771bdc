"""Networks over sequences and windows, against PyTorch's own counts and published figures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archspec.analysis.report import Report
from archspec.api import analyze
from archspec.errors import ShapeError
from archspec.graph.graph import Layer

GOLDEN = json.loads((Path(__file__).parent / "golden" / "transformers.json").read_text("utf-8"))
NAMES = {
    "gpt2": "gpt2",
    "gpt2-medium": "gpt2_medium",
    "llama-3-8b": "llama3@8b",
    "llama-3-70b": "llama3@70b",
    "llama-3.2-1b": "llama3@3.2-1b",
}


def shapes(report: Report) -> Counter[tuple[Any, ...]]:
    """Learned tensors by shape, shared ones once; axes sorted, since GPT-2's code keeps its matrices transposed."""
    return Counter(
        tuple(sorted(map(int, weight.shape)))
        for row in report.rows(full=True)
        if isinstance(row.item, Layer)
        for weight in row.item.traits.weights
        if not weight.buffer and weight.name not in row.item.shared
    )


@pytest.mark.parametrize("name", NAMES)
def test_parameters_of_language_models(name: str) -> None:
    golden: dict[str, Any] = GOLDEN[name]
    report = analyze(NAMES[name])
    assert report.totals.params == report.totals.params_trainable == golden["params"]
    if "params_by_tensor" in golden:
        assert shapes(report) == Counter(tuple(sorted(shape)) for _, shape in golden["params_by_tensor"])


@pytest.mark.parametrize("length", ["128", "1024"])
@pytest.mark.parametrize("name", NAMES)
def test_operations_of_language_models(name: str, length: str) -> None:
    """Half of what torch.utils.flop_counter counts: the full square of scores, causal or not."""
    totals = analyze(NAMES[name], dims={"T": int(length)}).totals
    golden = GOLDEN[name]["flops"][length]
    assert 2 * totals.macs == golden["total"]


@pytest.mark.parametrize("name", NAMES)
def test_attention_of_language_models(name: str) -> None:
    """Batched matrix products are attention's and nobody else's."""
    rows = analyze(NAMES[name], dims={"T": 1024}).rows(full=True)
    attention = sum(row.macs for row in rows if row.kind == "scaled_dot_product_attention")
    assert 2 * attention == GOLDEN[name]["flops"]["1024"]["by_operator"]["aten.bmm"]


def test_gpt2_takes_no_more_than_its_context() -> None:
    with pytest.raises(ShapeError, match="1024"):
        analyze("gpt2", dims={"T": 1025})


@pytest.mark.parametrize(
    ("variant", "lstm"),
    [
        # torch.nn.LSTM(300, 128): two matrices and two bias vectors
        ("pytorch", 4 * 128 * 300 + 4 * 128 * 128 + 2 * 512),
        # keras.layers.LSTM(128): one bias vector
        ("keras", 4 * 128 * 300 + 4 * 128 * 128 + 512),
        # 4 * (n_in + n_hidden) * n_hidden
        ("textbook", 219_136),
    ],
)
def test_lstm_under_three_conventions(variant: str, lstm: int) -> None:
    report = analyze(f"lstm_text_{variant}")
    params = {row.name: row.params for row in report.layers if row.params}
    assert params == {"embedding": 3_000_000, "lstm": lstm, "classifier": 1290}
    assert report.totals.params == 3_001_290 + lstm


def test_positions_of_a_larger_vision_transformer() -> None:
    """518 / 14 = 37 patches a side instead of 16, each of size 1280."""
    small, large = analyze("vit_h_14", dims={"H": 224, "W": 224}).totals, analyze("vit_h_14").totals
    assert (small.params, large.params) == (632_045_800, 633_470_440)
    assert large.params - small.params == (37**2 - 16**2) * 1280


@pytest.mark.parametrize(("scale", "quoted"), [(2, 878), (3, 886), (4, 897)])
def test_parameters_of_swinir(scale: int, quoted: int) -> None:
    """The paper's figures are without the tables of relative positions."""
    report = analyze(f"swinir_light_x{scale}")
    tables = [row.params for row in report.layers if row.kind == "relative_position_bias"]
    assert tables == [15 * 15 * 6] * 24
    assert round((report.totals.params - sum(tables)) / 1000) == quoted


@pytest.mark.parametrize(("scale", "quoted"), [(2, 195.6), (3, 87.2), (4, 49.6)])
def test_operations_of_swinir(scale: int, quoted: float) -> None:
    """The paper's figures come from the code's `flops`, at a size it makes of 1024 x 720 and the scale.

    Per pixel that function counts the layer norms too (one for each element of 24 * 2 + 1 norms of 60), of the last
    convolution of 60 * 60 * 9 only 60 * 60 * 3, and of the upsampling 60 * 3 * 9 whatever the scale.
    """
    height, width = ((side // scale // 8 + 1) * 8 for side in (1024, 720))
    macs = analyze(f"swinir_light_x{scale}", dims={"H": height, "W": width}).totals.macs
    less = 60 * 60 * 6 + 60 * 3 * 9 * (scale**2 - 1) - (24 * 2 + 1) * 60
    assert round((macs - less * height * width) / 1e9, 1) == quoted


def test_buffers_of_swinir() -> None:
    """24 tables of indices over 64 x 64 positions; in every second layer a mask for each of 64 windows."""
    assert analyze("swinir_light_x2").totals.buffers == 24 * 64 * 64 + 12 * 64 * 64 * 64


def test_memory_report_of_swinir() -> None:
    """A published print-out of torchinfo: 0.79, 7126.65, 3.17 and 7130.61 MB, of 10^6 bytes each.

    It is that of the lightweight network with three convolutions and no upsampling, at 256 x 256. For each of 65,536
    tokens, modules with weights put out 24 * (60 + 180 + 60 + 60 + 120 + 60) elements in the layers, 5 * (15 + 15 + 60)
    in the convolutions, 3 * 60 in the first convolution and two norms, and 3 in the last: 13,593.
    """
    memory = analyze("swinir_light_denoise_3conv").totals.memory["torchinfo"]
    assert memory["forward_backward_bytes"] == 13_593 * 65_536 * 4 * 2
    printed = {name: f"{size / 1e6:.2f}" for name, size in memory.items()}
    assert printed == {
        "input_bytes": "0.79",
        "forward_backward_bytes": "7126.65",
        "params_bytes": "3.17",
        "total_bytes": "7130.61",
    }
