"""`norm` and `act` whose kind an expression gives."""

from __future__ import annotations

from typing import Any

import pytest

from archspec.api import analyze
from archspec.errors import SpecError
from archspec.graph.graph import Layer
from archspec.language.load import load_text

SPEC = """\
archspec: 1
name: choice
inputs: {x: [8, 4, 4]}
vars: {act: relu, norm: batchnorm}
blocks:
  part:
    params: {act: null, norm: none}
    layers:
      - conv: {out: 8, kernel: 1, norm: $norm, act: $act}
layers:
  - {use: part, with: {act: $act, norm: $norm}, id: part}
  - residual: {body: [{use: part, with: {act: none}, id: inner}], act: $act}
"""


def kinds(**given: Any) -> dict[str, str]:
    return {row.path: row.kind for row in analyze(load_text(SPEC), vars=given).layers}


def test_the_chosen_kinds_stand_behind_the_layer() -> None:
    assert kinds() == {
        "part.conv1": "conv", "part.conv1_norm": "batchnorm", "part.conv1_act": "relu",
        "inner.conv1": "conv", "add1": "add", "add1_act": "relu",
    }  # fmt: skip


def test_none_leaves_it_out() -> None:
    assert kinds(act="none", norm="none") == {"part.conv1": "conv", "inner.conv1": "conv", "add1": "add"}


@pytest.mark.parametrize("none", ["null", "none"])
@pytest.mark.parametrize("first", [True, False])
def test_an_expression_chooses_between_a_kind_and_nothing(none: str, first: bool) -> None:
    conv = f"{{out: 8, kernel: 1, bias: true if $first else false, act: {none} if $first else relu}}"
    text = f"archspec: 1\nname: t\ninputs: {{x: [3, 4, 4]}}\nvars: {{first: true}}\nlayers: [conv: {conv}]\n"
    report = analyze(load_text(text), vars={"first": first})
    assert [row.kind for row in report.layers] == (["conv"] if first else ["conv", "relu"])
    assert report.totals.params == 8 * 3 + (8 if first else 0)


def test_null_is_an_argument_left_out() -> None:
    text = (
        "archspec: 1\nname: t\ninputs: {x: [3, 8]}\nvars: {s: null}\nlayers: [maxpool: {kernel: 4, stride: STRIDE}]\n"
    )
    assert analyze(load_text(text.replace("STRIDE", "null if $s == null else $s"))).layers[0].output == (1, 3, 2)
    assert analyze(load_text(text.replace("STRIDE", "1 if $s == null else $s"))).layers[0].output == (1, 3, 5)


def test_a_kind_may_have_arguments() -> None:
    text = SPEC.replace("act: relu", "act: {gelu: tanh}")
    calls = {row.path: row.item for row in analyze(load_text(text)).layers}
    gelu = calls["part.conv1_act"]
    assert isinstance(gelu, Layer)
    assert gelu.traits.kind.kind == "gelu"
    assert gelu.traits.facts["tanh"] is True


def test_the_choice_may_change_from_instance_to_instance() -> None:
    text = SPEC.replace("id: part}", "id: part, repeat: 3}").replace(
        "with: {act: $act, norm", "with: {act: \"'relu' if $index == 1 else 'silu'\", norm"
    )
    found = [row.kind for row in analyze(load_text(text)).layers if row.path.startswith("part.") and "_act" in row.name]
    assert found == ["silu", "relu", "silu"]


@pytest.mark.parametrize(("value", "message"), [("rellu", "rellu"), ("'3'", "`3`")])
def test_an_unknown_kind_is_an_error(value: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        analyze(load_text(SPEC.replace("act: relu", f"act: {value}")))


def test_products_of_two_layers_name_them() -> None:
    inputs = "inputs: {a: [2, 3], b: [3, 5], c: [2, 3]}"
    text = f"archspec: 1\nname: two\n{inputs}\nlayers:\n  - sub: [a, c]\n  - matmul: [prev, b]\n"
    rows = analyze(load_text(text)).layers
    assert [row.output for row in rows] == [(1, 2, 3), (1, 2, 5)]
