"""What must hold of any spec and any edit."""

from __future__ import annotations

import random
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.analysis.setting import Setting
from archspec.change import lcs, semantic, spelling
from archspec.change.diff import compare_files
from archspec.change.model import Diff, Side, SpecDiff
from archspec.language.load import load_text
from archspec.render.diff import render
from archspec.text.reader import read_text

ZOO = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
HEAD = "archspec: 1\nname: n\ninputs: {x: [8, 16, 16]}\nvars: {w: 8}\nlayers:\n"

# Layers that keep the shape, so that any list of them is a network.
LAYERS = st.sampled_from(
    [
        "relu", "gelu", "batchnorm", "{dropout: 0.1}", "{conv: {out: $w, kernel: 3, padding: 1}}",
        "{conv: {out: 8, kernel: 1}}",
        "{conv: {out: 8, kernel: 5, padding: 2, act: relu}}", "{residual: [{conv: {out: 8, kernel: 1}}, relu]}",
        "{seq: [relu, {conv: {out: 8, kernel: 1, bias: false}}], repeat: 3}",
    ]
)  # fmt: skip
LISTS = st.lists(LAYERS, min_size=1, max_size=10)


def text(layers: list[str]) -> str:
    return HEAD + "".join(f"  - {layer}\n" for layer in layers)


def diff(base: str, head: str) -> SpecDiff:
    return compare_files("n.yaml", "n.yaml", base.encode(), head.encode(), Setting())


def plain(data: Any) -> Any:
    """Data in the long spelling, so that two that mean the same are equal."""
    return spelling.frozen(data)


@pytest.mark.parametrize("file", ZOO, ids=lambda file: file.stem)
def test_a_spec_against_itself_is_empty(file: Path) -> None:
    content = file.read_bytes()
    found = compare_files(file.name, file.name, content, content + b"\n# the end\n", Setting())
    assert found.status == "unchanged"
    assert found.edits == ()
    assert not found.numeric


@given(LISTS, LISTS)
@settings(max_examples=60, deadline=None)
def test_all_edits_lead_from_base_to_head(old: list[str], new: list[str]) -> None:
    specs = load_text(text(old)), load_text(text(new))
    base, head = (spec.document for spec in specs)
    tree, edits, _ = semantic.compare(*specs)
    assert plain(semantic.merged(tree, lambda edit: False)) == plain(base.data)
    assert plain(semantic.merged(tree, lambda edit: True)) == plain(head.data)
    assert (edits == []) == (plain(base.data) == plain(head.data))


EQUALS = (
    "conv: {out: 4, kernel: 3, padding: 1}", "conv: {out: 4, kernel: 1}", "{conv: {out: 4, kernel: 1}, id: c}",
    "{conv: {out: 4, kernel: 5, padding: 2}, id: d}", "relu", "maxpool: {kernel: 3, stride: 2, padding: 1}",
)  # fmt: skip


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Layers in two orders, of which equal ones may stand there several times."""
    layers = draw(st.lists(st.sampled_from(EQUALS), min_size=1, max_size=8))
    layers = [layer for at, layer in enumerate(layers) if "id" not in layer or layer not in layers[:at]]
    return layers, draw(st.permutations(layers))


@given(shuffled())
@settings(max_examples=150, deadline=None)
def test_causes_and_layers_call_the_same_layers_moved(both: tuple[list[str], list[str]]) -> None:
    head = HEAD.replace("[8, 16, 16]", "[4, 64, 64]")
    found = diff(*(head + "".join(f"  - {layer}\n" for layer in layers) for layers in both))
    (variant,) = found.variants
    changes = variant.layers.changes if variant.layers else ()
    assert {edit.op for edit in found.edits} | {change.op for change in changes} <= {">"}
    assert [change.path for change in changes] == [edit.name for edit in found.edits]


@given(LISTS, LISTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_layers_account_for_the_whole_change(old: list[str], new: list[str]) -> None:
    """Changed layers and those that follow add up to the difference of the totals, whatever was aligned with what."""
    found = diff(text(old), text(new))
    (variant,) = found.variants
    if variant.layers is None or variant.base is None:
        assert plain(read_text(text(old)).data) == plain(read_text(text(new)).data)
        return
    for name in ("params", "macs", "flops", "activations", "buffers"):
        parts = (
            sum(change.head[name] - change.base[name] for change in variant.layers.changes)
            + variant.layers.ripple[name]
        )
        assert parts == variant.delta[name]
    known = [cause.contribution for cause in variant.causes]
    for name, delta in variant.delta.items():
        if known:
            assert sum(one[name] for one in known if one) + variant.interaction[name] == delta
    assert render(Diff(base=Side("a"), head=Side("b"), at=Setting(), specs=(found,)), "text")


@given(LISTS, st.integers(0, 10), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_insertions_touch_nothing_else(layers: list[str], place: int, count: int) -> None:
    place = min(place, len(layers))
    head = [*layers[:place], *["{conv: {out: 8, kernel: 7, padding: 3}}"] * count, *layers[place:]]
    found = diff(text(layers), text(head))
    assert [(edit.op, edit.line) for edit in found.edits] == [("+", 6 + place + i) for i in range(count)]
    (variant,) = found.variants
    assert variant.layers is not None
    assert [change.op for change in variant.layers.changes] == ["+"] * count
    assert variant.layers.ripples == 0
    # A convolution of 7 x 7 from 8 to 8 channels with a bias; edits that do not depend on each other do not interact.
    assert variant.delta["params"] == count * (8 * 8 * 49 + 8)
    assert not any(variant.interaction.values())
    assert all(cause.contribution and cause.contribution["params"] == 8 * 8 * 49 + 8 for cause in variant.causes)


def longest(a: str, b: str) -> int:
    """The length of a longest common subsequence, by trying every one of the shorter text's."""
    if not a or not b:
        return 0
    best = 0
    for mask in range(1 << len(a)):
        chosen = [one for index, one in enumerate(a) if mask >> index & 1]
        rest = iter(b)
        if len(chosen) > best and all(one in rest for one in chosen):
            best = len(chosen)
    return best


@given(st.text("abc", max_size=9), st.text("abc", max_size=12))
@settings(max_examples=80, deadline=None)
def test_common_subsequence_is_longest(a: str, b: str) -> None:
    pairs = lcs.common(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
    assert len(pairs) == longest(a, b)


def test_long_lists_are_aligned_by_what_is_unique() -> None:
    a: list[object] = [f"u{i}" for i in range(3000)]
    b = list(a)
    chance = random.Random(1)
    for _ in range(40):
        b.insert(chance.randrange(len(b)), ["x"][0])
    kept = [b.pop(chance.randrange(len(b))) for _ in range(20)]
    gone = sum(one != "x" for one in kept)
    assert len(lcs.common(a, b)) == 3000 - gone


@given(st.integers(0, 9).flatmap(lambda n: st.permutations(range(n))), st.lists(st.integers(5, 12), max_size=3))
def test_anchors_are_the_most_unique_items_that_rise_together(b: list[int], more: list[int]) -> None:
    a, b = [*range(len(b)), *more], [*b, *more]
    unique = [item for item in set(a) if a.count(item) == b.count(item) == 1]
    places = [b.index(item) for item in sorted(unique, key=a.index)]
    most = next(
        size
        for size in range(len(places), -1, -1)
        if any(list(chosen) == sorted(chosen) for chosen in combinations(places, size))
    )
    pairs = lcs._anchors(a, b, 0, len(a), 0, len(b))
    assert len(pairs) == most
    assert all(a[i] == b[j] and a[i] in unique for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
