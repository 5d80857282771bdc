"""The columns a table of layers can have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from archspec.analysis.metrics import MEMORY, OF_LAYERS, OWN, USUAL, Metric
from archspec.analysis.report import Report, Row
from archspec.errors import UsageError, suggestion
from archspec.records import NamedTuple
from archspec.render.numbers import exact, shape, share

if TYPE_CHECKING:
    from archspec.memory.figures import OfRows


class Column(NamedTuple):
    """A column: its heading, the value for CSV, its text, whether it stands on the right, and what rows are sorted by
    where that is not the value, over all places where the row stands."""

    name: str
    title: str
    value: Callable[[Row], Any]
    text: Callable[[Row], str]
    right: bool = True
    key: Callable[[Row], Any] | None = None


def available(report: Report) -> dict[str, Column]:
    """Every column of a report, its convention's own included."""
    columns = [
        Column("kind", "kind", lambda row: row.kind, lambda row: row.kind, right=False),
        Column("input", "input", lambda row: list(map(list, row.inputs)), _inputs, right=False),
        Column("output", "output", lambda row: list(row.output), lambda row: shape(row.output), right=False),
        *map(_figure, OF_LAYERS),
        *(_of_memory(report, metric) for metric in MEMORY if metric.of_layers),
        *(_share(report, metric.name) for metric in OF_LAYERS if metric.adds == "sum"),
        Column("repeat", "repeat", lambda row: row.repeat, lambda row: exact(row.repeat)),
        Column("status", "status", lambda row: row.status, lambda row: row.status, right=False),
        Column("line", "line", lambda row: row.line, lambda row: str(row.line)),
        Column("note", "note", lambda row: row.note, lambda row: row.note, right=False),
    ]
    if report.convention.name != OWN:
        columns += [_own(report, name) for name in report.convention.columns]
    return {column.name: column for column in columns}


def chosen(report: Report, names: Sequence[str] | None) -> list[Column]:
    """The columns asked for by name, or the usual ones. Raises UsageError."""
    columns = available(report)
    if not names:
        if report.convention.name == OWN:
            names = ["kind", "output", *(name for metric in USUAL for name in (metric.name, f"{metric.name}%"))]
        else:
            prefix = report.convention.name
            names = ["kind", "output", "params", *(f"{prefix}.{name}" for name in report.convention.columns), "status"]
    for name in names:
        if name not in columns:
            raise UsageError(f"no column is called `{name}`", hint=suggestion(name, columns))
    return [columns[name] for name in names]


def times(value: Any, row: Row) -> Any:
    """A figure over all the places where the row stands."""
    return value * row.repeat


def _inputs(row: Row) -> str:
    return " ".join(map(shape, row.inputs))


def _figure(metric: Metric) -> Column:
    name = metric.name
    return Column(name, metric.title, lambda row: row.figures[name], lambda row: of_all(row.figures[name], row))


def _of_memory(report: Report, metric: Metric) -> Column:
    """One that is worked out when it is first asked for."""

    @cache
    def rows() -> OfRows:
        from archspec.memory.figures import OfRows

        return OfRows(report, metric.name)

    def text(row: Row) -> str:
        values, whole = rows().of(row), rows().whole(row)
        if metric.adds == "sum" and len(set(values)) == 1:
            return of_all(values[0], row)
        return exact(whole) if whole else "-"

    return Column(metric.name, metric.title, lambda row: rows().of(row)[0], text, key=lambda row: rows().whole(row))


def _own(report: Report, name: str) -> Column:
    full = f"{report.convention.name}.{name}"
    return Column(full, full, lambda row: row.columns[name], lambda row: of_all(row.columns[name], row))


def _share(report: Report, name: str) -> Column:
    """Share of the network's total, all repeats of the row together."""
    whole = report.totals[name]

    def text(row: Row) -> str:
        return share(times(row.figures[name], row), whole)

    return Column(f"{name}%", "%", lambda row: float(text(row).replace(",", "") or 0), text)


def of_all(value: Any, row: Row, write: Callable[[Any], str] = exact) -> str:
    """A figure over all the places where the row stands, behind that of one where they are several."""
    if type(value) is int and value == 0:
        return "-"
    several = not (type(row.repeat) is int and row.repeat == 1)
    return (f"{exact(row.repeat)} x {write(value)} = " if several else "") + write(times(value, row))
