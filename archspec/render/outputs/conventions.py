"""``archspec.conventions/1``: counting conventions in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archspec.conventions.loader import Convention
from archspec.models.docstrings import one_line
from archspec.render.outputs.base import Output
from archspec.studies.catalog import columns_of


class ColumnEntry(Output):
    """A figure that the convention counts."""

    name: str
    unit: str
    summary: str
    default: str | None
    """The formula where a rule gives none."""
    of: Literal["operations", "weights"]


class RuleEntry(Output):
    """One kind's rule."""

    formulas: dict[str, str]
    """The formula of each figure, without those that only have the default."""
    source: str
    note: str
    bug: str
    bites: str
    """On which layers the bug shows."""


class ConventionEntry(Output):
    """One convention."""

    name: str
    version: str
    summary: str
    source: str
    sees: str
    unknown: str
    assumes: list[str]
    bugs: list[str]
    columns: list[ColumnEntry]
    rules: dict[str, RuleEntry]
    free: dict[str, str]
    """Kinds that cost nothing, each with the reason."""


class ConventionsDocument(Output):
    """Conventions, by name."""

    schema_: Literal["archspec.conventions/1"]
    conventions: list[ConventionEntry]


def conventions_document(conventions: Sequence[Convention]) -> ConventionsDocument:
    """The conventions."""
    return ConventionsDocument(
        schema_="archspec.conventions/1", conventions=[_convention(convention) for convention in conventions]
    )


def _convention(convention: Convention) -> ConventionEntry:
    rules = {kind: rule for kind in convention.kinds() if (rule := convention.rule(kind)) is not None}
    return ConventionEntry(
        name=convention.name,
        version=convention.version,
        summary=one_line(convention.summary),
        source=convention.source,
        sees=convention.sees,
        unknown=convention.unknown,
        assumes=list(convention.assumes),
        bugs=list(convention.bugs),
        columns=[ColumnEntry(**column._asdict()) for column in convention.columns.values()],
        rules={
            kind: RuleEntry(
                formulas={name: str(formula) for name, formula, _ in columns_of(rule, convention)},
                source=rule.source,
                note=rule.note,
                bug=rule.bug,
                bites=rule.bites,
            )
            for kind, rule in rules.items()
        },
        free=dict(convention.free),
    )
