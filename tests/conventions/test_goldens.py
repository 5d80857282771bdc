"""Every tool's own figures for every network, to the unit."""

from __future__ import annotations

import pytest

import goldens


@pytest.mark.parametrize("network", goldens.networks())
def test_figures_are_those_of_the_tools(network: str) -> None:
    cells = goldens.cells(network)
    if goldens.columns(network) is None:
        pytest.skip("the zoo has no spec of it yet")
    wrong = [cell for cell in cells if cell.state == "different"]
    assert not wrong, "\n".join(f"{cell.tool}.{cell.figure}: {cell.found}, not {cell.wanted}" for cell in wrong)


@pytest.mark.parametrize("exception", goldens.DATA["exceptions"], ids=lambda each: each["figures"][0])
def test_exceptions_are_needed(exception: dict[str, object]) -> None:
    """Each network and figure listed as out of reach differs."""
    states = {
        (cell.network, f"{cell.tool}.{cell.figure}"): cell.state
        for network in exception["networks"]  # type: ignore[attr-defined]
        for cell in goldens.cells(network)
    }
    for network in exception["networks"]:  # type: ignore[attr-defined]
        for figure in exception["figures"]:  # type: ignore[attr-defined]
            assert states[network, figure] in ("excepted", "no spec"), (network, figure)
