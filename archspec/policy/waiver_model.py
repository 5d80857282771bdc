"""What the file of waivers holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from archspec.errors import show
from archspec.models.base import Model
from archspec.models.describe import file_schema
from archspec.models.types import Json, Taken, Text, unfit

_DIGITS = re.compile("[0-9a-f]{12}")


def _day(value: Any) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise unfit(f"must be a day such as 2030-01-31, got {show(str(value))}")


def _fingerprint(value: Any) -> str:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return value
    raise unfit(f"must be 12 hexadecimal digits, got {show(value)}")


def _whole(value: Any) -> int:
    if type(value) is int and value >= 0:
        return value
    raise unfit(f"must be a whole number such as 25_600_000, got {show(value)}")


def _said(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise unfit(f"must be a text that says something, got {show(value)}")


Day = Annotated[date | None, Taken(_day, {"type": "string", "format": "date"})]
UpTo = Annotated[int | None, Taken(_whole, {"type": "integer", "minimum": 0})]
Said = Annotated[str, Taken(_said, {"type": "string", "minLength": 1})]
Fingerprint = Annotated[str, Taken(_fingerprint, {"type": "string", "pattern": "^[0-9a-f]{12}$"})]


class WaiverEntry(Model):
    """An accepted finding."""

    model_config = ConfigDict(populate_by_name=True)

    fingerprint: Fingerprint
    """The finding's fingerprint, as `archspec check` prints it."""
    code: Text
    """The finding's code."""
    reason: Said
    """Why it is accepted."""
    by: Said
    """Who accepts it."""
    up_to: UpTo = Field(None, alias="up-to")
    """The worst figure that is accepted: a better one needs no new waiver, a worse one does. One without it accepts no
    figure."""
    until: Day = None
    """The last day it holds; without it, until it is taken out."""


class WaiverFile(Model):
    """.archspec/waivers.toml."""

    waiver: list[WaiverEntry] = []
    """One table for each waiver."""


def waivers_schema() -> Json:
    """The JSON Schema of the file of waivers."""
    return file_schema(WaiverFile, "waivers")
