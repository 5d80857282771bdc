"""What several tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="write expected outputs anew instead of comparing them")


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether expected outputs are written anew, to be read in the diff."""
    return bool(request.config.getoption("--overwrite"))
