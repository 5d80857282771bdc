"""The table of a report as HTML, for a notebook."""

from __future__ import annotations

from html import escape

from archspec.analysis.report import Report
from archspec.render.columns import chosen
from archspec.render.table import DEPTH, label
from archspec.render.totals import heading, totals

# An inline style wins over the notebook's own, which aligns every cell alike.
LEFT, RIGHT = "text-align: left", "text-align: right; font-variant-numeric: tabular-nums"


def html_table(report: Report) -> str:
    """Heading, layers and totals as the table in a terminal has them; what a spec says is escaped."""
    shown = chosen(report, None)
    sides = [RIGHT if column.right else LEFT for column in shown]
    rows = [_row("th", [("layer", LEFT), *zip((column.title for column in shown), sides, strict=True)])]
    for row in report.rows():
        if row.depth < DEPTH:
            name = (label(row), f"{LEFT}; padding-left: {0.5 + 1.5 * row.depth}em")
            rows.append(_row("td", [name, *zip((column.text(row) for column in shown), sides, strict=True)]))
    head, *body = rows
    caption = "<br>".join(map(escape, heading(report)))
    return (
        f'<table><caption style="{LEFT}">{caption}</caption>\n<thead>{head}</thead>\n<tbody>\n'
        + "\n".join(body)
        + "\n</tbody></table>\n<pre>"
        + escape("\n".join(totals(report)))
        + "</pre>"
    )


def _row(tag: str, cells: list[tuple[str, str]]) -> str:
    return "<tr>" + "".join(f'<{tag} style="{style}">{escape(text)}</{tag}>' for text, style in cells) + "</tr>"
