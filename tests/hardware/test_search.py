"""The largest number that fits, against trying every one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import UsageError
from archspec.hardware.search import MOST, Largest, largest


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60),
    st.integers(0, 2000),
    st.integers(1, 7),
)
def test_it_is_what_trying_finds(rises: list[int], free: int, slope: int) -> None:
    """Any need that never falls: steps of any size, then a straight line."""
    heights = [sum(rises[: count + 1]) for count in range(len(rises))]

    def need(number: int) -> int:
        beyond = max(number - len(heights), 0)
        return heights[min(number, len(heights)) - 1] + slope * beyond

    tried = 0
    while need(tried + 1) <= free:
        tried += 1
    assert largest(need, free, "batch") == Largest("batch", tried, need(tried + 1))


def test_few_numbers_are_looked_at() -> None:
    looked = []

    def need(number: int) -> int:
        looked.append(number)
        return 10**9 + 12_345_678 * number

    assert largest(need, 10**15, "batch").number == (10**15 - 10**9) // 12_345_678
    assert len(looked) <= 6


def test_a_need_that_falls_is_no_answer() -> None:
    with pytest.raises(UsageError, match="needs less than"):
        largest(lambda number: 100 - number, 1000, "batch")


def test_a_need_that_stands_still_is_no_answer() -> None:
    with pytest.raises(UsageError, match=f"{MOST:,} still fits"):
        largest(lambda number: 5, 10, "length")
