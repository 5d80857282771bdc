"""A report is plain data: complete when it is made, copied and sent as a whole."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy  # type: ignore[import-untyped]

from archspec.analysis import count
from archspec.api import Report, analyze, load
from archspec.errors import ArchspecError, UsageError
from archspec.language import building
from archspec.language.load import load_text
from archspec.language.nodes import Spec
from archspec.studies.compare import compare, differences
from archspec.studies.explain import explain
from archspec.studies.unroll import unfold

SETTINGS = ((1, "float32"), (2, "float32"), (1, "float16"), (1, "float32"))
NETWORKS = ("resnet18", "gpt2", "swin_t", "fusionnet_in1_out1")


def analysed(spec: Spec, variant: str | None, width: int) -> Report:
    report = analyze(spec, variant=variant, vars={"width": width})
    assert isinstance(report, Report)
    return report


def of_thop(report: Report) -> dict[str, Any]:
    return compare(report, ["thop"])[0].columns


@pytest.mark.parametrize("network", NETWORKS)
def test_a_report_can_be_sent_and_copied(network: str) -> None:
    report = analyze(network)
    for other in (pickle.loads(pickle.dumps(report)), copy.deepcopy(report)):
        assert other.to_dict() == report.to_dict()
        assert str(other) == str(report)
        assert [row[:12] for row in other.rows(full=True)] == [row[:12] for row in report.rows(full=True)]


@pytest.mark.parametrize("network", ["resnet", "llama3", "swin", "fusionnet"])
def test_a_spec_can_be_sent_and_copied(network: str) -> None:
    spec = load(network)
    variant = next(iter(spec.variants), None)
    for other in (pickle.loads(pickle.dumps(spec)), copy.deepcopy(spec)):
        assert analyze(other, variant=variant).totals == analyze(spec, variant=variant).totals


def test_specs_and_reports_cross_a_pool_of_processes() -> None:
    spec = load("resnet18")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        sent = [pool.submit(analysed, spec, "resnet18", width) for width in (32, 64)]
        reports = [future.result() for future in sent]
    for report, width in zip(reports, (32, 64), strict=True):
        assert report.to_dict() == analysed(spec, "resnet18", width).to_dict()


def test_symbols_cross_a_pool_of_processes() -> None:
    """What stands for a user's symbol inside leads back to it in a process that never saw the symbol."""
    free, positive = sympy.Symbol("w"), sympy.Symbol("w", positive=True)
    report = analyze("resnet18", vars={"width": free}, batch=positive)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(str, report).result() == str(report)
        assert pool.submit(of_thop, report).result() == of_thop(report)
    assert report.totals.macs.free_symbols == {free, positive}
    assert pickle.loads(pickle.dumps(report)).totals == report.totals == copy.deepcopy(report).totals


def test_errors_can_be_sent_and_copied() -> None:
    with pytest.raises(ArchspecError) as caught:
        analyze("resnet", vars={"widht": 3})
    for other in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert (type(other), str(other), vars(other)) == (type(caught.value), str(caught.value), vars(caught.value))


def test_threads_do_not_see_each_other() -> None:
    spec = load("resnet18")

    def explained(width: int) -> list[str]:
        report = analyze(spec, variant="resnet18", vars={"width": width})
        return [step.substituted for layer in explain(report) for step in layer.steps]

    alone = {width: explained(width) for width in (16, 32, 64)}
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(explained, [16, 32, 64] * 4))
    assert together == [alone[width] for width in [16, 32, 64] * 4]


def test_a_row_is_as_deep_as_groups_are_around_it() -> None:
    inner = "{seq: [relu, {seq: [tanh], id: c}], id: b, repeat: 2}"
    text = f"archspec: 1\nname: n\ninputs: {{x: [4]}}\nlayers: [gelu, {{seq: [{inner}], id: a}}]\n"
    depths = {row.path: row.depth for row in analyze(load_text(text)).rows(full=True)}
    assert depths["a.b.1.c.tanh1"] == 4
    assert all(depth == path.count(".") for path, depth in depths.items())


def test_a_report_holds_no_formula_that_could_fail_later(tmp_path: Path) -> None:
    convention = tmp_path / "mine.yaml"
    convention.write_text(
        "convention: mine\nversion: 1\nsource: here\ncolumns: {ops: {unit: op}}\n"
        "rules: {relu: {ops: 1 // (rank - 3)}}\n"
    )
    with pytest.raises(ArchspecError, match="counting `relu1`"):
        analyze(load_text("archspec: 1\nname: n\ninputs: {x: [2, 3, 4]}\nlayers: [relu]\n"), convention=str(convention))


@pytest.mark.parametrize("study", [compare, explain, unfold, lambda one: differences(one, "archspec", "thop")])
def test_studies_of_one_design_point_refuse_columns_of_them(study) -> None:  # type: ignore[no-untyped-def]
    """``w=[2, 4, 6, 8]`` with a condition ran as two pieces, of which compare counted the first."""
    text = "archspec: 1\nname: n\ninputs: {x: [4]}\nvars: {w: 1}\nlayers: [linear: $w, {linear: $w, when: $w > 4}]\n"
    points = analyze(load_text(text), vars={"w": np.array([2, 4, 6, 8])})
    with pytest.raises(UsageError, match="one design point"):
        study(points)


def test_what_is_remembered_of_layers_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [analyze("resnet18", batch=batch, dtype=dtype).to_dict() for batch, dtype in SETTINGS]
    monkeypatch.setattr(building, "MAX_BUILT", 5)
    monkeypatch.setattr(count, "_remembered", {})
    for _ in range(2):
        assert [analyze("resnet18", batch=batch, dtype=dtype).to_dict() for batch, dtype in SETTINGS] == expected
        assert 0 < len(count._remembered) <= 5


def test_layers_alike_have_lines_of_their_own() -> None:
    text = "archspec: 1\nname: net\ninputs: {x: [8]}\nlayers:\n  - linear: 8\n  - linear: 8\n  - linear: 8\n"
    entries = analyze(load_text(text, "net.yaml")).to_dict()["layers"]
    assert [entry["line"] for entry in entries] == [5, 6, 7]
