"""What the file of waivers holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator, WithJsonSchema

from archspec.errors import show
from archspec.language.model import Model, Schema, Text, schema_of


def _day(value: Any) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"must be a day such as 2030-01-31, got {show(str(value))}")


def _fingerprint(text: str) -> str:
    if len(text) != 12 or set(text) - set("0123456789abcdef"):
        raise ValueError(f"must be 12 hexadecimal digits, got {show(text)}")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError(f"must be a text that says something, got {show(text)}")
    return text


Day = Annotated[date | None, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Said = Annotated[Text, AfterValidator(_said), WithJsonSchema({"type": "string", "minLength": 1})]
Fingerprint = Annotated[
    Text, AfterValidator(_fingerprint), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{12}$"})
]


class WaiverEntry(Model):
    """An accepted finding."""

    fingerprint: Fingerprint
    """The finding's fingerprint, as `archspec check` prints it."""
    code: Text
    """The finding's code."""
    reason: Said
    """Why it is accepted."""
    by: Said
    """Who accepts it."""
    until: Day = None
    """The last day it holds; without it, until it is taken out."""


class WaiverFile(Model):
    """.archspec/waivers.toml."""

    waiver: list[WaiverEntry] = []
    """One table for each waiver."""


def waivers_schema() -> Schema:
    """The JSON Schema of the file of waivers."""
    return schema_of(WaiverFile, "waivers:1", "archspec waivers 1")
