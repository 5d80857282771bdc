"""What a configuration file holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from archspec.analysis.metrics import BY_NAME, OF_LAYERS, TOOLS
from archspec.errors import SpecError, did_you_mean, show, suggestion
from archspec.kinds.dtypes import DTYPES
from archspec.models.base import Model
from archspec.models.describe import file_schema
from archspec.models.types import Invalid, Json, Taken, Text, Texts, unfit
from archspec.policy.codes import BY_CODE
from archspec.policy.expect import parse
from archspec.text.findings import Severity

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
    raise unfit(f'must be a figure such as 25_000_000, "8.5G" or "1GiB", got {show(value)}')


def _percent(value: Any) -> Amount:
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise unfit(f'must be a percentage such as "2%", got {show(value)}')
    return Amount(value, Fraction(match[1]) / 100)


def _share(value: Any) -> Amount:
    if type(value) not in (int, float) or not 0 < value <= 1:
        raise unfit(f"must be a share above 0 and at most 1, such as 0.95, got {show(value)}")
    return Amount(str(value), Fraction(str(value)))


def _batch(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise unfit(f"must be a whole number, at least 1, got {show(value)}")
    return value


def _dtype(value: Any) -> str:
    if not isinstance(value, str) or value not in DTYPES:
        raise Invalid(f"unknown dtype {show(value)}", hint=suggestion(str(value), DTYPES))
    return value


def _code(value: Any) -> str:
    if value not in BY_CODE:
        hint = did_you_mean(str(value), BY_CODE) or "`archspec rules` lists them; those of lint stand in lint.severity"
        raise Invalid(f"no finding of limits has the code {show(value)}", hint=hint, of_key=True)
    return str(value)


Figure = Annotated[Amount | None, Taken(_figure, {"type": ["integer", "string"], "minimum": 0})]
Percent = Annotated[Amount | None, Taken(_percent, {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,6})? ?%$"})]
Share = Annotated[Amount | None, Taken(_share, {"type": "number", "exclusiveMinimum": 0, "maximum": 1})]
Batch = Annotated[int, Taken(_batch, {"type": "integer", "minimum": 1})]
PolicyCode = Annotated[str, Taken(_code, {"enum": list(BY_CODE)})]
Dtype = Annotated[str, Taken(_dtype, {"enum": list(DTYPES)})]


class Table(Model):
    """A table of TOML, whose keys have `-` for `_`."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"), populate_by_name=True)


class At(Table):
    """At what figures are counted: batch and dtype, and every dim or var by its name."""

    model_config = ConfigDict(extra="allow")

    batch: Batch = 1
    """Samples in the batch."""
    dtype: Dtype = "float32"
    """Element type of weights and activations."""

    def said(self) -> dict[str, Any]:
        """What is set here."""
        return self.model_dump(exclude_unset=True)


class Lint(Table):
    """Which rules run, and how bad each is. Codes may be cut short, `AS3` is all that start so; `ALL` is every rule."""

    select: Texts = []
    """The rules that run; without it those that are on by default."""
    ignore: Texts = []
    """Rules that do not run."""
    severity: dict[str, Severity] = {}
    """How bad the findings of a rule are: error, warning or info, by code."""
    per_file_ignores: dict[str, Texts] = {}
    """Rules that do not run on some files: codes by glob."""


class Limits(Table):
    """The limits of one figure."""

    max: Figure = None
    """The most it may be: 25_000_000, "8.5G", "1GiB"."""
    min: Figure = None
    """The least it may be."""
    max_increase: Percent = None
    """By how much it may be above the base, as "2%"."""
    ignore_below: Figure = None
    """An increase of no more than this passes, whatever its percentage."""
    warn_at: Share = None
    """The share of a limit from which on there is a warning, such as 0.95."""

    @model_validator(mode="after")
    def _kept(self) -> Self:
        """Limits that can be kept, and that are used."""
        if self.max and self.min and self.max.value < self.min.value:
            raise Invalid(f"`max` {self.max.text} is below `min` {self.min.text}", "max")
        if self.ignore_below and not self.max_increase:
            raise Invalid("`ignore-below` without `max-increase`", "ignore-below", of_key=True)
        if self.warn_at and not (self.max or self.max_increase):
            raise Invalid("`warn-at` without `max` or `max-increase`", "warn-at", of_key=True)
        return self

    @property
    def empty(self) -> bool:
        """Whether nothing is limited."""
        return not (self.max or self.min or self.max_increase)


LIMIT_KEYS = frozenset(field.alias or name for name, field in Limits.model_fields.items())


def _limits_or_tool(value: Any) -> str:
    """What a figure's name stands before: its limits, or the figures of a tool, as `torchinfo.total_bytes` is read."""
    tables = isinstance(value, dict) and value and all(isinstance(item, dict) for item in value.values())
    return "<figures>" if tables and not LIMIT_KEYS & set(value) else "<limits>"


class Budget(Table):
    """Limits of figures. Every other key is the name of a figure with its limits: params = {max = "8.5G"}."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        str,
        Annotated[
            Annotated[Limits, Tag("<limits>")] | Annotated[dict[str, Limits], Tag("<figures>")],
            Discriminator(_limits_or_tool),
        ],
    ] = Field(init=False)

    match: Text = "**"
    """The specs it is for: a glob from the folder of this file, and behind an `@` the variant or a pattern of it."""
    layer: Text = ""
    """The layers it is for, by path, such as layer4 or layer4.*: each of them must keep the limits. Without it the
    whole network."""
    at: At = Field(default_factory=At)
    """At what it is counted: batch, dtype, dims and vars."""

    def limits(self) -> Iterator[tuple[str, tuple[str, ...], Limits]]:
        """Each figure that is limited, its keys here, and its limits."""
        for name, limit in self.__pydantic_extra__.items():
            if isinstance(limit, Limits):
                yield name, (name,), limit
            else:
                yield from ((f"{name}.{key}", (name, key), inner) for key, inner in limit.items())

    @model_validator(mode="before")
    @classmethod
    def _named(cls, written: Any) -> Any:
        """Only figures that exist, before their limits are looked at."""
        if not isinstance(written, dict):
            return written
        own = [field.alias or name for name, field in cls.model_fields.items()]
        metrics = [metric.name for metric in (OF_LAYERS if written.get("layer") else BY_NAME.values())]
        for name, value in written.items():
            several = _limits_or_tool(value) == "<figures>"
            for keys in [(name, key) for key in value] if several else [(name,)]:
                figure = ".".join(keys)
                if figure not in metrics and figure not in own:
                    what = "figure of a layer" if written.get("layer") and figure in BY_NAME else "figure"
                    hint = suggestion(figure, (*metrics, *own))
                    raise Invalid(f"no {what} is called `{figure}`", *keys, hint=hint, of_key=True)
                if figure in metrics and not isinstance(value, dict):
                    hint = f'write {figure} = {{max = "8.5G"}}'
                    raise Invalid(f"`{figure}` must be a table, got {show(value)}", *keys, hint=hint)
        return written

    @model_validator(mode="after")
    def _limited(self) -> Self:
        """At least one limit, and none that says nothing."""
        for name, keys, limit in self.limits():
            if limit.empty:
                raise Invalid(f"`{name}` has no limit", *keys, hint="give it max, min or max-increase")
        if not self.__pydantic_extra__:
            raise Invalid("a budget without limits", hint='name a figure: params = {max = "8.5G"}')
        return self


class Configuration(Table):
    """The configuration of archspec: archspec.toml, or the table tool.archspec of pyproject.toml."""

    include: Texts = []
    """Globs of the specs, from the folder of this file: what the commands work on where no file is named."""
    at: At = Field(default_factory=At)
    """At what budgets are counted where they do not say: batch, dtype, dims and vars, as {batch = 8, T = 2048}."""
    lint: Lint = Field(default_factory=Lint)
    """Which rules `archspec lint` runs."""
    severity: dict[PolicyCode, Severity] = {}
    """How bad findings about limits, waivers and what a change removes are: error, warning or info, by code;
    `archspec rules` lists them."""
    waivers: Literal["head", "base"] = "head"
    """Whose waivers count for a change: with `head` those that it brings, too, each of which is shown; with `base` only
    those that are merged."""
    budget: list[Budget] = []
    """Limits of figures, one table for each set of specs."""

    @model_validator(mode="before")
    @classmethod
    def _of_the_command(cls, written: Any) -> Any:
        """A change must not choose by whose policy it is judged."""
        if isinstance(written, dict) and "policy-from" in written:
            message = "`policy-from` belongs on the command line: a change cannot say whose policy holds for it"
            hint = "take it out; for a run that is to be judged by its own policy: archspec ci --policy-from head"
            raise Invalid(message, "policy-from", hint=hint, of_key=True)
        return written


def config_schema() -> Json:
    """The JSON Schema of a configuration file; a budget's names every figure there is."""
    schema = file_schema(Configuration, "config")
    limit = {"$ref": "#/definitions/Limits"}
    figures: Json = dict.fromkeys(BY_NAME, limit)
    for tool in TOOLS:
        inner = {name.partition(".")[2]: limit for name in BY_NAME if name.startswith(f"{tool}.")}
        figures[tool] = {"type": "object", "properties": inner, "additionalProperties": False}
    budget = schema["definitions"]["Budget"]
    budget["properties"] |= figures
    budget["additionalProperties"] = False
    return schema
