"""Every tool's own figure for each of 47 single layers, to the unit."""

from __future__ import annotations

import pytest

from figures import DATA
from singles import CASES, COLUMNS, LAYERS, OTHERS, figures


def test_every_case_is_written_out() -> None:
    assert list(LAYERS) == list(CASES)
    for case, columns in DATA["single_exceptions"].items():
        assert case in CASES
        assert set(columns) <= set(COLUMNS)


def test_every_tool_of_the_file_has_a_convention_or_a_reason() -> None:
    assert {*COLUMNS, *OTHERS} == set(next(iter(CASES.values()))) - {"case", "torch", "input"}


def test_an_unreleased_torchinfo_differs_where_it_is_said_to() -> None:
    different = [name for name, case in CASES.items() if case["torchinfo_head"] != case["torchinfo"]]
    assert different == ["Linear 3d"]


@pytest.mark.parametrize("case", LAYERS)
def test_figures_are_those_of_the_tools(case: str) -> None:
    excepted = DATA["single_exceptions"].get(case, {})
    for column, (wanted, found) in figures(case).items():
        if column in excepted:
            assert found != wanted, f"{column}: is reached, and no exception"
        else:
            assert found == wanted, f"{column} of {CASES[case]['torch']}"
