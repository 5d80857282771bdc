"""The roofline: layers by hand, the batch at which TPUs turn to compute as published, the sums, and the chart."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archspec.analysis.report import Report
from archspec.api import analyze, load
from archspec.errors import UsageError
from archspec.hardware.catalogue import chip
from archspec.hardware.roofline import Roofline, Utilisation, peaks, roofline, utilised
from archspec.render.roofline_svg import BOTTOM, LEFT, RIGHT, TOP, chart

NET = """archspec: 1
name: net
inputs: {x: [1024]}
layers:
  - {linear: 1024, id: fc}
  - {relu: , id: act}
  - {flatten: , id: same}
"""
MATMUL = """archspec: 1
name: matmul
inputs: {x: [65_536]}
layers:
  - {linear: {out: 65_536, bias: false}, id: fc}
"""
H100 = chip("h100-sxm")


def report(text: str, folder: Path, **setting) -> Report:
    file = folder / "net.yaml"
    file.write_text(text)
    return analyze(load(file), **setting)  # type: ignore[return-value]


def seconds(made: Roofline) -> dict[str, Fraction]:
    return {layer.path: layer.cost.seconds for layer in made.layers}


def test_layers_by_hand(tmp_path: Path) -> None:
    made = roofline(report(NET, tmp_path, batch=4, dtype="bfloat16"), H100, Utilisation())
    dense, act, same = (layer.cost for layer in made.layers)
    assert (dense.macs, dense.flops) == (4 * 1024 * 1024, 4 * (2 * 1024 * 1024 + 1024))
    assert (dense.read, dense.written) == (2 * (4 * 1024 + 1024 * 1024 + 1024), 2 * 4 * 1024)
    assert dense.matrix == Fraction(2 * 4 * 1024 * 1024, 989_400_000_000_000)
    assert dense.vector == Fraction(4 * 1024, 133_800_000_000_000)
    assert dense.bandwidth == Fraction(2 * (4 * 1024 + 1024 * 1024 + 1024 + 4 * 1024), 3_350_000_000_000)
    assert (dense.by, dense.seconds) == ("bandwidth", dense.bandwidth)
    assert (act.macs, act.flops, act.moved, act.matrix) == (0, 4096, 2 * 2 * 4096, 0)
    assert (same.moved, same.seconds, same.by, same.intensity) == (0, 0, "nothing", None)
    assert made.seconds == dense.seconds + act.seconds
    assert made.whole.compute == max(dense.matrix, dense.vector + act.vector)


# https://jax-ml.github.io/scaling-book/roofline/: on TPU v5e a product in bfloat16 is held up by the arithmetic from
# 240 tokens on; with 65,536 columns on either side the activations move that to 242.
@pytest.mark.parametrize(("tokens", "by"), [(240, "bandwidth"), (244, "compute")])
def test_tokens_at_which_a_product_turns_to_compute(tmp_path: Path, tokens: int, by: str) -> None:
    made = roofline(report(MATMUL, tmp_path, batch=tokens, dtype="bfloat16"), chip("tpu-v5e"), Utilisation())
    assert made.layers[0].cost.by == by
    assert made.warnings == ()


def test_utilisation_is_an_input_and_exact() -> None:
    net = analyze("resnet18", dtype="float16")
    whole = roofline(net, H100, Utilisation())  # type: ignore[arg-type]
    half = roofline(net, H100, utilised(["50%"]))  # type: ignore[arg-type]
    slow = roofline(net, H100, utilised(["bandwidth=0.25"]))  # type: ignore[arg-type]
    assert (whole.is_bound, half.is_bound) == (True, False)
    assert half.seconds == 2 * whole.seconds
    assert slow.whole.compute == whole.whole.compute
    assert slow.whole.bandwidth == 4 * whole.whole.bandwidth


@pytest.mark.parametrize("text", ["0", "1.01", "-1", "half", "", "50%%", "compute=", "1e-3", "0.1234567890123"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(UsageError, match="is no share"):
        utilised([text])


def test_a_share_is_given_once_and_of_something_there_is() -> None:
    assert utilised(["compute=0.4", "bandwidth=80%"]) == Utilisation(Fraction(2, 5), Fraction(4, 5))
    with pytest.raises(UsageError, match="given twice"):
        utilised(["0.5", "compute=0.4"])
    with pytest.raises(UsageError) as told:
        utilised(["bandwith=0.4"])
    assert told.value.hint == "did you mean `bandwidth`?"


def test_without_a_matrix_unit_all_is_done_by_the_vector_units() -> None:
    made = roofline(analyze("lenet5"), H100, Utilisation())  # type: ignore[arg-type]
    assert made.peaks.matrix is None
    assert made.whole.matrix == 0
    assert made.whole.vector == Fraction(852_370, 66_900_000_000_000)
    faster = roofline(analyze("lenet5"), H100, Utilisation(), "tfloat32")  # type: ignore[arg-type]
    assert faster.peaks.matrix == 494_700_000_000_000
    # tfloat32 has no vector rate of its own: the fastest stands for it, so that the bound is none too high.
    assert faster.peaks.vector == 133_800_000_000_000


def test_what_a_chip_has_no_rate_for() -> None:
    with pytest.raises(UsageError, match="tpu-v5e has no rate in float32"):
        peaks(chip("tpu-v5e"), "float32")
    with pytest.raises(UsageError, match="the bandwidth of hailo-8 is not known"):
        peaks(chip("hailo-8"), "int8")
    made = roofline(analyze("lenet5"), chip("tpu-v5e"), Utilisation(), "bfloat16")  # type: ignore[arg-type]
    assert made.warnings == (
        "the vector rate of tpu-v5e is not known: 19,330 operations beside multiply-accumulates take no time",
    )


def test_weights_are_read_in_their_format(tmp_path: Path) -> None:
    """Q8_0 is 34 bytes for 32 weights."""
    net = report(NET, tmp_path, batch=4, dtype="float16")
    plain, quantised = (roofline(net, H100, Utilisation(), None, name).layers[0].cost for name in (None, "q8_0"))
    assert plain.read - quantised.read == 1025 * 1024 * 2 - 1025 * 1024 // 32 * 34
    assert quantised.matrix == plain.matrix


@pytest.mark.parametrize("name", ["resnet50", "gpt2", "mobilenet_v2", "lstm_text", "swin_t"])
def test_the_parts_make_the_whole(run, name: str) -> None:
    printed = json.loads(run("roofline", name, "--chip", "rtx-4090", "--format", "json")[1])
    totals, layers = printed["totals"], printed["layers"]
    for figure in ("macs", "flops", "read_bytes", "written_bytes"):
        assert totals[figure] == sum(layer[figure] for layer in layers)
    assert totals["seconds"] == pytest.approx(sum(layer["seconds"] for layer in layers))
    summary = json.loads(run("summary", name, "--format", "json")[1])["totals"]
    assert (totals["macs"], totals["flops"]) == (summary["macs"], summary["flops"])
    for layer in layers:
        times = [layer[f"{part}_seconds"] for part in ("matrix", "vector", "bandwidth")]
        assert layer["seconds"] == max(times)
        held = {"compute": max(times[:2]), "bandwidth": times[2], "nothing": 0}
        assert layer["seconds"] == held[layer["bound_by"]]


def test_the_command(run, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = run("roofline", "resnet50", "--chip", "h100-sxm", "--dtype", "bfloat16", "--top", "5")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "ridge 295.3 FLOP/byte" in out
    assert "lower bound of the time, layer by layer" in out
    layers = [line for line in out.splitlines() if " us" in line and line.startswith(("layer", "conv", "fc"))]
    assert len(layers) == 5
    assert "estimate of the time" in run("roofline", "lenet5", "--chip", "t4", "--utilisation", "0.3")[1]
    assert run("roofline", "lenet5", "--chip", "t4", "--utilisation", "3")[0] == 2
    assert run("roofline", "lenet5", "--chip", "nothing")[0] == 2


@pytest.mark.parametrize(
    ("name", "where"), [("resnet50", "h100-sxm"), ("gpt2", "epyc-9654@2.4ghz"), ("lenet5", "apple-m1")]
)
def test_the_chart_is_whole(name: str, where: str) -> None:
    drawn = chart(roofline(analyze(name), chip(where), Utilisation()))  # type: ignore[arg-type]
    root = ElementTree.fromstring(drawn)
    circles = [node for node in root.iter() if node.tag.endswith("circle")]
    assert len(circles) > 4
    for circle in circles:
        assert 0 <= float(circle.get("cx", "nan")) <= 860
        assert 0 <= float(circle.get("cy", "nan")) <= 560
    (roof,) = (node.get("d", "") for node in root.iter() if node.get("class") == "roof")
    left, up, corner, top = map(float, re.findall(r"[\d.]+", roof)[:4])
    assert LEFT <= left < corner <= RIGHT
    assert TOP <= top < up <= BOTTOM
    assert left == LEFT or up == BOTTOM


def test_a_chart_of_nothing_and_of_hostile_names(tmp_path: Path) -> None:
    bare = "archspec: 1\nname: '<svg onload=x>'\ninputs: {x: [8]}\nlayers:\n  - {flatten: , id: same}\n"
    drawn = chart(roofline(report(bare, tmp_path), H100, Utilisation()))
    ElementTree.fromstring(drawn)
    assert "<svg onload" not in drawn
