"""Figures a spec promises: reading them as they are written, and comparing them with what was counted."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from archspec.analysis.metrics import BY_NAME
from archspec.analysis.report import Report
from archspec.errors import SpecError, suggestion
from archspec.memory.figures import total

# Decimal suffixes are powers of 1000, the ones for bytes powers of 1024.
SUFFIXES = {"": 1} | {letter: 1000**power for power, letter in enumerate("KMGTP", 1)}
SUFFIXES |= {f"{letter}iB": 1024**power for power, letter in enumerate("KMGT", 1)}
FIGURE = re.compile(rf"(\d[\d_]{{,60}})(?:\.(\d[\d_]{{,20}}))? ?({'|'.join(SUFFIXES)})", re.ASCII)


def parse(expected: str | int | float) -> tuple[Fraction, Fraction]:
    """A written figure as its value and the step of its last digit: ``1.814G`` is 1,814,000,000 in steps of a million.

    A figure without a point and without a suffix is exact: its step is 0. Underscores may group digits.
    Raises SpecError.
    """
    match = FIGURE.fullmatch(str(expected))
    if match is None or isinstance(expected, bool):
        raise SpecError(
            f"`{expected}` is no figure"[:200],
            hint="write 11_689_512, or 1.814G with a suffix of K M G T P, for bytes also KiB MiB GiB TiB",
        )
    whole, decimals, suffix = (part.replace("_", "") for part in match.groups(""))
    step = Fraction(SUFFIXES[suffix], 10 ** len(decimals))
    return int(whole + decimals) * step, step if decimals or suffix else Fraction(0)


def compare(expected: str | int | float, actual: int) -> bool:
    """Whether ``actual``, rounded to the digits of ``expected``, is ``expected``; a half may go either way.

    Raises SpecError where ``expected`` is no figure.
    """
    value, step = parse(expected)
    return 2 * abs(actual - value) <= step


def figure(report: Report, name: str) -> Any:
    """The total of a metric. Raises SpecError for an unknown name, ArchspecError for one that cannot be worked out."""
    if name not in BY_NAME:
        raise SpecError(f"no figure is called `{name}`", hint=suggestion(name, BY_NAME))
    return total(report, name)
