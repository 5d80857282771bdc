"""What several tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from scratch import IDENTITY, Scratch

# A deadline would be a timed assertion: it fails on a slow machine, not on a wrong program. In CI the examples are the
# same at every run, so that a failure is the change's; elsewhere they are new each time.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

# pytest-xdist sets it for its workers; a listing is then cut to that terminal.
os.environ.pop("COLUMNS", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="write expected outputs anew instead of comparing them")


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether expected outputs are written anew, to be read in the diff."""
    return bool(request.config.getoption("--overwrite"))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """An empty repository, which is the current directory; the user's own configuration of git is not seen."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    made = Scratch(tmp_path / "repository")
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run a command line: exit code, output, errors."""
    from archspec.cli import main

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["archspec", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, error = capfd.readouterr()
        return int(stop.value.code or 0), out, error

    return call
