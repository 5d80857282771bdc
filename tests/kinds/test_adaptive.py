"""Adaptive and global pools, against the windows PyTorch's definition slices."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.adaptive import window_sum
from archspec.kinds.base import Traits, infer
from archspec.sizes import Undecided, as_size, assuming, symbol, unwrap


def _infer(kind: str, *shape: Any, **args: Any) -> Traits:
    return infer(kinds()[kind].model_validate(args), (shape,))


def _windows(size: int, count: int) -> int:
    return sum(ceil((i + 1) * size / count) - floor(i * size / count) for i in range(count))


@given(st.integers(1, 60), st.integers(1, 60))
def test_window_sum_is_that_of_the_windows(size: int, count: int) -> None:
    assert window_sum(size, count) == _windows(size, count)


def test_window_sum_of_a_huge_output_takes_no_loop() -> None:
    assert window_sum(10**30, 10**29) == 10**30


def test_window_sum_of_grids() -> None:
    import numpy as np

    sizes = np.arange(1, 40)
    assert unwrap(window_sum(as_size(sizes), 7)).tolist() == [_windows(size, 7) for size in range(1, 40)]


def test_window_sum_of_a_symbol_is_an_assumption() -> None:
    h = symbol("h")
    assert window_sum(h, 1) == h
    with assuming() as assumed:
        assert window_sum(h, 7) == h
    assert len(assumed) == 1
    with pytest.raises(Undecided):
        window_sum(h, 7)


def test_facts() -> None:
    facts = _infer("adaptive_avgpool", 2, 3, 13, 6, output=[6, 3]).facts
    assert facts["kernel_numel"] == 2 * 2
    assert facts["window_numel_sum"] == 2 * 3 * _windows(13, 6) * 6


@pytest.mark.parametrize("output", [[None, 4], [7, 4]])
def test_null_keeps_the_size(output: list[int | None]) -> None:
    assert _infer("adaptive_maxpool", 2, 3, 7, 9, output=output).outputs == ((2, 3, 7, 4),)


@pytest.mark.parametrize("kind", ["global_avgpool", "global_maxpool"])
def test_global_pools_leave_ones(kind: str) -> None:
    traits = _infer(kind, 2, 5, 7, 3, 4)
    assert traits.outputs == ((2, 5, 1, 1, 1),)
    assert traits.facts["kernel_numel"] == 84


def test_global_pools_need_a_spatial_axis() -> None:
    with pytest.raises(ShapeError, match="global_avgpool needs channels and 1 to 3 spatial axes, got 1 axes"):
        _infer("global_avgpool", 2, 5)


@pytest.mark.parametrize("output", [0, [2, 0], [[2, 2]], None, "7", 1.5])
def test_refused_outputs(output: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()["adaptive_avgpool"].model_validate({"output": output})
