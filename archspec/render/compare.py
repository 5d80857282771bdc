"""Comparisons of conventions as table, Markdown, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.report import Report
from archspec.errors import printable
from archspec.render.markdown import escaped
from archspec.render.numbers import exact
from archspec.render.tables import csv_text, markdown_table, ruled_table
from archspec.sizes import same
from archspec.studies.compare import Difference, Tally, main_column, own_figures, ratio

HEAD = ("convention", "version", "counts", "total", "unit", "vs archspec", "no rule for")
RIGHT = (False, False, False, True, False, True, False)


def one_spec(report: Report, tallies: Sequence[Tally], form: str) -> str:
    """A row for each column of each convention, then the known bugs that the figures hold."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.compare import compare_document

        return written(compare_document(report, tallies))
    rows = []
    own = own_figures(report)
    for tally in tallies:
        for column in tally.convention.columns.values():
            if column.default in tally.columns and same(tally.columns[column.name], tally.columns[column.default]):
                continue  # a second count, where the first one holds
            part = ratio(tally, column.name, own)
            missing = ", ".join(f"{kind} ({exact(count)})" for kind, count in tally.unknown.items())
            shown = exact if form in ("table", "md") else str
            rows.append(
                (
                    tally.convention.name,
                    tally.convention.version,
                    column.name,
                    shown(tally.columns[column.name]),
                    column.unit,
                    "" if part is None else f"{part:.4f}",
                    missing,
                )
            )
    if form == "csv":
        return csv_text([HEAD, *rows])
    bugs = [line for tally in tallies for line in _bugs(tally)]
    if form == "md":
        listed = "\n".join(f"- {escaped(bug)}" for bug in bugs)
        return _pipe(HEAD, rows, RIGHT) + (f"\nKnown bugs in these figures:\n\n{listed}\n" if bugs else "")
    # Names and versions stand once, kinds without a rule below: a list of them would push the table off any screen.
    seen: set[str] = set()
    cells = []
    without = []
    for row in rows:
        first = row[0] not in seen
        seen.add(row[0])
        cells.append((*(row[:2] if first else ("", "")), *row[2:6]))
        if first and row[6]:
            without.append(f"  {row[0]}: {row[6]}")
    lines = ruled_table([HEAD[:6], *cells], RIGHT[:6])
    if without:
        lines += ["", HEAD[6], *without]
    if bugs:
        lines += ["", "known bugs in these figures", *(f"  {printable(bug)}" for bug in bugs)]
    return "\n".join(lines) + "\n"


def matrix(names: Sequence[str], columns: Sequence[Sequence[Tally]], form: str) -> str:
    """Conventions down, specs across: the operations each counts, or its first column where it counts sizes only."""
    rows: list[tuple[str, ...]] = []
    for tallies in zip(*columns, strict=True):
        convention = tallies[0].convention
        column = main_column(convention)
        shown = str if form == "csv" else exact
        totals = (shown(tally.columns[column.name]) for tally in tallies)
        rows.append((convention.name, f"{column.name} [{column.unit}]", *totals))
    head = ("convention", "counts", *names)
    right = (False, False, *(True for _ in names))
    if form == "csv":
        return csv_text([head, *rows])
    if form == "md":
        return _pipe(head, rows, right)
    return "\n".join(ruled_table([head, *rows], right)) + "\n"


def layers(differences: Sequence[Difference], left: str, right: str, form: str) -> str:
    """The layers two conventions disagree on, with the formula and value of each."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.compare_layers import compare_layers_document

        return written(compare_layers_document(differences, left, right))
    head = ("layer", "kind", "times", left, right, "difference", f"{left}: formula", f"{right}: formula")
    aligns = (False, False, True, True, True, True, False, False)
    shown = str if form == "csv" else exact
    rows = []
    for difference in differences:
        (formula, value), (other_formula, other) = difference.left, difference.right
        counts = map(shown, (difference.repeat, value, other, value - other))
        rows.append((difference.path, difference.kind, *counts, formula, other_formula))
    if form == "csv":
        return csv_text([head, *rows])
    if form == "md":
        return _pipe(head, rows, aligns)
    if not rows:
        return f"{left} and {right} count every layer alike\n"
    return "\n".join(ruled_table([head, *rows], aligns)) + "\n"


def _bugs(tally: Tally) -> list[str]:
    """The bugs in a convention's figures, one line each, with the kinds they touch."""
    touched: dict[str, list[str]] = {}
    for kind, count, bug in tally.bugs:
        touched.setdefault(bug, []).append(f"{kind} ({exact(count)})")
    return [f"{tally.convention.name}: {', '.join(kinds)}: {bug}" for bug, kinds in touched.items()]


def _pipe(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    head = [escaped(text) for text in head]
    return markdown_table(head, [[escaped(text) for text in row] for row in rows], right) + "\n"
