"""Slicing, padding, shifting: NumPy and Python's own indexing are the oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, infer

SMALL = st.integers(-7, 7)


def outs(kind: str, args: dict[str, Any], *shapes: Shape) -> tuple[Shape, ...]:
    return infer(kinds()[kind].model_validate(args), shapes).outputs


@given(st.integers(1, 6), SMALL, st.none() | SMALL, st.integers(1, 4))
def test_slice_is_pythons_within_range(size: int, start: int, end: int | None, step: int) -> None:
    args = {"axis": 2, "start": start, "step": step} | ({} if end is None else {"end": end})
    taken = range(size)[start:end:step]
    inside = -size <= start < size and (end is None or -size <= end <= size)
    if inside and len(taken):
        assert outs("slice", args, (1, 3, size)) == ((1, 3, len(taken)),)
    else:
        with pytest.raises(ShapeError, match=f"axis 2 (has|with) {size} positions"):
            outs("slice", args, (1, 3, size))


@given(st.integers(1, 5), SMALL)
def test_select_drops_the_axis(size: int, position: int) -> None:
    try:
        range(size)[position]
    except IndexError:
        with pytest.raises(ShapeError, match=f"index {position} is out of range: axis -?1 has {size} positions"):
            outs("select", {"axis": 1, "index": position}, (2, size, 4))
    else:
        assert outs("select", {"axis": 1, "index": position}, (2, size, 4)) == ((2, 4),)


@given(st.integers(1, 12), st.integers(1, 5))
def test_split_in_parts_is_numpys(size: int, parts: int) -> None:
    try:
        expected = tuple(part.shape for part in np.split(np.empty((1, size, 2)), parts, axis=1))
    except ValueError:
        with pytest.raises(ShapeError, match=f"{parts} parts do not divide the {size} positions"):
            outs("split", {"parts": parts}, (1, size, 2))
    else:
        assert outs("split", {"parts": parts}, (1, size, 2)) == expected


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(-1, 1))
def test_split_by_sizes_takes_the_whole_axis(sizes: list[int], off: int) -> None:
    whole = sum(sizes) + off
    assume(whole > 0)
    if off == 0:
        assert outs("split", {"sizes": sizes, "axis": -1}, (1, 3, whole)) == tuple((1, 3, size) for size in sizes)
    else:
        with pytest.raises(ShapeError, match=f"add up to {sum(sizes)}, axis 2 has {whole}"):
            outs("split", {"sizes": sizes, "axis": -1}, (1, 3, whole))


MODES = {"zeros": "constant", "replicate": "edge", "circular": "wrap", "reflect": "reflect"}


@given(st.sampled_from(sorted(MODES)), st.lists(st.integers(0, 3), min_size=2, max_size=4), st.integers(4, 6))
def test_pad_is_numpys_with_the_pairs_reversed(mode: str, padding: list[int], size: int) -> None:
    padding = padding[: len(padding) // 2 * 2]
    pairs = [*zip(padding[::2], padding[1::2], strict=True)]
    width = [(0, 0)] * (3 - len(pairs)) + pairs[::-1]
    expected = np.pad(np.empty((2, size, size)), width, mode=MODES[mode]).shape
    assert outs("pad", {"padding": padding, "mode": mode}, (2, size, size)) == (expected,)


@pytest.mark.parametrize(
    ("kind", "args", "words"),
    [
        ("pad", {"padding": [4, 0], "mode": "reflect"}, "reflect padding 4 on axis 3 of size 4: at most 3"),
        ("pad", {"padding": [0, 5], "mode": "circular"}, "circular padding 5 on axis 3 of size 4: at most 4"),
        ("pad", {"padding": [1, 2, 3]}, "padding has 3 numbers"),
        ("pad", {"padding": [1] * 8}, "padding has 4 pairs, the input 3 axes"),
        ("split", {}, "either parts or sizes"),
        ("split", {"parts": 3, "sizes": [1, 2]}, "either parts or sizes"),
        ("crop", {"to": [3, 5]}, "cannot leave 5 of the 4 positions of axis 3"),
        ("roll", {"shift": [1], "axes": [2, 3]}, "roll has 1 shifts for 2 axes"),
    ],
)
def test_errors_name_the_numbers(kind: str, args: dict[str, Any], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        outs(kind, args, (1, 3, 4, 4))


def test_crop_and_roll() -> None:
    assert outs("crop", {"to": [5, 3]}, (1, 3, 8, 4)) == ((1, 3, 5, 3),)
    assert outs("roll", {"shift": -3, "axes": [1, 2]}, (1, 8, 8, 3)) == ((1, 8, 8, 3),)


def test_a_list_of_axes_is_not_empty() -> None:
    with pytest.raises(ShapeError, match="list of axes is empty"):
        outs("roll", {"shift": 1, "axes": []}, (1, 8, 8, 3))
