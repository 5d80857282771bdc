"""Sums of products by letters: NumPy's einsum is the oracle."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.conventions.loader import convention
from archspec.errors import ShapeError
from archspec.kinds import kinds
from archspec.kinds.base import Shape, Traits, infer

LETTERS = st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map("".join)


def counted(name: str, traits: Traits) -> dict[str, Any]:
    return convention(name).count("einsum", {**traits.facts, "owned": 0, "trainable": 0})


def apply(equation: str, *shapes: Shape) -> Traits:
    return infer(kinds()["einsum"].model_validate({"equation": equation}), shapes)


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
    assert traits.facts["summed"] == sum(letter not in output for letter in {*a, *b})
    shared = [letter for letter in {*a} & {*b} if letter not in output]
    assert traits.facts["contracted"] == len(shared)
    assert traits.facts["contracted_numel"] == prod(size[letter] for letter in shared)
    # What numpy prints is what three tools read: four digits, and one operation more than there are.
    path = np.einsum_path(full, *ones, optimize="optimal")[1]
    printed = next(float(line.split(":")[1]) for line in path.splitlines() if "Optimized FLOP" in line)
    for name in ("calflops", "deepspeed"):
        assert counted(name, traits)["flops"] == printed
    if traits.facts["pattern"] not in EXACT:
        assert counted("fvcore", traits)["flops"] == printed // 2


EXACT = ("abc,abd->acd", "abc,adc->adb")  # equations that fvcore has formulas for


@pytest.mark.parametrize("equation", ["ij,ik->jk", "pq,rq->rp"])
def test_fvcore_has_formulas_of_its_own_for_two_equations(equation: str) -> None:
    rows, columns = (101, 103) if equation == "ij,ik->jk" else (103, 101)
    traits = apply(equation, (3, 97, 101), (3, rows, columns) if rows == 103 else (3, 97, 103))
    # fvcore 0.1.5, einsum_flop_jit: the sizes of all letters multiplied, where any other equation keeps four digits.
    assert traits.facts["pattern"] in EXACT
    assert counted("fvcore", traits)["flops"] == 3 * 97 * 101 * 103


@pytest.mark.parametrize("name", ["torch", "ptflops-aten"])
def test_a_summed_letter_of_size_1_leaves_a_product(name: str) -> None:
    traits = apply("ab,bc->ac", (2, 3, 1), (2, 1, 5))  # torch 2.13: aten.mul, 0; of size 4: aten.bmm
    assert set(counted(name, traits).values()) == {0}
    # A matrix product with one term is one still, as matmul's is.
    assert counted("archspec", traits)["macs"] == 2 * 3 * 5


@pytest.mark.parametrize("equation", ["hid,hjd", "hid,hjd->hik", "hid->hh", "a,b,c->a", "ab->a", "a1,b->a", "", 3])
def test_equations_are_checked_when_they_are_read(equation: Any) -> None:
    with pytest.raises(ValidationError, match="must"):
        kinds()["einsum"].model_validate({"equation": equation})


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
