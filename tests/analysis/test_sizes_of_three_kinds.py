"""One code path for ints, columns of design points and symbols: specs analysed as each, and the three compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from archspec.api import Report, analyze
from archspec.errors import ArchspecError, ShapeError, SpecError, UsageError
from archspec.language.load import load_text
from archspec.language.nodes import Spec
from archspec.sizes import Undecided
from archspec.studies import points as columns
from archspec.studies.points import Points

GOLDEN = Path(__file__).parents[1] / "golden"
RESNET50 = json.loads((GOLDEN / "torchvision.json").read_text())["resnet50"]
w = sympy.Symbol("w")


def spec(layers: list[Any], shape: list[Any] | None = None, **variables: Any) -> Spec:
    inputs = {"x": shape or [8, 16, 16]}
    return load_text(json.dumps({"archspec": 1, "name": "test", "inputs": inputs, "vars": variables, "layers": layers}))


def over(layers: list[Any], shape: list[Any] | None = None, **columns: Any) -> Points:
    """The report over columns, each of which is a variable of the spec."""
    report = analyze(spec(layers, shape, **dict.fromkeys(columns, 1)), vars=columns)
    assert isinstance(report, Points)
    return report


def alone(layers: list[Any], shape: list[Any] | None = None, **values: Any) -> Report | str:
    """The report of one point, or its error as text."""
    try:
        return analyze(spec(layers, shape, **dict.fromkeys(values, 1)), vars=values)
    except ArchspecError as error:
        return str(error)


# --- ResNet-50 over its width: the closed form follows from the architecture, its value at 64 is torchvision's count.


def test_the_parameters_of_resnet50_are_a_polynomial_of_its_width() -> None:
    report = analyze("resnet@resnet50", vars={"width": w})
    assert report.totals.params == 5724 * w**2 + 32977 * w + 1000
    assert report.totals.params.subs(w, 64) == RESNET50["params"]
    assert report.totals.macs.subs(w, 64) == analyze("resnet@resnet50").totals.macs


def test_a_column_of_widths_equals_the_polynomial_and_single_widths() -> None:
    report = analyze("resnet@resnet50", vars={"width": np.arange(16, 257)})
    assert report.totals.params.dtype == np.int64
    assert report.totals.params.tolist() == [5724 * width**2 + 32977 * width + 1000 for width in range(16, 257)]
    for width in (16, 17, 64, 100, 255, 256):
        assert at(report.totals, width - 16) == analyze("resnet@resnet50", vars={"width": width}).totals


def test_sizes_of_the_input_and_the_batch_can_be_symbols() -> None:
    h, v, n = sympy.symbols("H W n")
    totals = analyze("resnet@resnet50", batch=n, dims={"H": h, "W": v}).totals
    assert totals.params == RESNET50["params"]
    for height, width, batch in ((224, 224, 1), (33, 97, 3), (1, 500, 2)):
        exact = analyze("resnet@resnet50", batch=batch, dims={"H": height, "W": width}).totals
        for name in ("macs", "flops", "activations"):
            assert totals[name].subs({h: height, v: width, n: batch}) == exact[name]


@pytest.mark.parametrize("assumptions", [{}, {"negative": True}, {"real": False}, {"positive": True, "integer": True}])
def test_symbols_come_back_as_they_were_given(assumptions: dict[str, bool]) -> None:
    symbol = sympy.Symbol("w", **assumptions)
    totals = analyze(spec([{"linear": "$w"}], [8], w=1), vars={"w": 2 * symbol}, batch=symbol).totals
    assert (totals.params, totals.macs) == (18 * symbol, 16 * symbol**2)


# --- Columns


def at(value: Any, index: Any) -> Any:
    """Totals at one design point, as plain ints."""
    if isinstance(value, dict):
        return {key: at(item, index) for key, item in value.items()}
    return int(value[index])


def test_arrays_broadcast() -> None:
    layers = [{"conv": {"out": "$w", "kernel": 3}}]
    report = analyze(
        spec(layers, [3, "$h", 8], w=1, h=8), batch=np.array([1, 2]).reshape(2, 1, 1),
        vars={"w": np.arange(1, 5).reshape(4, 1), "h": np.arange(3, 6)},
    )  # fmt: skip
    assert report.totals.params.shape == report.totals.macs.shape == (2, 4, 3)
    assert report.totals.params[1, 3].tolist() == [28 * 4] * 3
    assert report.totals.macs[1, 3].tolist() == [2 * 4 * 27 * 6 * (h - 2) for h in (3, 4, 5)]


def test_points_whose_groups_do_not_divide_are_masked_with_the_reason() -> None:
    layers = [{"conv": {"out": 24, "kernel": 1, "groups": "$g"}}]
    report = over(layers, [12, 4, 4], g=np.arange(0, 13))
    possible = [g for g in range(1, 13) if 12 % g == 0]
    assert isinstance(report.totals.params, np.ma.MaskedArray)
    assert np.flatnonzero(~report.totals.params.mask).tolist() == possible
    assert report.totals.params.compressed().tolist() == [24 * 12 // g + 24 for g in possible]
    assert report.impossible == {g: alone(layers, [12, 4, 4], g=g) for g in range(13) if g not in possible}
    assert "5 groups do not divide the 12 input channels" in report.impossible[5]
    assert report.totals["memory"]["torchinfo"]["total_bytes"].mask.sum() == 13 - len(possible)


def test_points_where_a_kernel_stops_fitting() -> None:
    layers = [{"conv": {"out": 4, "kernel": 7, "stride": 2}}, {"maxpool": 2}, {"conv": {"out": 4, "kernel": 5}}]
    report = over(layers, [3, "$h", 64], h=np.arange(1, 65))
    # 5 rows after the pool are 10 before it, which are (h - 7) // 2 + 1.
    assert sorted(report.impossible) == list(range(24))
    assert report.impossible == {h - 1: alone(layers, [3, "$h", 64], h=h) for h in range(1, 25)}


def test_impossible_points_of_several_axes_are_named_by_tuples() -> None:
    report = over([{"conv": {"out": "$a", "groups": "$b", "kernel": 1}}], a=np.array([[2], [4]]), b=np.array([2, 4, 3]))
    assert sorted(report.impossible) == [(0, 1), (0, 2), (1, 2)]


def test_where_no_point_is_possible_the_first_ones_error_is_raised() -> None:
    layers = [{"conv": {"out": 4, "kernel": "$k"}}]
    with pytest.raises(ShapeError) as caught:
        over(layers, k=np.array([40, 50]))
    assert str(caught.value) == alone(layers, k=40)
    with pytest.raises(UsageError, match="no dim or var `q`"):
        analyze(spec(layers, k=1), vars={"q": np.arange(3)})


def test_figures_beyond_int64_are_exact() -> None:
    layers = [{"linear": "$w"}, {"linear": "$w"}]
    for widths in ([64, 10**12], [3_037_000_498, 3_037_000_499, 3_037_000_500], [2**62, 2**63 - 1]):
        report = over(layers, [1], w=np.array(widths))
        params = [w * (w + 1) + 2 * w for w in widths]
        assert report.totals.params.tolist() == params
        assert report.totals.params.dtype == (np.int64 if max(params) < 2**63 else object)
        total = report.totals["memory"]["torchinfo"]["total_bytes"].tolist()
        assert total == [alone(layers, [1], w=w).totals["memory"]["torchinfo"]["total_bytes"] for w in widths]  # type: ignore[union-attr]


def test_columns_longer_than_a_chunk_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [{"conv": {"out": "$a", "kernel": 3, "groups": "$b", "bias": "$a > 6"}}, "relu"]
    given = {"a": np.arange(1, 13).reshape(12, 1), "b": np.array([1, 2, 8])}
    whole = over(layers, **given)
    monkeypatch.setattr(columns, "CHUNK", 5)
    chunked = over(layers, **given)
    assert len(chunked.pieces) > len(whole.pieces)
    assert chunked.impossible == whole.impossible
    np.testing.assert_array_equal(chunked.totals.params, whole.totals.params)
    for one, other in zip(chunked.layers, whole.layers, strict=True):
        np.testing.assert_array_equal(one.macs, other.macs)


def test_layers_have_columns_too() -> None:
    report = over([{"conv": {"out": "$w", "kernel": 3}}, "relu"], w=np.array([4, 6]))
    conv, relu = report.layers
    assert (conv.path, conv.params.tolist(), relu.params) == ("conv1", [4 * 73, 6 * 73], 0)
    assert (conv.output[0], conv.output[1].tolist(), conv.output[2:]) == (1, [4, 6], (14, 14))
    assert (conv.repeat, conv.line, conv.item.name) == (1, 1, "conv1")


def test_points_with_other_layers_have_totals_but_no_table() -> None:
    layers = [{"conv": {"out": 8, "kernel": 1}, "when": "$w > 3"}]
    report = over([*layers, "relu"], w=np.arange(1, 6))
    assert report.totals.params.tolist() == [0, 0, 0, 72, 72]
    with pytest.raises(UsageError, match="do not have the same layers"):
        _ = report.layers
    with pytest.raises(UsageError, match="do not have the same layers"):
        report.rows()


def test_a_report_of_columns_says_what_it_covers() -> None:
    report = over([{"conv": {"out": "$w", "kernel": 3, "groups": 2}}], w=np.arange(1, 6))
    assert "5 design points [5], 3 impossible" in str(report)
    assert "params: 74 to 148" in str(report)
    assert report._repr_html_().startswith("<pre>test")
    with pytest.raises(UsageError, match="one design point"):
        report.to_dict()


def test_counts_of_unknown_layers_are_columns() -> None:
    layers = [{"relu": None, "repeat": "$d"}, {"softmax": 1, "when": "$d > 2"}]
    report = analyze(spec(layers, d=1), vars={"d": np.array([1, 3])}, convention="textbook-bn2")
    for kind, expected in (("relu", [1, 3]), ("softmax", [0, 1])):
        if kind in report.unknown:
            assert report.unknown[kind].tolist() == expected
            assert any(kind in text for text in report.warnings)


def test_conditions_are_values() -> None:
    layers = [{"conv": {"out": "$w + 2*($w > 4)", "kernel": 1, "bias": "$w > 2"}}]
    assert over(layers, w=np.arange(1, 7)).totals.params.tolist() == [8, 16, 27, 36, 63, 72]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"w": np.array([1.5, 2.0])}, "integers"),
        ({"w": np.array([True, False])}, "integers"),
        ({"w": np.array([], int)}, "no design points"),
        ({"w": np.arange(1, 4), "v": np.arange(1, 5)}, "do not fit together"),
        ({"w": np.arange(1, 4), "v": w}, "cannot be mixed"),
        ({"w": sympy.Symbol("x") / 2}, "must be an integer"),
    ],
)
def test_what_is_no_column_and_no_size(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        analyze(spec([{"linear": "$w * $v"}], [8], w=1, v=1), vars=given)


def test_scalars_of_numpy_are_numbers() -> None:
    report = analyze(spec([{"linear": "$w"}], [8], w=1), vars={"w": np.int64(5)}, batch=np.array(2))
    assert type(report) is Report
    assert (report.totals.params, type(report.totals.params), report.totals.macs) == (45, int, 80)


def test_lists_and_text_beside_columns() -> None:
    depths = [1, np.array([2, 5]), 1, 1]
    report = analyze("resnet", vars={"block": "basic", "depths": depths, "width": np.array([[8], [16]])})
    for i, width in enumerate((8, 16)):
        for j, depth in enumerate((2, 5)):
            values = {"block": "basic", "depths": [1, depth, 1, 1], "width": width}
            assert at(report.totals, (i, j)) == analyze("resnet", vars=values).totals


# --- Repeats

KEEPS = {"conv": {"out": 8, "kernel": 3, "padding": 1}, "repeat": "$d"}
SETTLES = {"conv": {"out": 12, "kernel": 3, "padding": 1}, "repeat": "$d"}
SHRINKS = {"conv": {"out": 8, "kernel": 3}, "repeat": "$d"}
INDEXED = {"conv": {"out": 8, "kernel": 1, "bias": "$index % 2 == 0"}, "repeat": "$d"}


@pytest.mark.parametrize("layer", [KEEPS, SETTLES, SHRINKS, INDEXED])
def test_a_column_of_repeats(layer: dict[str, Any]) -> None:
    depths = np.array([3, 0, 7, 1, 3, 9, 2])
    report = over([layer], d=depths)
    for i, depth in enumerate(depths.tolist()):
        expected = alone([layer], d=depth)
        if isinstance(expected, str):
            assert report.impossible[i] == expected
        else:
            assert at(report.totals, i) == expected.totals


@pytest.mark.parametrize("layer", [KEEPS, SETTLES])
def test_a_symbol_repeats_what_keeps_its_shape(layer: dict[str, Any]) -> None:
    report = analyze(spec([layer], d=1), vars={"d": w})
    for depth in (1, 2, 50):
        assert report.totals.params.subs(w, depth) == analyze(spec([layer], d=1), vars={"d": depth}).totals.params
    assert [row.kind for row in report.rows()][-1] == "conv"


@pytest.mark.parametrize("layer", [SHRINKS, INDEXED])
def test_a_symbol_cannot_repeat_what_differs(layer: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="`repeat: d` needs a number here"):
        analyze(spec([layer], d=1), vars={"d": sympy.Symbol("d")})


# --- Symbols


def test_a_condition_on_a_symbol_that_is_open_is_an_error() -> None:
    layers = [{"conv": {"out": 8, "kernel": 1}, "when": "$w > 3"}]
    with pytest.raises(Undecided, match=r"layers\.0.*whether w > 3 depends on w") as caught:
        analyze(spec(layers, w=1), vars={"w": w})
    assert caught.value.hint == "give w a number"


def test_what_is_assumed_of_a_symbol_is_a_warning_in_every_analysis() -> None:
    known = spec([{"conv": {"out": "$w", "kernel": 3, "groups": 2}}], w=1)
    for _ in range(2):
        report = analyze(known, vars={"w": w})
        assert report.warnings[-1] == "assumed: w % 2 == 0"
        assert report.totals.params == 37 * w


def test_a_repeat_that_may_be_none_is_assumed_to_be_some() -> None:
    report = analyze(spec([{**KEEPS, "repeat": "$d - 1"}], d=2), vars={"d": w})
    assert report.warnings[-1] == "assumed: w >= 2"
    assert report.totals.params == 584 * w - 584


def test_groups_can_be_a_symbol() -> None:
    depthwise = {"conv": {"out": "4*$in.c", "kernel": 3, "groups": "$in.c"}}
    report = analyze(spec([depthwise], ["$w", 9, 9], w=1), vars={"w": w})
    assert report.totals.params == 40 * w
    report = analyze(spec([{"conv": {"out": 8, "kernel": 3, "groups": "$w"}}], w=1), vars={"w": w})
    assert report.totals.params.subs(w, 4) == 8 * 2 * 9 + 8


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([{"conv": {"out": "$w / 4", "kernel": 1}}], None),
        ([{"use": "attention", "with": {"heads": 4}}], [16, "$w"]),
        ([{**KEEPS, "repeat": "$w / 4"}], None),
        (["relu"], [3, "$w / 4"]),
    ],
)
def test_a_fraction_is_no_size_in_a_column_either(layers: list[Any], shape: list[Any] | None) -> None:
    """A point has figures where an analysis of it alone has them; a symbol says what must divide."""
    report = over(layers, shape, w=np.arange(4, 13))
    for value, params in zip(range(4, 13), report.totals.params.tolist(), strict=True):
        if value % 4:
            assert params is None
            with pytest.raises(ArchspecError):
                analyze(spec(layers, shape, w=value))
        else:
            assert params == analyze(spec(layers, shape, w=value)).totals.params
    assert "assumed: w % 4 == 0" in analyze(spec(layers, shape, w=1), vars={"w": w}).warnings


def test_true_and_one_are_different_arguments() -> None:
    def recurrent(bias: int) -> int:
        layers = [{"lstm": {"hidden": 5, "bias": bias}}, {"lstm": {"hidden": 5, "bias": True}}]
        return int(analyze(spec(layers, [7, 5])).totals.params)

    assert recurrent(2) - recurrent(1) == 20


def test_columns_of_different_lengths_in_turn() -> None:
    known = spec([{"conv": {"out": "2*$w", "kernel": 3}}], w=1)
    for count in (2, 3, 2):
        assert analyze(known, vars={"w": np.full(count, 4)}).totals.params.tolist() == [8 * 73] * count


def test_ints_need_neither_numpy_nor_sympy() -> None:
    code = (
        "import sys, archspec.api as a; assert a.analyze('resnet@resnet18').totals.params == 11689512; "
        "print([name for name in ('numpy', 'sympy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
