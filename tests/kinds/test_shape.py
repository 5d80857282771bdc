"""Reshaping: NumPy is the oracle."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, infer

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def out(kind: str, args: dict[str, Any], *shapes: Shape) -> Shape:
    return infer(kinds()[kind].model_validate(args), shapes).outputs[0]


@given(SHAPES, st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), min_size=1, max_size=4))
def test_reshape_is_numpys(shape: tuple[int, ...], wanted: list[int]) -> None:
    try:
        expected = np.empty((1, *shape)).reshape(1, *wanted).shape
    except ValueError:
        with pytest.raises(ShapeError, match="reshape"):
            out("reshape", {"shape": wanted}, (3, *shape))
    else:
        assert out("reshape", {"shape": wanted}, (3, *shape)) == (3, *expected[1:])


@given(st.data())
def test_permute_is_numpys(data: st.DataObject) -> None:
    shape = (7, *data.draw(SHAPES))
    order = data.draw(st.permutations(range(1, len(shape))))
    signed = [axis - len(shape) if data.draw(st.booleans()) else axis for axis in order]
    assert out("permute", {"order": signed}, shape) == np.empty(shape).transpose(0, *order).shape


@given(SHAPES, st.integers(1, 4))
def test_dots_stand_for_the_axes_in_front(shape: tuple[int, ...], parts: int) -> None:
    whole = (*shape, 4 * parts)
    assert out("reshape", {"shape": ["...", parts, -1]}, (3, *whole)) == (3, *shape, parts, 4)
    assert out("permute", {"order": ["...", -1, -2]}, (3, *whole)) == np.empty((3, *whole)).swapaxes(-1, -2).shape
    assert out("permute", {"order": ["...", 1]}, (3, *whole)) == np.moveaxis(np.empty((3, *whole)), 1, -1).shape


@given(SHAPES, st.integers(-6, 6))
def test_squeeze_and_unsqueeze_are_numpys(shape: tuple[int, ...], axis: int) -> None:
    batched = (2, *shape)
    for kind, oracle, rank in (("squeeze", np.squeeze, len(batched)), ("unsqueeze", np.expand_dims, len(batched) + 1)):
        try:
            expected = oracle(np.empty(batched), axis).shape if axis % rank else None
        except ValueError:
            expected = None
        if expected is None:
            with pytest.raises(ShapeError):
                out(kind, {"axis": axis}, batched)
        else:
            assert out(kind, {"axis": axis}, batched) == expected


@given(st.tuples(*[st.integers(1, 4)] * 6))
def test_windows_are_those_of_the_swin_reference(sizes: tuple[int, ...]) -> None:
    batch, rows, columns, wh, ww, c = sizes
    image = np.empty((batch, rows * wh, columns * ww, c))
    cut = image.reshape(batch, rows, wh, columns, ww, c).transpose(0, 1, 3, 2, 4, 5).reshape(-1, wh * ww, c)
    assert out("window_partition", {"window": [wh, ww]}, image.shape) == cut.shape
    merged = out("window_merge", {"window": [wh, ww], "size": [rows * wh, columns * ww]}, cut.shape)
    assert merged == image.shape


@pytest.mark.parametrize(
    ("kind", "args", "shape", "words"),
    [
        ("flatten", {"start": 3, "end": 1}, (1, 2, 3, 4), "start at axis 3 and end before it, at axis 1"),
        ("flatten", {"start": 0}, (1, 2, 3), "batch axis"),
        ("reshape", {"shape": [5, -1]}, (1, 4, 6), r"\[1, 4, 6\] to \[5, -1\] does not come out even: 24 .* over 5"),
        ("reshape", {"shape": [-1, -1]}, (1, 4, 6), "leaves 2 open"),
        ("permute", {"order": [1, 2]}, (1, 2, 3, 4), r"order \[1, 2\] names 2 axes, the input has 3"),
        ("permute", {"order": [1, 1, 2]}, (1, 2, 3, 4), "axis 1 is named twice"),
        ("window_partition", {"window": 7}, (1, 56, 50, 96), r"windows of \[7, 7\] do not divide \[56, 50\]"),
        ("window_partition", {"window": 7}, (1, 56, 96), r"needs \[H, W, C\], got 2 axes"),
        ("window_merge", {"window": 7, "size": 56}, (100, 49, 96), "64 windows .* does not divide the input's 100"),
        ("window_merge", {"window": 8, "size": 56}, (128, 49, 96), "has 64 positions, the input 49"),
    ],
)
def test_errors_name_the_numbers(kind: str, args: dict[str, Any], shape: Shape, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        out(kind, args, shape)


def test_elements_are_kept_by_every_kind_that_only_groups_them() -> None:
    shape = (2, 4, 6, 8)
    for kind, args in (("identity", {}), ("flatten", {"end": 2}), ("window_partition", {"window": 2})):
        assert prod(out(kind, args, shape)) == prod(shape)
