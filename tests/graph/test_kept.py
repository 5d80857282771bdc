"""Blocks kept for the analyses to come: an analysis says what it would say if it were the first."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from archspec.api import analyze
from archspec.graph import kept
from archspec.graph.kept import KEPT
from archspec.language.load import load_text

HEAD = "archspec: 1\nname: made\ninputs: {x: [4]}\n"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    KEPT.blocks.clear()
    KEPT.layers = 0


def first(spec: Any, **setting: Any) -> dict[str, Any]:
    """What an analysis says with nothing kept."""
    forget()
    return analyze(spec, **setting).to_dict(full=True)


@pytest.mark.parametrize("network", ["resnet18", "swin_t", "gpt2", "densenet121", "fusionnet", "shufflenet_v2_x0_5"])
def test_a_second_analysis_says_what_the_first_did(network: str) -> None:
    before = first(network)
    assert KEPT.blocks
    assert analyze(network).to_dict(full=True) == before


def test_settings_by_turns_are_not_mixed_up() -> None:
    settings: list[dict[str, Any]] = [
        {}, {"batch": 3}, {"dtype": "float16"}, {"convention": "torchinfo"}, {"vars": {"width": 32}},
    ]  # fmt: skip
    alone = [first("resnet18", **setting) for setting in settings]
    for _ in range(2):
        assert [analyze("resnet18", **setting).to_dict(full=True) for setting in settings] == alone


def test_a_variable_of_the_file_that_a_parameter_hides() -> None:
    """The block called inside sees the file's `w`, the one around it its own."""
    spec = load_text(
        HEAD
        + "vars: {w: 5}\nblocks:\n  inner: {layers: [{linear: $w}]}\n"
        + "  outer: {params: {w: int}, layers: [{linear: $w}, {use: inner}]}\n"
        + "layers: [{use: outer, with: {w: 3}}]\n"
    )
    # 4 to 3 and 3 to w, each with its bias.
    assert [analyze(spec, vars={"w": w}).totals["params"] for w in (5, 7, 5)] == [15 + 20, 15 + 28, 15 + 20]


READERS = {
    "argument": "[{linear: $w}]",
    "default of a parameter": "[{use: inner}]",
    "call by name": "[{use: outer}]",
    "call by a variable": "[{use: $called}]",
    "choice": "[{linear: {out: 4, norm: $norm}}]",
    "inner look-up": "[{seq: [{linear: $widths.$w}], repeat: 1}]",
    "repeat": "[{linear: 4, repeat: $w}]",
    "condition": "[{linear: 4, when: $w == 2}]",
    "branch": "[{parallel: {branches: {a: [{linear: $w}], b: []}, merge: concat}}]",
}


@pytest.mark.parametrize("layers", list(READERS.values()), ids=list(READERS))
def test_a_variable_that_a_block_asks_for(layers: str) -> None:
    """It is known again for other values of the rest only."""
    spec = load_text(
        HEAD
        + "vars: {w: 1, rest: 1, called: inner, norm: layernorm, widths: [5, 6, 7]}\nblocks:\n"
        + "  inner: {params: {v: 2*$w}, layers: [{linear: $v}]}\n"
        + "  outer: {layers: [{use: inner}]}\n"
        + f"  asking: {{layers: {layers}}}\n"
        + "layers: [{use: asking}, {linear: $rest}]\n"
    )
    settings = [{"w": w, "rest": rest, "norm": norm} for w in (1, 2) for rest in (1, 3) for norm in ("none", "rmsnorm")]
    alone = [first(spec, vars=values) for values in settings]
    assert [analyze(spec, vars=values).to_dict(full=True) for values in settings] == alone


def test_a_variable_that_no_block_asks_for() -> None:
    spec = load_text(HEAD + "vars: {w: 1}\nblocks:\n  b: {layers: [linear: 4]}\nlayers: [{use: b}, {linear: $w}]\n")
    for w in (1, 2, 3):
        assert analyze(spec, vars={"w": w}).totals["params"] == 20 + 5 * w
    assert len(KEPT.blocks) == 1


def test_an_address_into_a_block_that_was_kept() -> None:
    blocks = "blocks:\n  b: {params: {w: 4}, layers: [{linear: 8, id: wide}, {linear: $w}]}\nlayers:\n"
    text = HEAD + blocks + "  - {use: b, id: one}\n  - {use: b, id: two}\n"
    looking = load_text(text + "  - {linear: 2, from: one.wide}\n")
    before = first(looking)
    assert looking.home.opened
    assert analyze(looking).to_dict(full=True) == before
    assert before["totals"]["params"] == 2 * (40 + 36) + 18


def test_a_copy_of_a_report_is_kept_for_nobody() -> None:
    analyze("resnet18")
    report = analyze("resnet18")
    bodies = [item.body for item in copy.deepcopy(report).graph.body.items if hasattr(item, "body")]
    assert bodies
    assert all(body.known is None for body in bodies)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 10)
    spec = load_text(
        HEAD + "vars: {w: 1}\nblocks:\n  b: {params: {w: int}, layers: [{linear: $w}, relu]}\n"
        "layers: [{use: b, with: {w: $w}}]\n"
    )
    for w in range(1, 20):
        assert analyze(spec, vars={"w": w}).totals["params"] == 5 * w
        assert 0 < KEPT.layers <= 10
        assert sum(block.layers + 1 for block in KEPT.blocks.values()) == KEPT.layers
