"""Amounts as data sheets write them, exactly: 989.4T operations a second, 80Gi bytes."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from archspec.errors import show
from archspec.models.types import Taken, unfit

_PREFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15} | {
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
_WRITTEN = re.compile(rf"(\d{{1,20}}(?:\.\d{{1,12}})?) ?({'|'.join(sorted(_PREFIXES, key=len, reverse=True))})")


def amount(text: str) -> int | None:
    """The whole number that a text such as `989.4T` or `80Gi` is; None where it is none."""
    written = _WRITTEN.fullmatch(text.strip())
    value = Fraction(written[1]) * _PREFIXES[written[2]] if written else None
    return int(value) if value is not None and value.denominator == 1 else None


def _amount(value: Any) -> int:
    read = amount(value) if isinstance(value, str) else value
    if not isinstance(read, int) or isinstance(read, bool) or not 0 < read < 10**24:
        raise unfit(
            f"must be a whole number above 0, got {show(value)}",
            "a prefix may stand behind it: 989.4T is 989.4 * 10^12, 80Gi is 80 * 2^30",
        )
    return read


Amount = Annotated[int, Taken(_amount, {"type": ["integer", "string"]})]
