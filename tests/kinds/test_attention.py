"""Attention: allowed pairs counted one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer
from archspec.sizes import Grid

SIZES = st.integers(1, 9)


def apply(args: dict[str, Any], *shapes: Shape) -> Traits:
    return infer(kinds()["scaled_dot_product_attention"].model_validate(args), shapes)


def qkv(queries: Any, keys: Any) -> list[Shape]:
    return [(1, 2, queries, 4), (1, 2, keys, 4), (1, 2, keys, 4)]


@given(SIZES, SIZES, st.none() | SIZES)
def test_causal_pairs_are_those_not_ahead_of_the_query(queries: int, more: int, window: int | None) -> None:
    keys = queries + more - 1
    seen = 0
    for query in range(keys - queries, keys):  # the queries stand at the last keys
        for key in range(keys):
            seen += key <= query and (window is None or query - key < window)
    args = {"causal": True} | ({} if window is None else {"window": window})
    facts = apply(args, *qkv(queries, keys)).facts
    assert (facts["pairs"], facts["pairs_full"]) == (seen, queries * keys)


@given(SIZES, st.integers(0, 10))
def test_a_window_without_causal_is_centred(length: int, reach: int) -> None:
    seen = sum(abs(query - key) <= reach for query in range(length) for key in range(length))
    assert apply({"window": 2 * reach + 1}, *qkv(length, length)).facts["pairs"] == seen


def test_columns_of_lengths_count_as_each_length_alone() -> None:
    lengths = [1, 5, 8]
    for args in ({"causal": True}, {"causal": True, "window": 3}, {"window": 5}):
        column = apply(args, *qkv(*[Grid.of(np.array(lengths))] * 2)).facts["pairs"]
        assert [column.point(i) for i in range(3)] == [apply(args, *qkv(n, n)).facts["pairs"] for n in lengths]


def test_grouped_heads_and_a_bias() -> None:
    traits = apply({}, (2, 32, 7, 128), (2, 8, 9, 128), (2, 8, 9, 64), (2, 1, 7, 9))
    assert traits.outputs == ((2, 32, 7, 64),)
    facts = {
        name: traits.facts[name] for name in ("q_heads", "kv_heads", "q_len", "k_len", "head_dim", "v_dim", "bias")
    }
    assert facts == {"q_heads": 32, "kv_heads": 8, "q_len": 7, "k_len": 9, "head_dim": 128, "v_dim": 64, "bias": True}


@pytest.mark.parametrize(
    ("args", "shapes", "words"),
    [
        ({}, [(1, 6, 4, 8), (1, 4, 4, 8), (1, 4, 4, 8)], "4 key and value heads do not divide 6 query heads"),
        ({}, [(1, 4, 4, 8), (1, 4, 4, 7), (1, 4, 4, 8)], "a query has size 8, a key 7"),
        ({}, [(1, 4, 4, 8), (1, 4, 5, 8), (1, 4, 4, 8)], "5 keys and 4 values"),
        ({}, [(1, 4, 4, 8), (1, 2, 4, 8), (1, 4, 4, 8)], "key has 2 heads, value 4"),
        ({}, [(1, 4, 8), (1, 4, 8), (1, 4, 8)], r"needs its query as \[heads, T, d\], got 2 axes"),
        ({}, [(1, 4, 4, 8), (2, 4, 4, 8), (2, 4, 4, 8)], "got 1 in the query and 2 in the key"),
        ({}, [*qkv(3, 5), (1, 2, 5, 3)], r"bias of \[2, 3, 5\], or 1 for an axis, got \[2, 5, 3\]"),
        ({"causal": True}, qkv(5, 3), "causal attention of 5 queries on 3 keys"),
        ({"window": 4}, qkv(5, 5), "must be odd, got 4"),
        ({"window": 3}, qkv(3, 5), "3 queries need as many keys, got 5"),
    ],
)
def test_errors_name_the_numbers(args: dict[str, Any], shapes: list[Shape], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        apply(args, *shapes)


@pytest.mark.parametrize("heads", [1, 6])
def test_a_bias_is_for_every_head_or_for_all_of_them(heads: int) -> None:
    shapes = ((2, 6, 3, 4), (2, 2, 5, 4), (2, 2, 5, 7), (2, heads, 3, 5))
    layer = kinds()["scaled_dot_product_attention"].model_validate({})
    assert infer(layer, shapes).outputs == ((2, 6, 3, 7),)
    with pytest.raises(ShapeError, match=r"got \[3, 3, 5\]"):
        infer(layer, (*shapes[:3], (2, 3, 3, 5)))
