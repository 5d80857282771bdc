"""Markdown tables and CSV."""

from __future__ import annotations

from collections.abc import Sequence


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A pipe table without a newline at its end; ``right`` says which columns stand on their right edge."""
    from tabulate import tabulate

    align = ["right" if side else "left" for side in right]
    return tabulate(rows, head, tablefmt="pipe", disable_numparse=True, colalign=align if rows else None)


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV, each ended by a line feed."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
