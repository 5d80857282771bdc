"""The table of layers as Markdown and CSV."""

from __future__ import annotations

import io
from collections.abc import Sequence

from archspec.render.columns import chosen
from archspec.render.json import plain
from archspec.render.table import heading, label, place, totals
from archspec.report import Report, Row


def markdown(report: Report, *, columns: Sequence[str] | None, rows: Sequence[Row], indent: bool) -> str:
    """A pipe table with the totals below it."""
    from tabulate import tabulate

    shown = chosen(report, columns)
    cells = [[_path(row, indent), *(cell(column.text(row)) for column in shown)] for row in rows]
    body = tabulate(
        cells, ["layer", *(column.title for column in shown)], tablefmt="pipe", disable_numparse=True,
        colalign=["left", *("right" if column.right else "left" for column in shown)],
    )  # fmt: skip
    name, *rest = heading(report)
    parts = [f"### {cell(name)}", *map(cell, rest), body, "```\n" + "\n".join(totals(report)) + "\n```"]
    return "\n\n".join(parts) + "\n"


def comma_separated(report: Report, *, columns: Sequence[str] | None, rows: Sequence[Row]) -> str:
    """Layers as CSV: path, then the columns with plain integers; shapes as 1x64x56x56."""
    import csv

    names = columns or [
        "kind",
        "input",
        "output",
        "params",
        "buffers",
        "macs",
        "flops",
        "activations",
        "repeat",
        "status",
        "line",
    ]
    if not columns and report.convention.columns and report.convention.name != "archspec":
        names = [*names, *(f"{report.convention.name}.{name}" for name in report.convention.columns)]
    shown = chosen(report, names)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", *names])
    for row in rows:
        writer.writerow([row.path, *(_csv(plain(column.value(row))) for column in shown)])
    return out.getvalue()


def _path(row: Row, indent: bool) -> str:
    return "&nbsp;&nbsp;" * row.depth + cell(label(row)) if indent else cell(place(row))


def cell(text: str) -> str:
    """Text that cannot end a table cell, a line, or start a mention or a tag."""
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("`", "\\`")
    return text.replace("<", "&lt;").replace("@", "&#64;")


def _csv(value: object) -> object:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return " ".join("x".join(map(str, shape)) for shape in value)
    return "x".join(map(str, value)) if isinstance(value, list) else value
