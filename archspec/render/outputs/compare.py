"""``archspec.compare/1``: what each convention says of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from archspec.analysis.report import Report
from archspec.render.json import plain, settings
from archspec.render.outputs.base import Output, Size
from archspec.render.outputs.summary import SpecName
from archspec.studies.compare import Tally


class CompareSettings(Output):
    """At what it was analysed."""

    batch: Size
    dtype: str
    dims: dict[str, Any]
    """Free sizes that were given."""
    vars: dict[str, Any]
    """Variables that were given."""


class BugEntry(Output):
    """A known error of the tool that shows in its figures."""

    kind: str
    layers: Size
    """How many layers it shows on."""
    bug: str


class TallyEntry(Output):
    """The network under one convention."""

    name: str
    version: str
    columns: dict[str, Size]
    """What it counts."""
    units: dict[str, str]
    unknown: list[str]
    """Kinds that it has no rule for."""
    bugs: list[BugEntry]


class CompareDocument(Output):
    """One network under several conventions."""

    schema_: Literal["archspec.compare/1"]
    spec: SpecName
    settings: CompareSettings
    conventions: list[TallyEntry]


def compare_document(report: Report, tallies: Sequence[Tally]) -> CompareDocument:
    """The tallies of one network."""
    at = settings(report.setting)
    return CompareDocument(
        schema_="archspec.compare/1",
        spec=SpecName(path=report.spec.file, name=report.spec.name, variant=report.variant),
        settings=CompareSettings(**{name: value for name, value in at.items() if name != "convention"}),
        conventions=[
            TallyEntry(
                name=tally.convention.name,
                version=tally.convention.version,
                columns=plain(tally.columns),
                units={column.name: column.unit for column in tally.convention.columns.values()},
                unknown=list(tally.unknown),
                bugs=[BugEntry(kind=kind, layers=plain(layers), bug=bug) for kind, layers, bug in tally.bugs],
            )
            for tally in tallies
        ],
    )
