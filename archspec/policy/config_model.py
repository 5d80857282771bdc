"""What a configuration file holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

from pydantic_core import core_schema as core

from archspec.errors import SpecError, show
from archspec.language.header import Mapping, Text, Texts
from archspec.policy.expect import parse
from archspec.record import Record
from archspec.text.findings import Severity
from archspec.validation import Check, checked

_PERCENT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?%", re.ASCII)


class Amount(NamedTuple):
    """A number as it is written and what it is; a percentage is its share, 2% is 1/50."""

    text: str
    value: Fraction


def _figure(value: Any) -> Amount:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            return Amount(str(value), parse(value)[0])
        except SpecError:
            pass
    raise ValueError(f'must be a figure such as 25_000_000, "8.5G" or "1GiB", got {show(value)}')


def _percent(value: Any) -> Amount:
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'must be a percentage such as "2%", got {show(value)}')
    return Amount(value, Fraction(match[1]) / 100)


def _share(value: Any) -> Amount:
    if type(value) not in (int, float) or not 0 < value <= 1:
        raise ValueError(f"must be a share above 0 and at most 1, such as 0.95, got {show(value)}")
    return Amount(str(value), Fraction(str(value)))


_FIGURE = {"type": ["integer", "string"], "minimum": 0}
Figure = Annotated[Amount, checked(_figure, _FIGURE)]
Percent = Annotated[Amount, checked(_percent, {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,6})? ?%$"})]
Share = Annotated[Amount, checked(_share, {"type": "number", "exclusiveMinimum": 0, "maximum": 1})]
Side = Literal["base", "head"]
_TABLES = core.list_schema(core.dict_schema(core.str_schema(), core.any_schema()))
Tables = Annotated[list[dict[str, Any]], Check(_TABLES, {"type": "array", "items": {"type": "object"}})]
CodeLists = Annotated[
    dict[str, list[str]],
    Check(
        core.dict_schema(core.str_schema(), core.list_schema(core.str_schema(strict=True))),
        {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    ),
]
Severities = Annotated[
    dict[str, Severity],
    Check(
        core.dict_schema(core.str_schema(), core.literal_schema(["error", "warning", "info"])),
        {"type": "object", "additionalProperties": {"enum": ["error", "warning", "info"]}},
    ),
]


class ConfigModel(Record):
    """The configuration of archspec: archspec.toml, or the table tool.archspec of pyproject.toml."""

    include: Texts = []
    """Globs of the specs, from the folder of this file: what the commands work on where no file is named."""
    policy_from: Side = "base"
    """Where limits, waivers and severities are read: in the base of a change, which then cannot raise its own limit, or
    in its head."""
    at: Mapping = {}
    """At what budgets are counted where they do not say: batch, dtype, dims and vars, as {batch = 8, T = 2048}."""
    lint: Mapping = {}
    """Which rules `archspec lint` runs."""
    budget: Tables = []
    """Limits of figures, one table for each set of specs."""


class LintModel(Record):
    """Which rules run, and how bad each is. Codes may be cut short, `AS3` is all that start so; `ALL` is every rule."""

    select: Texts = []
    """The rules that run; without it those that are on by default."""
    ignore: Texts = []
    """Rules that do not run."""
    severity: Severities = {}
    """How bad the findings of a rule are: error, warning or info, by code."""
    per_file_ignores: CodeLists = {}
    """Rules that do not run on some files: codes by glob."""


class BudgetModel(Record):
    """Limits of figures. Every other key is the name of a figure with its limits: params = {max = "8.5G"}."""

    match: Text = "**"
    """The specs it is for: a glob from the folder of this file, and behind an `@` the variant or a pattern of it."""
    layer: Text = ""
    """The layers it is for, by path, such as layer4 or layer4.*: each of them must keep the limits. Without it the
    whole network."""
    at: Mapping = {}
    """At what it is counted: batch, dtype, dims and vars."""


class LimitModel(Record):
    """The limits of one figure."""

    max: Figure | None = None
    """The most it may be: 25_000_000, "8.5G", "1GiB"."""
    min: Figure | None = None
    """The least it may be."""
    max_increase: Percent | None = None
    """By how much it may be above the base, as "2%"."""
    ignore_below: Figure | None = None
    """An increase of no more than this passes, whatever its percentage."""
    warn_at: Share | None = None
    """The share of a limit from which on there is a warning, such as 0.95."""
