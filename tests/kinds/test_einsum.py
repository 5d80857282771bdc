"""Sums of products by letters: NumPy's einsum is the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import ValidationError

from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer

LETTERS = st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map("".join)


def apply(equation: str, *shapes: Shape) -> Traits:
    return infer(kinds()["einsum"].build({"equation": equation}), shapes)


@given(LETTERS, LETTERS, st.permutations("abcd"), st.integers(0, 4), st.tuples(*[st.integers(1, 3)] * 4))
def test_einsum_is_numpys(a: str, b: str, order: list[str], length: int, sizes: tuple[int, ...]) -> None:
    terms, output = (a, b), "".join([letter for letter in order if letter in a + b][:length])
    size = dict(zip("abcd", sizes, strict=True))
    shapes = [tuple(size[letter] for letter in term) for term in terms]
    ones = [np.ones((5, *shape), int) for shape in shapes]
    full = ",".join("z" + term for term in terms) + "->z" + output
    result = np.einsum(full, *ones)
    traits = apply(f"{', '.join(terms)} -> {output}", *((5, *shape) for shape in shapes))
    assert traits.outputs == (result.shape,)
    # Of ones, each element is the number of products it sums.
    assert traits.facts["index_numel"] == result.sum()
    assert traits.facts["summed_numel"] == result.flat[0]


@pytest.mark.parametrize("equation", ["hid,hjd", "hid,hjd->hik", "hid->hh", "a,b,c->a", "ab->a", "a1,b->a", "", 3])
def test_equations_are_checked_when_they_are_read(equation: Any) -> None:
    with pytest.raises(ValidationError, match="must"):
        kinds()["einsum"].build({"equation": equation})


@pytest.mark.parametrize(
    ("equation", "shapes", "words"),
    [
        ("ab,bc->ac", [(1, 2, 3)], "einsum takes 2 inputs, got 1"),
        ("ab,b->a", [(1, 2, 3, 4), (1, 3)], "`ab` names 2 axes, its input has 3"),
        ("ab,bc->ac", [(1, 2, 3), (1, 4, 5)], "`b` is 3 and 4"),
        ("ab,bc->ac", [(1, 2, 3), (2, 3, 5)], "one batch size, got 1 and 2"),
    ],
)
def test_errors_name_the_numbers(equation: str, shapes: list[Shape], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        apply(equation, *shapes)
