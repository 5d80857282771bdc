"""What several tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A deadline would be a timed assertion: it fails on a slow machine, not on a wrong program.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="write expected outputs anew instead of comparing them")


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether expected outputs are written anew, to be read in the diff."""
    return bool(request.config.getoption("--overwrite"))
