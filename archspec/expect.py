"""Figures a spec promises: reading them as they are written, and comparing them with what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archspec.errors import SpecError, did_you_mean

# Decimal suffixes are powers of 1000, the ones for bytes powers of 1024.
SUFFIXES = {
    "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
MAX_LENGTH = 60
MAX_EXPONENT = 30


def parse(expected: str | int | float) -> tuple[Fraction, Fraction]:
    """A written figure as its value and the step of its last digit: ``1.814G`` is 1,814,000,000 in steps of a million.

    A figure without a point or a suffix is exact: its step is 0. Digits may be grouped by underscores. Raises SpecError.
    """
    text = str(expected).strip()
    number = text.rstrip("KMGTPiB").rstrip()
    suffix = text[len(number) :].strip()
    whole, point, decimals = number.replace("_", "").partition(".")
    mantissa, _, exponent = decimals.partition("e")  # 1e6, read by YAML as a number, comes back as 1000000.0
    digits = whole + mantissa
    readable = len(text) <= MAX_LENGTH and digits.isascii() and digits.isdigit() and whole and bool(point) == bool(mantissa)
    if isinstance(expected, bool) or not readable or exponent or (suffix and suffix not in SUFFIXES):
        raise SpecError(
            f"`{expected}` is no figure"[:200],
            hint="write 11_689_512, or 1.814G with a suffix of K M G T P, for bytes also KiB MiB GiB TiB",
        )
    if not suffix and not point:
        return Fraction(int(digits)), Fraction(0)
    step = Fraction(SUFFIXES[suffix] if suffix else 1, 10 ** len(mantissa))
    return int(digits) * step, step


def compare(expected: str | int | float, actual: int) -> bool:
    """Whether ``actual``, rounded to the digits of ``expected``, is ``expected``; a half may go either way.

    Raises SpecError where ``expected`` is no figure.
    """
    value, step = parse(expected)
    return 2 * abs(actual - value) <= step


def figure(totals: Mapping[str, Any], name: str) -> Any:
    """The total that ``name`` stands for: a key of ``Report.totals``, or a tool's memory such as ``torchinfo.total_bytes``.

    Raises SpecError for an unknown name.
    """
    known = {key: value for key, value in totals.items() if not isinstance(value, Mapping)}
    for tool, sizes in totals["memory"].items():
        known.update((f"{tool}.{key}", value) for key, value in sizes.items())
    if name not in known:
        raise SpecError(f"no figure is called `{name}`", hint=did_you_mean(name, known) or "known: " + ", ".join(known))
    return known[name]
