"""Written figures: what they mean and what they accept."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.api import analyze
from archspec.errors import SpecError
from archspec.policy.expect import compare, figure

ZEROS = {"K": 3, "M": 6, "G": 9, "T": 12, "P": 15}


@pytest.mark.parametrize(
    ("expected", "actual", "agree"),
    [
        ("11_689_512", 11_689_512, True),
        ("11_689_512", 11_689_513, False),
        (61_706, 61_706, True),
        (61_706, 61_705, False),
        (1e6, 1_000_000, True),
        ("1.814G", 1_814_073_344, True),
        ("1.814G", 1_814_500_000, True),
        ("1.814G", 1_814_500_001, False),
        ("1.814G", 1_813_499_999, False),
        ("4.230G", 4_230_479_872, True),
        ("4.23G", 4_230_479_872, True),
        ("4.231G", 4_230_479_872, False),
        ("138M", 138_357_544, True),
        ("7 K", 7_499, True),
        ("7K", 7_501, False),
        ("1T", 999_999_999_999, True),
        ("1.50P", 1_504_000_000_000_000, True),
        ("233.08MiB", 244_403_360, True),  # AlexNet's parameters as torchsummary prints them
        ("233.09MiB", 244_403_360, False),
        ("1KiB", 1_024, True),
        ("2GiB", 2**31, True),
        ("0", 0, True),
    ],
)
def test_agreement(expected: str | int | float, actual: int, agree: bool) -> None:
    assert compare(expected, actual) is agree


@given(st.integers(0, 10**20), st.sampled_from(list(ZEROS)), st.integers(0, 6))
def test_a_figure_accepts_what_rounds_to_it(actual: int, suffix: str, places: int) -> None:
    """Python's own decimal rounding writes the figure; one digit off in the last place is refused."""
    step = Decimal(1).scaleb(-places)
    scaled = Decimal(actual).scaleb(-ZEROS[suffix])
    for rounding in (ROUND_HALF_UP, ROUND_HALF_DOWN):
        assert compare(f"{scaled.quantize(step, rounding)}{suffix}", actual)
    assert not compare(f"{scaled.quantize(step, ROUND_HALF_DOWN) + 2 * step}{suffix}", actual)


@pytest.mark.parametrize(
    "text", ["", "G", "1.8.1G", "-5", "1.8X", "1.8GB", "1,000", "1e6", ".5G", "1.G", "_1", "\u0661", True, "9" * 100]
)
def test_no_figure(text: str) -> None:
    with pytest.raises(SpecError, match="is no figure"):
        compare(text, 1)


def test_names_of_figures() -> None:
    report = analyze("lenet5")
    assert figure(report, "params") == 61_706
    assert figure(report, "torchsummary.params_bytes") == 4 * 61_706
    with pytest.raises(SpecError, match="no figure is called `parms`") as caught:
        figure(report, "parms")
    assert caught.value.hint == "did you mean `params`?"
    with pytest.raises(SpecError, match="no figure is called `memory`"):
        figure(report, "memory")
