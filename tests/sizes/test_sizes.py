"""Sizes: grids and symbols against Python's own arithmetic on ints, point by point."""

from __future__ import annotations

import itertools
import math
import operator
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archspec.errors import ExpressionError, ShapeError, UsageError
from archspec.sizes import (
    Grid,
    Partial,
    Split,
    Symbolic,
    Undecided,
    as_size,
    assuming,
    at,
    ceil_div,
    divide,
    is_size,
    maximum,
    minimum,
    prod,
    require,
    restrict,
    rounded,
    symbol,
    truncate,
    unwrap,
    where,
)

FUNCTIONS = {"max": maximum, "min": minimum, "ceil_div": ceil_div, "where": where}
# What the functions must equal, said in plain Python.
PLAIN = {
    "max": max,
    "min": min,
    "ceil_div": lambda a, b: a // b + (a % b != 0),
    "where": lambda c, a, b: a if c else b,
}


def expressions(names: str, literals: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    leaves = st.one_of(st.sampled_from(names.split()), literals.map(lambda n: f"({n})"))

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner)
        return st.one_of(
            binary.map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda t: f"(-{t})"),
            st.tuples(inner, st.integers(0, 3)).map(lambda t: f"({t[0]} ** {t[1]})"),
            st.tuples(st.sampled_from(["max", "min", "ceil_div"]), inner, inner).map(
                lambda t: f"{t[0]}({t[1]}, {t[2]})"
            ),
            st.tuples(inner, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), inner, inner, inner).map(
                lambda t: f"where({t[0]} {t[1]} {t[2]}, {t[3]}, {t[4]})"
            ),
        )

    return st.recursive(leaves, grow, max_leaves=7)


def run(text: str, names: dict[str, Any], functions: dict[str, Any]) -> Any:
    return eval(text, {**functions, **names})


wide = st.one_of(st.integers(-5, 5), st.integers(-(2**70), 2**70), st.sampled_from([2**63 - 1, -(2**63), 2**31, 2**62]))


@settings(max_examples=300, deadline=None)
@given(expressions("a b", wide), st.lists(st.tuples(wide, wide), min_size=1, max_size=5))
def test_a_grid_is_its_points(text: str, points: list[tuple[int, int]]) -> None:
    a, b = (as_size(np.array(column, object)) for column in zip(*points, strict=True))
    alive = list(range(len(points)))

    def plain(index: int) -> Any:
        return run(text, dict(zip("ab", points[index], strict=True)), PLAIN)

    result: Any = None
    while alive:
        try:
            result = run(text, {"a": a, "b": b}, FUNCTIONS)
            break
        except ExpressionError:  # a divisor that is zero at every point
            for index in alive:
                with pytest.raises(ZeroDivisionError):
                    plain(index)
            return
        except ZeroDivisionError:  # between literals
            return
        except Partial as caught:
            partial = caught
        for index, fails in enumerate(partial.mask):
            if fails:
                assert isinstance(partial.errors(index), ExpressionError)
                with pytest.raises(ZeroDivisionError):
                    plain(alive[index])
        a, b = restrict((a, b), ~partial.mask)
        alive = [index for index, fails in zip(alive, partial.mask, strict=True) if not fails]
    for position, index in enumerate(alive):
        assert at(result, position) == plain(index)
    if isinstance(result, Grid):
        values = unwrap(result)
        fits = all(-(2**63) <= int(value) < 2**63 for value in values)
        assert values.dtype == (np.int64 if fits else object)
        assert all(result.lo <= int(value) <= result.hi for value in values)


@settings(max_examples=200, deadline=None)
@given(st.lists(wide, min_size=1, max_size=5), st.fractions(-3, 3, max_denominator=16))
def test_fractions_of_a_grid_are_exact(values: list[int], factor: Fraction) -> None:
    grid = as_size(np.array(values, object))
    for product in (factor * grid, grid * factor):
        assert unwrap(product).tolist() == [factor * value for value in values]
        assert unwrap(truncate(product)).tolist() == [int(factor * value) for value in values]
        assert unwrap(rounded(product)).tolist() == [round(factor * value) for value in values]
    assert unwrap(grid / 4).tolist() == [Fraction(value, 4) for value in values]


def test_int64_never_wraps() -> None:
    n, d = as_size(np.array([70 * 10**9, 1])), as_size(np.array([15 * 10**12, 1]))
    assert unwrap(6 * n * d).tolist() == [6 * 70 * 10**9 * 15 * 10**12, 6]
    assert unwrap(6 * n * d // d).dtype == np.int64
    assert unwrap(-as_size(np.array([-(2**63)]))).tolist() == [2**63]
    assert unwrap(as_size(np.array([2**64 - 1], np.uint64)) + 1).tolist() == [2**64]
    assert unwrap(as_size(np.array([200], np.uint8)) * 2).tolist() == [400]
    assert unwrap(where(n > 1, 2**63, -1)).tolist() == [2**63, -1]


def test_a_grid_is_a_copy() -> None:
    column = np.array([1, 2])
    grid = as_size(column)
    column[0] = 9
    assert unwrap(grid).tolist() == [1, 2]


def test_truth_of_a_grid() -> None:
    grid = as_size(np.array([1, 2, 3]))
    assert grid >= 1
    assert not grid > 3
    assert grid
    with pytest.raises(Split) as split:
        bool((grid == 2) | (grid == 3))
    assert split.value.mask.tolist() == [False, True, True]
    with pytest.raises(Split) as split:
        range(grid)
    assert split.value.mask.tolist() == [True, False, False]
    assert list(range(as_size(np.array([2, 2])))) == [0, 1]
    assert ~(grid == 4) & True
    low, odd = grid < 3, grid % 2 == 1
    assert ((low & odd).mask.tolist(), (low | odd).mask.tolist()) == ([True, False, False], [True, True, True])
    assert ((True & odd).mask.tolist(), (True | odd).mask.tolist()) == ([True, False, True], [True, True, True])
    with pytest.raises(Split):
        (1, grid) == (1, 2)  # noqa: B015


def test_grids_as_keys() -> None:
    grid = as_size(np.array([1, 2, 3]))
    memo = {(grid, 1): "kept"}
    assert memo[as_size(np.array([1, 2, 3], object)), 1] == "kept"
    assert memo[grid * 10**30 // 10**30, 1] == "kept"
    assert hash(as_size(np.array([7, 7]))) == hash(7)


@settings(max_examples=200, deadline=None)
@given(
    expressions("h w", st.integers(-9, 9)),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=3, max_size=3),
)
def test_a_symbol_is_its_values(text: str, points: list[tuple[int, int]]) -> None:
    h, w = symbol("h"), symbol("w")
    with assuming() as assumptions:
        try:
            result = run(text, {"h": h, "w": w}, FUNCTIONS)
        except (ExpressionError, ShapeError, ZeroDivisionError):
            result = None  # a divisor that is zero for all values
    for point in points:
        values = dict(zip("hw", point, strict=True))
        try:
            expected = run(text, values, PLAIN)
        except ZeroDivisionError:
            continue
        assert result is not None
        assert all(run(condition, values, PLAIN) for condition in assumptions)
        assert (result.subs(values) if isinstance(result, Symbolic) else result) == expected
        assert run(str(result), values, PLAIN) == expected


@settings(max_examples=200, deadline=None)
@given(expressions("h w", st.integers(-9, 9)), st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), st.integers(-9, 9))
def test_a_decided_relation_holds_for_all_values(text: str, relation: str, constant: int) -> None:
    with assuming() as assumptions:
        try:
            condition = run(f"{text} {relation} {constant}", {"h": symbol("h"), "w": symbol("w")}, FUNCTIONS)
        except (ExpressionError, ShapeError, ZeroDivisionError):
            assume(False)
    truth = condition if isinstance(condition, bool) else condition.truth
    for h, w in itertools.product([1, 2, 3, 4, 7, 30], repeat=2):
        values = {"h": h, "w": w}
        try:
            expected = run(f"{text} {relation} {constant}", values, PLAIN)
        except ZeroDivisionError:
            continue
        if truth is not None and all(run(assumption, values, PLAIN) for assumption in assumptions):
            assert truth == expected
        if not isinstance(condition, bool):
            assert run(str(condition), values, PLAIN) == expected


@pytest.mark.parametrize(
    "holds",
    [
        lambda h, w: w != 4 * w,
        lambda h, w: w == w + h - h,
        lambda h, w: 4 * w >= 1,
        lambda h, w: h // 2 <= h,
        lambda h, w: (h + 6 - 7) // 2 + 1 >= 1,
        lambda h, w: h * w + 1 > w,
        lambda h, w: (h + 1) // 2 == (h - 1) // 2 + 1,
        lambda h, w: ((h - 1) // 2) // 2 == (h - 1) // 4,
        lambda h, w: 2**w > 0,
    ],
)
def test_relations_that_hold_for_all_symbols(holds: Any) -> None:
    assert holds(symbol("h"), symbol("w"))


def test_whole_quotients_lose_their_rounding() -> None:
    w, h = symbol("w"), symbol("h")
    assert str(w * 64 // 64) == "w"
    assert str(w // 1) == "w"
    assert 3 * w // w == 3
    assert type(w - w) is int
    assert w * h * 6 % (2 * w) == 0
    assert str(ceil_div(h, 2)) == "(h + 1)//2"
    assert str((((h - 1) // 2 + 1) - 1) // 2 + 1) == "(h + 3)//4"
    assert str(h // 2 * 3 - h % 5) == "-(h % 5) + 3*(h//2)"


def test_truth_of_a_symbol() -> None:
    w = symbol("w")
    with pytest.raises(Undecided, match=r"whether w == 64 depends on w\n  hint: give w a number"):
        bool(w == 64)
    for undecided in (lambda: range(w), lambda: bool(w - 1)):
        with pytest.raises(Undecided):
            undecided()
    assert w
    assert (w < 1) | (w == w + 0)
    assert not (w == 64) & (w < 1)
    assert str((w == 64) & (w > 0)) == "w == 64"
    assert {w * 2: 1}[symbol("w") + w] == 1


def test_symbols_come_back_as_the_users_own() -> None:
    bare, positive = sympy.Symbol("w"), sympy.Symbol("w", positive=True)
    assert unwrap(as_size(bare) * as_size(bare)) == bare**2
    assert unwrap(as_size(bare) * as_size(positive)) == bare * positive
    assert unwrap(as_size(2 * bare * (bare + 1))) == 2 * bare**2 + 2 * bare
    assert unwrap(as_size(sympy.Integer(3))) == 3
    assert type(as_size(sympy.Integer(3))) is int
    for wrong in (bare / 2, sympy.Float(2.0), sympy.Eq(bare, 1), sympy.oo):
        with pytest.raises(UsageError):
            as_size(wrong)


def test_substitution() -> None:
    w, h = symbol("w"), symbol("h")
    area: Any = w * h
    assert str(area.subs({"w": 3})) == "3*h"
    with pytest.raises(UsageError, match="h cannot be 0"):
        area.subs({"h": 0})


@pytest.mark.parametrize("width", range(1, 40))
def test_fractions_of_a_symbol(width: int) -> None:
    for factor in (Fraction(3, 4), Fraction(1, 2), Fraction(-5, 6)):
        product: Any = factor * symbol("w")
        for got, expected in ((truncate(product), int(factor * width)), (rounded(product), round(factor * width))):
            assert isinstance(got, Symbolic)
            assert got.subs({"w": width}) == run(str(got), {"w": width}, PLAIN) == expected
        whole: Any = math.ceil(product)
        assert whole.subs({"w": width}) == run(str(whole), {"w": width}, PLAIN) == math.ceil(factor * width)
        assert product / symbol("w") == factor


@pytest.mark.parametrize("divided", [operator.floordiv, operator.mod, operator.truediv])
def test_nothing_divides_by_zero(divided: Any) -> None:
    w = symbol("w")
    for divisor in (0, w - w):
        with pytest.raises((ExpressionError, ZeroDivisionError), match="zero"):
            divided(w, divisor)
    with assuming() as assumptions:
        divided(w, w - 2)
    assert assumptions == ["w != 2"]


def test_require_on_ints() -> None:
    require(True, "never formatted {}")
    with pytest.raises(ShapeError, match=r"kernel 7 > \[1, 64, 5\]") as error:
        require(False, "kernel {kernel} > {shape}", hint="pad it", kernel=7, shape=(1, 64, 5))
    assert error.value.hint == "pad it"


def test_require_on_grids() -> None:
    size = as_size(np.array([4, 6, 9]))
    require(size > 3, "never")
    with pytest.raises(Partial) as caught:
        require(size % 3 == 0, "{size} of {shape} is not a multiple of 3", size=size, shape=(1, size))
    partial = caught.value
    assert partial.mask.tolist() == [True, False, False]
    assert str(partial.errors(0)) == "4 of [1, 4] is not a multiple of 3"
    with pytest.raises(Partial) as caught:
        require(size > 9, "{size}", size=size)
    assert caught.value.mask.all()


def test_require_on_symbols() -> None:
    w, h = symbol("w"), symbol("h")
    with assuming() as assumptions:
        require(w >= 1, "never")
        require(w % 2 == 0, "odd")
        require(w % 2 == 0, "odd again")
        require(4 * w % 8 == 0, "and again")
        require(h - 2 >= 1, "small")
        with pytest.raises(ShapeError, match=r"\[1, 2\*w\] is wrong"):
            require(2 * w == 1, "{shape} is wrong", shape=(1, 2 * w))
        assert str(divide(w, 8, "no")) == "w/8"
        assert str(divide(w, 8, "no") * 8) == "w"
        require((w == 64) & (h == 32), "both")
        with assuming() as inner:
            require(w > 7, "inner")
    assert assumptions == ["w % 2 == 0", "h >= 3", "w % 8 == 0", "h == 32", "w == 64"]
    assert inner == ["w > 7"]
    with pytest.raises(Undecided):
        require(w % 2 == 0, "nothing collects it")


def test_divide() -> None:
    assert divide(12, 4, "never") == 3
    for divisor in (5, 0):
        with pytest.raises(ShapeError, match=f"{divisor} heads"):
            divide(12, divisor, "{heads} heads", heads=divisor)
    widths = as_size(np.array([8, 16]))
    assert unwrap(divide(widths, 4, "never")).tolist() == [2, 4]
    assert unwrap(divide(48, widths, "never")).tolist() == [6, 3]
    with pytest.raises(Partial) as caught:
        divide(widths, 16, "no")
    assert caught.value.mask.tolist() == [True, False]
    assert prod([2, widths, 3]) == 6 * widths
    assert sum([widths, widths]) == 2 * widths


def test_what_is_no_size() -> None:
    for wrong in (1.0, True, "w", [1], None, np.int64(1), np.array([1.0]), np.array([True]), np.array(3)):
        with pytest.raises(UsageError):
            as_size(wrong)
    assert not is_size(True)
    assert is_size(1)
    assert is_size(symbol("w"))
    with pytest.raises(UsageError, match="mixed"):
        symbol("w") + as_size(np.array([1]))
    with pytest.raises(UsageError, match="mixed"):
        bool(as_size(np.array([1])) < symbol("w"))
    with pytest.raises(TypeError):
        as_size(np.array([1])) + 0.5  # type: ignore[operator]


def test_powers_are_bounded() -> None:
    with pytest.raises(ExpressionError):
        as_size(np.array([10])) ** 10**9
    with pytest.raises(ExpressionError):
        symbol("w") ** 10**9
    with pytest.raises(ExpressionError):
        as_size(np.array([2])) ** -1


def test_ints_load_neither_numpy_nor_sympy() -> None:
    code = (
        "import sys; from archspec import sizes\n"
        "assert sizes.ceil_div(7, 2) == 4 and sizes.as_size(3) == 3 and sizes.unwrap(sizes.prod([2, 3])) == 6\n"
        "print({'numpy', 'sympy', 'fractions'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_sympy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    for name in [name for name in sys.modules if name.startswith("archspec.sizes.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("archspec.sizes.symbolic")
    with pytest.raises(UsageError, match=r"pip install archspec-nn\[symbolic\]"):
        symbol("w")
