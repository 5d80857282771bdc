"""The table of cells at the end of a run."""

from __future__ import annotations

from typing import Any

import pytest

import goldens


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table where the cells were tested."""
    reports: list[Any] = [report for some in terminalreporter.stats.values() for report in some]
    if any("test_goldens.py" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.section("cells reached")
        terminalreporter.write(goldens.page())
