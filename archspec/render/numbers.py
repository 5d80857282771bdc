"""How figures are written."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

_SI = ("", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q")
_SECONDS = ("s", "ms", "us", "ns")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def exact(value: Any) -> str:
    """Every digit, in groups of three; a column of design points as its range, a symbol's polynomial as it is."""
    if type(value) is int:
        return f"{value:,}"
    if type(value).__module__.startswith("numpy"):
        low, high = value.min(), value.max()
        return f"{low:,}" if low == high else f"{low:,} .. {high:,}"
    return str(value)


def plural(count: int, word: str) -> str:
    """``1 spec``, ``2 specs``."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def short(value: Any) -> str:
    """Four digits and an SI prefix: 4.089G. Exact below 10,000."""
    if type(value) is not int:
        return exact(value)
    if abs(value) < 10_000:
        return f"{value:,}"
    power = min((len(str(abs(value))) - 1) // 3, len(_SI) - 1)
    return _scaled(value, 1000**power) + _SI[power]


def _scaled(value: int, unit: int) -> str:
    """``value / unit`` in four digits, rounded exactly whatever the size of the integers."""
    whole = abs(value) // unit
    digits = max(0, 4 - len(str(whole)))
    scaled = (abs(value) * 10**digits * 2 + unit) // (2 * unit)
    text = str(scaled).rjust(digits + 1, "0")
    text = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return ("-" if value < 0 else "") + text


def fixed(value: int, unit: int, digits: int) -> str:
    """``value / unit`` with so many decimals, half up, exact for integers of any size."""
    scaled = (value * 10**digits * 2 + unit) // (2 * unit)
    text = str(scaled).rjust(digits + 1, "0")
    whole = f"{int(text[:-digits]):,}" if digits else f"{int(text):,}"
    return f"{whole}.{text[-digits:]}" if digits else whole


def share(part: Any, whole: Any) -> str:
    """A percentage with two decimals; empty where there is nothing to share, or no single number."""
    if type(part) is not int or type(whole) is not int or not whole or not part:
        return ""
    return fixed(100 * part, whole, 2)


def binary(value: int) -> str:
    """Bytes in four digits with the prefix that fits: 14.96 GiB."""
    power = min((abs(value).bit_length() - 1) // 10 if value else 0, len(_BINARY) - 1)
    return f"{_scaled(value, 1024**power) if power else value} {_BINARY[power]}"


def duration(seconds: Fraction) -> str:
    """Seconds in four digits with the unit that fits, rounded exactly: 12.34 us."""
    power = next((power for power in range(4) if seconds * 1000**power >= 1), 3) if seconds else 0
    scaled = seconds * 1000**power
    digits = max(0, 4 - len(str(int(scaled))))
    return f"{fixed(scaled.numerator, scaled.denominator, digits)} {_SECONDS[power]}"


def shape(sizes: tuple[Any, ...]) -> str:
    """``[1, 64, 56, 56]``."""
    return "[" + ", ".join(str(size) if type(size) is int else exact(size) for size in sizes) + "]"
