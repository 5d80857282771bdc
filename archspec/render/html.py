"""The table of a report as HTML, for a notebook."""

from __future__ import annotations

from archspec.analysis.report import Report
from archspec.render import tables
from archspec.render.columns import chosen
from archspec.render.escapes import html_text
from archspec.render.table import DEPTH, label
from archspec.render.totals import heading, totals

# An inline style wins over the notebook's own, which aligns every cell alike.
LEFT, RIGHT = "text-align: left", "text-align: right; font-variant-numeric: tabular-nums"


def html_table(report: Report) -> str:
    """Heading, layers and totals as the table in a terminal has them; what a spec says is escaped."""
    columns = chosen(report, None)
    rows = [
        [
            f'<span style="padding-left: {1.5 * row.depth}em">{html_text(label(row))}</span>',
            *(html_text(column.text(row)) for column in columns),
        ]
        for row in report.rows()
        if row.depth < DEPTH
    ]
    caption = f'<caption style="{LEFT}">{"<br>".join(map(html_text, heading(report)))}</caption>'
    table = tables.html_table(
        ["layer", *(html_text(column.title) for column in columns)],
        rows,
        [False, *(column.right for column in columns)],
        (f' style="{LEFT}"', f' style="{RIGHT}"'),
        caption,
    )
    sums = "\n".join(map(html_text, totals(report)))
    return f"{table}\n<pre>{sums}</pre>"
