"""`archspec expand` against what it wrote out: a flat spec has the figures of the spec it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.api import analyze
from archspec.language.dump import dump_spec
from archspec.language.load import load_spec, load_text
from archspec.studies.unroll import unfold

ZOO = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
CONVENTIONS = ("archspec", "thop", "ptflops", "torchinfo", "netscope", "onnx-tool")


def figures(report: Any) -> dict[str, Any]:
    totals = dict(report.totals)
    # The one thing lost: torchsummary counts the output of a block beside that of its last layer.
    return {**totals, "memory": {**totals["memory"], "torchsummary": totals["memory"]["torchsummary"]["params_bytes"]}}


@pytest.mark.parametrize("file", ZOO, ids=lambda file: file.stem)
def test_a_flat_spec_has_the_same_figures(file: Path) -> None:
    """Every network of the zoo, as several conventions count it."""
    spec = load_spec(str(file))
    for variant in cases(spec):
        report = run(spec, Setting(variant))
        flat = load_text(dump_spec(unfold(report)), "flat.yaml")
        for convention in CONVENTIONS:
            if file.stem == "fusionnet" and convention in ("ptflops", "torchinfo"):
                continue  # of what is `shared` a flat spec has one place: the test below
            before, after = (
                run(spec, Setting(variant, convention=convention)),
                run(flat, Setting(convention=convention)),
            )
            assert figures(after) == figures(before), (variant, convention)


def test_a_flat_spec_says_what_it_is_where_its_source_does() -> None:
    text = "archspec: 1\nname: net\ninputs: {x: [4]}\nlayers: [relu]\n"
    assert "summary" not in unfold(analyze(load_text(text)))
    assert unfold(analyze(load_text(f"{text}summary: A net.\n")))["summary"] == "A net."


def test_blocks_are_lost_to_torchsummary_alone(tmp_path: Path) -> None:
    flat = tmp_path / "flat.yaml"
    flat.write_text(dump_spec(unfold(analyze("resnet50"))), "utf-8")
    before, after = (analyze(spec).totals["memory"]["torchsummary"] for spec in ("resnet50", flat))
    assert after["forward_backward_bytes"] < before["forward_backward_bytes"]


def test_a_flat_spec_has_one_place_for_a_shared_module(tmp_path: Path) -> None:
    """What the calls of two activation modules count, 35,913,728, is in ptflops' figure for each of 20 places."""
    flat = tmp_path / "flat.yaml"
    flat.write_text(dump_spec(unfold(analyze("fusionnet_in6_out2"))), "utf-8")
    before, after = (
        analyze(spec, convention="ptflops").totals["columns"]["macs"] for spec in ("fusionnet_in6_out2", flat)
    )
    assert before - after == 19 * 35_913_728


def test_a_flat_spec_hides_no_layer(tmp_path: Path) -> None:
    """Its ids hold dots, but no group stands around its layers: none may be left out as summed in a row above."""
    flat = tmp_path / "flat.yaml"
    flat.write_text(dump_spec(unfold(analyze("resnet50"))), "utf-8")
    report = analyze(flat)
    assert "layer1.0.shortcut.conv1_norm" in str(report)
    assert "lie deeper" not in str(report)
    assert {row.depth for row in report.rows()} == {0}
