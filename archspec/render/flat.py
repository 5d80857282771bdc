"""The table of layers as Markdown and CSV."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.metrics import OF_LAYERS, OWN
from archspec.analysis.report import Report, Row
from archspec.render.columns import chosen
from archspec.render.json import plain
from archspec.render.markdown import escaped, fenced, paragraph
from archspec.render.table import label, place
from archspec.render.tables import csv_text, markdown_table
from archspec.render.totals import heading, totals


def markdown(
    report: Report, *, columns: Sequence[str] | None, rows: Sequence[Row], indent: bool, memory: Sequence[str] = ()
) -> str:
    """A pipe table with the totals below it."""
    shown = chosen(report, columns)
    cells = [[_path(row, indent), *(escaped(column.text(row)) for column in shown)] for row in rows]
    head = ["layer", *(escaped(column.title) for column in shown)]
    body = markdown_table(head, cells, [False, *(column.right for column in shown)])
    name, *rest = heading(report)
    sums = fenced(totals(report, memory=memory))
    return "\n\n".join([f"### {escaped(name)}", *map(paragraph, rest), body, sums]) + "\n"


def comma_separated(report: Report, *, columns: Sequence[str] | None, rows: Sequence[Row]) -> str:
    """Layers as CSV: path, then the columns with plain integers; shapes as 1x64x56x56."""
    figures = [metric.name for metric in OF_LAYERS]
    names = columns or ["kind", "input", "output", *figures, "repeat", "status", "line"]
    if not columns and report.convention.name != OWN:
        names = [*names, *(f"{report.convention.name}.{name}" for name in report.convention.columns)]
    shown = chosen(report, names)
    cells = [[row.path, *(_csv(plain(column.value(row))) for column in shown)] for row in rows]
    return csv_text([["path", *names], *cells])


def _path(row: Row, indent: bool) -> str:
    return "&nbsp;&nbsp;" * row.depth + escaped(label(row)) if indent else escaped(place(row))


def _csv(value: object) -> object:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return " ".join("x".join(map(str, shape)) for shape in value)
    return "x".join(map(str, value)) if isinstance(value, list) else value
