"""Upsampling and shuffles, beyond the configurations of test_against_torch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Traits, infer
from archspec.sizes import as_size, assuming, symbol, unwrap


def _infer(kind: str, *shape: Any, **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), (shape,))


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_the_mode_is_one_true_fact(mode: str) -> None:
    facts = _infer("upsample", 1, 3, 4, 4, scale=2, mode=mode).facts
    true = [name for name in ("linear", "bilinear", "bicubic", "trilinear") if facts[name]]
    assert true == ([] if mode == "nearest" else [mode])


def test_sized_says_how_the_resolution_was_given() -> None:
    assert _infer("upsample", 1, 3, 4, scale=2).facts["sized"] is False
    assert _infer("upsample", 1, 3, 4, size=8).facts["sized"] is True


@given(st.integers(2, 1000), st.sampled_from([0.5, 1.5, 2.0, 0.75, 2.25]))
def test_dyadic_scales_are_the_same_for_grids_and_symbols(size: int, scale: float) -> None:
    import numpy as np

    expected = int(size * scale)
    grid = _infer("upsample", 1, 1, as_size(np.array([size, size])), scale=scale).outputs[0][2]
    assert unwrap(grid).tolist() == [expected, expected]
    h = symbol("h")
    with assuming():
        out = unwrap(_infer("upsample", 1, 1, h, scale=scale).outputs[0][2])
    (free,) = unwrap(h).free_symbols
    assert out.subs(free, size) == expected


def test_other_decimals_need_a_number() -> None:
    import numpy as np

    assert _infer("upsample", 1, 1, 100, scale=0.29).outputs == ((1, 1, 28),)  # 28.999999999999996 in doubles
    column = _infer("upsample", 1, 1, as_size(np.array([100, 200])), scale=0.29).outputs[0][2]
    assert unwrap(column).tolist() == [28, 57]  # 200 * 0.29 is 57.99999999999999
    with pytest.raises(ShapeError, match=r"scale 0\.29 is rounded in binary"):
        _infer("upsample", 1, 1, symbol("h"), scale=0.29)


def test_sizes_beyond_a_double_do_not_overflow() -> None:
    assert _infer("upsample", 1, 1, 10**400, scale=1.5).outputs == ((1, 1, 15 * 10**399),)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "2", True, [2, None], [[2]], 10**400])
def test_refused_scales(scale: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()["upsample"].model_validate({"scale": scale})


@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_unshuffling_undoes_shuffling(channels: int, height: int, width: int, factor: int) -> None:
    shape = (2, channels * factor**2, height, width)
    (shuffled,) = _infer("pixel_shuffle", *shape, factor=factor).outputs
    assert _infer("pixel_unshuffle", *shuffled, factor=factor).outputs == (shape,)


def test_shuffling_against_numpy() -> None:
    import numpy as np

    shuffled = np.zeros((2, 3, 2, 2, 4, 5)).transpose(0, 1, 4, 2, 5, 3).reshape(2, 3, 8, 10)
    assert _infer("pixel_shuffle", 2, 12, 4, 5, factor=2).outputs == (shuffled.shape,)


@pytest.mark.parametrize("kind", ["pixel_shuffle", "pixel_unshuffle"])
def test_shuffles_are_for_images(kind: str) -> None:
    with pytest.raises(ShapeError, match=r"needs \[C, H, W\], got 2 axes"):
        _infer(kind, 2, 4, 4, factor=2)


def test_what_does_not_divide_is_told_with_its_numbers() -> None:
    with pytest.raises(ShapeError, match="factor 3 needs channels divisible by 9, got 12"):
        _infer("pixel_shuffle", 1, 12, 4, 4, factor=3)
    with pytest.raises(ShapeError, match="factor 3 does not divide the size 4"):
        _infer("pixel_unshuffle", 1, 12, 9, 4, factor=3)
