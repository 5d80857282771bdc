"""One table of metrics: every place that names a figure knows each of them by that name."""

from __future__ import annotations

import json

import pytest

from archspec.analysis.metrics import BY_NAME, DIFFED, MEMORY, METRICS, OF_LAYERS, Metric
from archspec.analysis.report import Report
from archspec.analysis.setting import Setting
from archspec.api import analyze
from archspec.change.diff import compare_files
from archspec.memory.figures import OfRows
from archspec.memory.measure import measure
from archspec.memory.settings import MemorySettings
from archspec.policy.config_model import config_schema
from archspec.policy.expect import figure
from archspec.render.columns import available

NAMES = [metric.name for metric in METRICS]


def test_weights_are_the_parameters_at_their_dtype() -> None:
    for dtype, size in (("float32", 4), ("bfloat16", 2), ("float64", 8)):
        totals = analyze("vit_b_16", dtype=dtype).totals
        assert totals.weights_bytes == size * 86_567_656  # vit_b_16's parameters, as torchvision publishes them
    assert analyze("vit_b_16").to_dict()["totals"]["weights_bytes"] == 346_270_624


def test_each_buffer_is_at_its_own_dtype() -> None:
    # torch: model.half() turns the running mean and variance of 53 batch norms to 2 bytes, their counts stay int64.
    channels, norms = 26_560, 53
    for dtype, size in (("float32", 4), ("float16", 2)):
        totals = analyze("resnet50", dtype=dtype).totals
        assert totals.buffers == 2 * channels + norms
        assert totals.buffers_bytes == 2 * channels * size + norms * 8
    # Swin's relative positions are int64 whatever the weights are: 12 layers of 49 x 49.
    assert analyze("swin_t", dtype="float16").totals.buffers_bytes == 12 * 49 * 49 * 8


def test_a_shared_weight_takes_its_bytes_once() -> None:
    tied = analyze("gpt2").totals
    assert tied.weights_bytes == 4 * 124_439_808


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_has_one_name_everywhere(name: str) -> None:
    report = analyze("lenet5")
    value = report.totals.figure(name)
    assert figure(report, name) == value
    tool, dot, key = name.partition(".")
    totals = json.loads(json.dumps(report.to_dict()))["totals"]
    assert (totals["memory"][tool][key] if dot else totals[name]) == value
    assert name in config_schema()["definitions"]["Budget"]["properties"]
    of_layers = BY_NAME[name].of_layers
    assert (name in available(report)) == of_layers
    assert all((name in row.figures) == of_layers for row in report.rows())


@pytest.mark.parametrize("metric", MEMORY, ids=lambda metric: metric.name)
def test_a_metric_of_memory_is_worked_out_by_name_and_in_no_analysis(metric: Metric) -> None:
    report = analyze("googlenet", vars={"aux": True})
    value = figure(report, metric.name)
    assert value == measure(report, MemorySettings(train=True)).totals[metric.name]
    assert metric.name not in report.totals
    assert metric.name in config_schema()["definitions"]["Budget"]["properties"]
    assert (metric.name in available(report)) == metric.of_layers
    if metric.of_layers:
        assert rows_make(report, metric) == {value}
        deep = analyze("resnet50")
        assert rows_make(deep, metric) == {figure(deep, metric.name)}


def rows_make(report: Report, metric: Metric) -> set[int]:
    """What the layers together have of a metric of memory, what the outermost groups have, and repeats written out."""
    rows, joined = OfRows(report, metric.name), max if metric.adds == "maximum" else sum
    layers = [row for row in report.rows() if not row.group]
    outer = [row for row in report.rows() if row.depth == 0]
    return {joined(map(rows.whole, chosen)) for chosen in (layers, outer, report.layers)}


@pytest.mark.parametrize("metric", [metric for metric in OF_LAYERS if metric.adds == "sum"], ids=lambda one: one.name)
def test_the_layers_sum_to_the_network(metric: object) -> None:
    for network in ("resnet18", "gpt2"):
        report = analyze(network)
        name = metric.name  # type: ignore[attr-defined]
        assert sum(row.figures[name] * row.repeat for row in report.rows() if not row.group) == report.totals[name]


def test_what_a_metric_follows_stands_before_it() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert not metric.follows or names.index(metric.follows) < names.index(metric.name)


def test_a_diff_follows_weights_under_the_same_name() -> None:
    net = b"archspec: 1\nname: n\ninputs: {x: [4]}\nlayers: [linear: 2]\n"
    (variant,) = compare_files("n.yaml", "n.yaml", net, net.replace(b"2]", b"3]"), Setting()).variants
    assert variant.delta["weights_bytes"] == 4 * 5
    assert set(variant.delta) == {metric.name for metric in DIFFED} <= set(NAMES)
