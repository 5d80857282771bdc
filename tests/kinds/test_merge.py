"""Merging: NumPy is the oracle of broadcasting and of joining."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, infer
from archspec.sizes import Grid, symbol

SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)


def out(kind: str, args: dict[str, Any], *shapes: Shape) -> Shape:
    return infer(kinds()[kind].model_validate(args), shapes).outputs[0]


@given(st.lists(SHAPES, min_size=2, max_size=4))
def test_broadcasting_is_numpys_on_each_sample(shapes: list[tuple[int, ...]]) -> None:
    batched = [(5, *shape) for shape in shapes]
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ShapeError, match="cannot broadcast"):
            out("add", {"broadcast": True}, *batched)
    else:
        assert out("mul", {"broadcast": True}, *batched) == (5, *expected)


@given(st.lists(SHAPES, min_size=2, max_size=3))
def test_without_broadcast_only_equal_shapes_merge(shapes: list[tuple[int, ...]]) -> None:
    batched = [(2, *shape) for shape in shapes]
    if len(set(shapes)) == 1:
        assert out("add", {}, *batched) == batched[0]
    else:
        with pytest.raises(ShapeError, match="needs equal shapes"):
            out("add", {}, *batched)


@given(st.lists(SHAPES, min_size=2, max_size=3), st.integers(-5, 5))
def test_concat_is_numpys(shapes: list[tuple[int, ...]], axis: int) -> None:
    batched = [(2, *shape) for shape in shapes]
    try:
        expected = np.concatenate([np.empty(shape) for shape in batched], axis=axis).shape
    except ValueError:  # AxisError is one
        expected = None
    if expected is None or axis % len(batched[0]) == 0:
        with pytest.raises(ShapeError):
            out("concat", {"axis": axis}, *batched)
    else:
        assert out("concat", {"axis": axis}, *batched) == expected


@pytest.mark.parametrize(
    ("kind", "args", "shapes", "words"),
    [
        ("add", {}, [(1, 64, 56, 56), (1, 64, 28, 28)], r"equal shapes, got \[1, 64, 56, 56\] and \[1, 64, 28, 28\]"),
        ("add", {}, [(1, 8)], "add takes 2 or more inputs, got 1"),
        ("sub", {}, [(1, 8)] * 3, "sub takes 2 inputs, got 3"),
        ("concat", {}, [(1, 3, 8, 8), (1, 4, 8, 7)], r"axes equal, got \[1, 3, 8, 8\] and \[1, 4, 8, 7\]"),
        ("concat", {"axis": 0}, [(1, 3), (1, 3)], "batch axis"),
    ],
)
def test_errors_name_the_numbers(kind: str, args: dict[str, Any], shapes: list[Shape], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        out(kind, args, *shapes)


def test_columns_of_sizes_merge_where_they_agree_everywhere() -> None:
    width = Grid.of(np.array([8, 16]))
    summed = out("concat", {}, (1, width, 4), (1, 3, 4))[1]
    assert [summed.point(i) for i in range(2)] == [11, 19]
    assert out("add", {"broadcast": True}, (1, width, 4), (1, 1, 4))[1] is width


def test_ids_are_accepted_and_scale_keeps_the_shape() -> None:
    assert out("add", {"of": ["a", "prev"]}, (1, 2), (1, 2)) == (1, 2)
    assert out("scale", {"by": 0.5}, (1, 2, 3)) == (1, 2, 3)


def test_a_missing_axis_takes_a_symbol_without_asking_what_it_is() -> None:
    windows = symbol("windows")
    assert out("add", {"broadcast": True}, (1, windows, 3, 4), (1, 3, 4)) == (1, windows, 3, 4)


def test_what_is_merged_is_named_by_ids() -> None:
    add = kinds()["add"]
    assert add.model_validate({"of": ["a", "prev"]}).of == ("a", "prev")  # type: ignore[attr-defined]
    assert add.model_validate({"of": None}).of is add.model_validate({}).of is None  # type: ignore[attr-defined]
    for wrong in ("a", ["a", 3], [None], {"a": 1}):
        with pytest.raises(ValidationError):
            add.model_validate({"of": wrong})
