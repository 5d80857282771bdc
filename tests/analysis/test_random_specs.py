"""Random specs and layers, analysed point by point on ints, on columns and on symbols: all three must agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.analysis.report import Report
from archspec.api import analyze
from archspec.errors import ArchspecError
from archspec.language.load import load_text
from archspec.language.nodes import Spec
from archspec.sizes import Undecided

SYMBOLS = {name: sympy.Symbol(name) for name in ("a", "b", "h")}
VARIED = ["$a", "$b", "2*$a", "$a + $b", "$a*$b", "$a // 2 + 1", "max($a, 2*$b)"]
SIZES = [*VARIED, "$in.c", "2*$in.c", "$in.c // $b", 4, 6]
CONDITIONS = ["$a > $b", "$in.c % 2 == 0", "$h > 6"]
MAYBE_NONE = ["$a - 1", "$a // 3"]
CONVENTIONS = ["archspec", "torchinfo", "textbook-bn2"]


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    # A condition on the variables is decided point by point; for symbols it is open, so half of the specs have none.
    flags = [True, False, *(CONDITIONS if draw(st.booleans()) else ())]
    layers = draw(st.lists(blocks(2, flags), min_size=1, max_size=4))
    if draw(st.booleans()):
        layers += draw(st.sampled_from([["global_avgpool"], []]))
        layers += ["flatten", {"linear": {"out": draw(st.sampled_from(VARIED)), "bias": draw(st.sampled_from(flags))}}]
    return {
        "archspec": 1, "name": "random", "inputs": {"x": [draw(st.sampled_from(VARIED)), "$h", 9]},
        "vars": {"a": 4, "b": 2, "h": 8}, "layers": layers,
    }  # fmt: skip


def blocks(depth: int, flags: list[Any]) -> st.SearchStrategy[Any]:
    simple = st.one_of(convs(flags), convs(flags), pools(), others())
    if not depth:
        return simple
    inner = st.lists(blocks(depth - 1, flags), min_size=1, max_size=2)
    return st.one_of(
        simple,
        simple,
        st.builds(lambda body: {"residual": {"body": body}}, inner),
        st.builds(lambda one, two: {"parallel": {"branches": {"one": one, "two": two}}}, inner, inner),
        st.builds(lambda body, repeat: {"seq": body, "repeat": repeat}, inner, repeats()),
        st.builds(lambda body, when: {"seq": body, "when": when}, inner, st.sampled_from(flags)),
    )


def repeats() -> st.SearchStrategy[Any]:
    return st.sampled_from([2, "$b", "$a", *MAYBE_NONE])


@st.composite
def convs(draw: st.DrawFn, flags: list[Any]) -> dict[str, Any]:
    conv = {"out": draw(st.sampled_from(SIZES)), "kernel": draw(st.sampled_from([1, 3, 2, "$b", [1, "$b"]]))}
    conv["padding"] = draw(st.sampled_from([0, 1, "half", "same_upper", "$b // 2"]))
    conv["stride"] = draw(st.sampled_from([1, 1, 2, "$b"] if len(flags) == 2 else [1, "2 if $a > 5 else 1"]))
    conv["groups"] = draw(st.sampled_from([1, 1, 2, "$b", "$in.c"]))
    conv["bias"] = draw(st.sampled_from(flags))
    conv["norm"] = draw(st.sampled_from(["none", "batchnorm"]))
    return {"conv": conv, **({"repeat": draw(repeats())} if draw(st.integers(0, 5)) == 0 else {})}


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["maxpool", "avgpool"]))
    stride = draw(st.sampled_from([1, 2, "$b"]))
    return {kind: {"kernel": draw(st.sampled_from([2, 3, "$b"])), "stride": stride, "ceil": draw(st.booleans())}}


def others() -> st.SearchStrategy[Any]:
    return st.sampled_from([
        "relu", "batchnorm", {"groupnorm": {"groups": "$b"}}, {"upsample": {"scale": "$b"}}, {"prelu": None},
        {"adaptive_avgpool": "$b"}, {"pixel_shuffle": 2}, {"channel_shuffle": "$b"}, {"pad": {"padding": ["$b", 1]}},
        {"slice": {"axis": 1, "start": 0, "end": "$b"}},
    ])  # fmt: skip


def flat(totals: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found = {}
    for key, value in totals.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def single(spec: Spec, batch: int, values: dict[str, int], convention: str) -> dict[str, Any] | str:
    try:
        return flat(analyze(spec, batch=batch, vars=values, convention=convention).totals)
    except ArchspecError as error:
        return str(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    specs(), st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True), st.integers(1, 3),
    st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True), st.sampled_from(CONVENTIONS),
)  # fmt: skip
def test_ints_columns_and_symbols_agree(
    document: dict[str, Any], some_a: list[int], most_b: int, some_h: list[int], convention: str
) -> None:
    spec = load_text(json.dumps(document))
    axes = np.array(some_a), np.arange(1, most_b + 1)[:, None], np.array(some_h)[:, None, None]
    points = {
        index: dict(zip(SYMBOLS, map(int, values), strict=True))
        for index, values in zip(
            np.ndindex(np.broadcast_shapes(*(axis.shape for axis in axes))),
            zip(*(axis.flat for axis in np.broadcast_arrays(*axes)), strict=True),
            strict=True,
        )
    }
    expected = {index: single(spec, 2, values, convention) for index, values in points.items()}
    check_columns(spec, dict(zip(SYMBOLS, axes, strict=True)), expected, convention)
    try:
        report = analyze(spec, batch=2, vars=SYMBOLS, convention=convention)
    except Undecided:
        return  # the graph itself depends on a symbol
    except ArchspecError as error:
        # What cannot be for any value cannot be for those at hand, unless a repeat leaves it out for some of them.
        if "needs a number here" not in str(error) and not any(repeat in str(document) for repeat in MAYBE_NONE):
            assert all(isinstance(one, str) for one in expected.values())
        return
    check_closed_form(report, SYMBOLS, points, expected)


def check_columns(spec: Spec, columns: dict[str, Any], expected: dict[Any, Any], convention: str) -> None:
    if all(isinstance(one, str) for one in expected.values()):
        with pytest.raises(ArchspecError) as caught:
            analyze(spec, batch=2, vars=columns, convention=convention)
        assert str(caught.value) == next(iter(expected.values()))
        return
    report: Any = analyze(spec, batch=2, vars=columns, convention=convention)
    assert dict(report.impossible) == {index: one for index, one in expected.items() if isinstance(one, str)}
    totals = flat(report.totals)
    for index, one in expected.items():
        if not isinstance(one, str):
            assert {key: int(column[index]) for key, column in totals.items()} == one


def check_closed_form(
    report: Report, symbols: dict[str, Any], points: dict[Any, Any], expected: dict[Any, Any]
) -> None:
    closed = flat(report.totals)
    assumed = [text.removeprefix("assumed: ") for text in report.warnings if text.startswith("assumed: ")]
    for index, values in points.items():
        if all(eval(text, {"max": max, "min": min}, values) for text in assumed):
            known = {symbols[name]: value for name, value in values.items()}
            assert {key: sympy.sympify(form).subs(known) for key, form in closed.items()} == expected[index]


NEVER = {"identity": None, "when": "$index == -1"}  # asks for the index, so that instances are written out


def written_out(layer: Any) -> Any:
    """A layer with its repeats such that no two instances are counted as one."""
    if isinstance(layer, dict) and "residual" in layer:
        return {"residual": {"body": [written_out(inner) for inner in layer["residual"]["body"]]}}
    if isinstance(layer, dict) and "parallel" in layer:
        branches = layer["parallel"]["branches"]
        return {"parallel": {"branches": {name: list(map(written_out, body)) for name, body in branches.items()}}}
    if isinstance(layer, dict) and "seq" in layer:
        return {**layer, "seq": [*map(written_out, layer["seq"]), *([NEVER] if "repeat" in layer else [])]}
    if isinstance(layer, dict) and "repeat" in layer:
        return {"seq": [{key: layer[key] for key in layer if key != "repeat"}, NEVER], "repeat": layer["repeat"]}
    return layer


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specs(), st.sampled_from(CONVENTIONS), st.integers(1, 6))
def test_folded_and_written_out_agree(document: dict[str, Any], convention: str, a: int) -> None:
    folded, unrolled = (
        single(load_text(json.dumps({**document, "layers": layers})), 2, {"a": a, "b": 2, "h": 16}, convention)
        for layers in (document["layers"], list(map(written_out, document["layers"])))
    )
    if isinstance(folded, dict) or isinstance(unrolled, dict):  # errors name places, which differ
        assert folded == unrolled


CASES = json.loads((Path(__file__).parents[1] / "golden" / "layers.json").read_text())
# What the stored cases call otherwise, and what is no size.
NAMES = {("max_unpool", "output"): "size"}
WORDS = {("pad", "mode", "zero"): "zeros"}
FIXED = ("axis", "dims", "start", "end", "bias", "norm")


@pytest.mark.parametrize("place", range(0, len(CASES), 4))
def test_every_kind_agrees(place: int) -> None:
    """Each configuration of a layer with one of its sizes as a column and as a symbol."""
    case = CASES[place]
    kind = case["kind"]
    sizes: dict[str, int] = {}
    arguments: dict[str, Any] = {}
    for name, value in case["args"].items():
        known = WORDS.get((kind, name, value), value) if isinstance(value, str) else value
        if type(known) is int and name not in FIXED:
            sizes[name], known = known, f"${name}"
        arguments[NAMES.get((kind, name), name)] = known
    inputs: dict[str, Any] = {}
    for i, shape in enumerate(case["inputs"]):
        sizes |= {f"x{i}_{axis}": size for axis, size in enumerate(shape)}
        inputs[f"x{i}"] = {"shape": [f"$x{i}_{axis}" for axis in range(len(shape))]}
    layers = [{kind: arguments, "from": list(inputs)}]
    document = {"archspec": 1, "name": "layer", "inputs": inputs, "vars": sizes, "layers": layers}
    try:
        spec = load_text(json.dumps(document))
    except ArchspecError:
        assert "error" in case  # what torch refuses may be refused as text
        return
    name = list(sizes)[place // 4 % len(sizes)]
    points = dict(enumerate({name: max(sizes[name] + step, 1)} for step in (0, 1, -1, 2, sizes[name])))
    expected = {index: single(spec, 2, values, "archspec") for index, values in points.items()}
    check_columns(spec, {name: np.array([values[name] for values in points.values()])}, expected, "archspec")
    symbols = {name: sympy.Symbol(name)}
    try:
        report = analyze(spec, batch=2, vars=symbols)
    except Undecided:
        return  # a number of layers, or a scale
    except ArchspecError:
        if kind != "upsample":  # a decimal scale is refused for symbols
            assert all(isinstance(one, str) for one in expected.values())
        return
    check_closed_form(report, symbols, points, expected)
