"""What several tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A deadline would be a timed assertion: it fails on a slow machine, not on a wrong program. In CI the examples are the
# same at every run, so that a failure is the change's; elsewhere they are new each time.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="write expected outputs anew instead of comparing them")


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether expected outputs are written anew, to be read in the diff."""
    return bool(request.config.getoption("--overwrite"))
