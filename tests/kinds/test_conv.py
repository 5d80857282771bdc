"""Convolutions with a padding of its own on every side: NumPy's padded windows are the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import infer


def convolved(shape: tuple[int, ...], **arguments: Any) -> tuple[int, ...]:
    return infer(kinds()["conv"].model_validate({"out": 7, **arguments}), ((2, 3, *shape),)).outputs[0]


def positions(
    shape: tuple[int, ...], begins: Any, ends: Any, kernel: Any, stride: Any, dilation: Any
) -> tuple[int, ...]:
    """How many windows there are along each axis of a padded array."""
    padded = np.pad(np.zeros(shape), list(zip(begins, ends, strict=True)))
    cover = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    if any(size < side for size, side in zip(padded.shape, cover, strict=True)):
        return (0,)
    windows = np.lib.stride_tricks.sliding_window_view(padded, cover)[tuple(slice(None, None, step) for step in stride)]
    return windows.shape[: len(shape)]


def lists(least: int, most: int, rank: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(least, most), min_size=rank, max_size=rank)


@given(st.data(), st.sampled_from([1, 2, 3]))
def test_pads_are_all_begins_and_then_all_ends(data: st.DataObject, rank: int) -> None:
    shape = tuple(data.draw(lists(1, 9, rank)))
    begins, ends = data.draw(lists(0, 4, rank)), data.draw(lists(0, 4, rank))
    window = {name: data.draw(lists(1, 3, rank)) for name in ("kernel", "stride", "dilation")}
    expected = positions(shape, begins, ends, **window)
    assume(rank > 1 or begins != ends)
    if 0 in expected:
        with pytest.raises(ShapeError, match="does not fit"):
            convolved(shape, padding=[*begins, *ends], **window)
    else:
        assert convolved(shape, padding=[*begins, *ends], **window) == (2, 7, *expected)


@given(st.data(), st.sampled_from([1, 2, 3]))
def test_half_pads_each_axis_by_half_its_kernel(data: st.DataObject, rank: int) -> None:
    kernel = data.draw(lists(1, 6, rank))
    shape = tuple(data.draw(lists(1, 9, rank)))
    half = [size // 2 for size in kernel]
    expected = positions(shape, half, half, kernel, [1] * rank, [1] * rank)
    assert convolved(shape, kernel=kernel, padding="half") == (2, 7, *expected)


@given(st.integers(1, 40), st.integers(1, 5), st.sampled_from(["same_upper", "same_lower"]))
def test_same_gives_the_size_over_the_stride_rounded_up(size: int, stride: int, name: str) -> None:
    # https://onnx.ai/onnx/operators/onnx__Conv.html: output_shape[i] = ceil(input_shape[i] / strides[i])
    assert convolved((size,), kernel=3, stride=stride, padding=name) == (2, 7, int(np.ceil(size / stride)))


@pytest.mark.parametrize("value", [3, ["relu"], {"relu": None, "gelu": None}])
@pytest.mark.parametrize("role", ["norm", "act"])
def test_what_is_folded_in_is_one_kind(role: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()["conv"].model_validate({"out": 3, "kernel": 1, role: value})
