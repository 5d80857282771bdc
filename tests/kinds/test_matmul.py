"""Matrix products: NumPy is the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer

SHAPES = st.lists(st.integers(1, 2), min_size=2, max_size=4).map(tuple)


def apply(args: dict[str, Any], *shapes: Shape) -> Traits:
    return infer(kinds()["matmul"].model_validate(args), shapes)


@given(SHAPES, SHAPES, st.booleans(), st.booleans())
def test_matmul_is_numpys(a: tuple[int, ...], b: tuple[int, ...], flip_a: bool, flip_b: bool) -> None:
    args = {"transpose_a": flip_a, "transpose_b": flip_b, "broadcast": True}
    left, right = (np.empty(s).swapaxes(-1, -2) if flip else np.empty(s) for s, flip in ((a, flip_a), (b, flip_b)))
    try:
        expected = np.matmul(left, right).shape
    except ValueError:
        with pytest.raises(ShapeError, match="matmul"):
            apply(args, (3, *a), (3, *b))
        return
    traits = apply(args, (3, *a), (3, *b))
    assert traits.outputs == ((3, *expected),)
    assert traits.facts["batch_numel"] * traits.facts["m"] * traits.facts["n"] == 3 * int(np.prod(expected))
    assert traits.facts["k"] == left.shape[-1]


def test_errors_name_the_numbers() -> None:
    with pytest.raises(ShapeError, match=r"\[1, 2, 3, 4\] and \[1, 2, 5, 6\]: 4 meets 5"):
        apply({}, (1, 2, 3, 4), (1, 2, 5, 6))
    with pytest.raises(ShapeError, match=r"needs equal shapes, got \[1, 2\] and \[1, 1\]"):
        apply({}, (1, 2, 3, 4), (1, 1, 4, 6))
    with pytest.raises(ShapeError, match="two axes or more in each input, got 1"):
        apply({}, (1, 2, 3), (1, 3))
