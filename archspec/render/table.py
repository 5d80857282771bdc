"""The table of a report, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archspec.analysis.metrics import OF_LAYERS
from archspec.analysis.report import Report, Row
from archspec.render.columns import Column, chosen, of_all, times
from archspec.render.numbers import exact, short
from archspec.render.tables import plain_table, width
from archspec.render.totals import heading, totals
from archspec.sizes import unwrap

DEPTH = 3
DIM, BOLD, OFF = "\033[2m", "\033[1m", "\033[0m"


def table(
    report: Report,
    *,
    columns: Sequence[str] | None = None,
    depth: int = DEPTH,
    full: bool = False,
    sort: str | None = None,
    top: int | None = None,
    room: int | None = None,
    color: bool = False,
    memory: Sequence[str] = (),
) -> str:
    """Heading, layers and totals.

    ``depth`` levels of the tree are shown, deeper layers stand summed in their group's row; ``full`` writes repeats
    out; ``sort`` lists layers by a column, largest first, ``top`` only so many. ``room`` is the width to fit into where
    the columns were not chosen; ``memory`` names tools whose figures of memory stand below. Raises UsageError for an
    unknown column.
    """
    shown = chosen(report, columns)
    if sort is None and top is None:
        every = list(report.rows(full=full))
        rows = [row for row in every if row.depth < depth]
        names = [_indented(row) for row in rows]
        folded = report.rows() if full else every
        hidden = sum(1 for row in folded if not row.group and row.depth >= depth)
    else:
        hidden = 0
        rows = ranked(report, sort or "macs", top, full=full)
        names = [place(row) for row in rows]
    lines = _body(rows, names, shown)
    if not columns and room is not None:
        while width(lines) > room and any(column.title == "%" for column in shown):
            shown.remove(next(column for column in reversed(shown) if column.title == "%"))
            lines = _body(rows, names, shown)
        for write in (_in_short, _of_all_alone):
            if width(lines) > room:
                shown = [_with_text(column, write) for column in shown]
                lines = _body(rows, names, shown)
    rule = "-" * min(width(lines), room or width(lines))
    foot = [f"({hidden} layers lie deeper than --depth {depth} and stand summed in the rows above)"] if hidden else []
    body = [lines[0], rule, *lines[1:], rule]
    if color:
        body = [BOLD + lines[0] + OFF, DIM + rule + OFF, *_dimmed(lines[1:], rows), DIM + rule + OFF]
    return "\n".join([*heading(report), "", *body, *foot, *totals(report, room, memory)]) + "\n"


def ranked(report: Report, sort: str, top: int | None, *, full: bool) -> list[Row]:
    """Layers by a column, largest first: of all places together where it is a figure."""
    column = chosen(report, [sort])[0]

    def key(row: Row) -> Any:
        if column.key is not None:
            return column.key(row)
        value = column.value(row)
        return (
            times(value, row)
            if type(value) is int and not sort.endswith("%") and sort not in ("line", "repeat")
            else value
        )

    rows = [row for row in report.rows(full=full) if not row.group]
    if column.right:
        rows.sort(key=key, reverse=True)
    else:
        rows.sort(key=lambda row: str(key(row)))
    return rows[:top]


def _body(rows: Sequence[Row], names: Sequence[str], columns: Sequence[Column]) -> list[str]:
    head = ["layer", *(column.title for column in columns)]
    cells = [[name, *(column.text(row) for column in columns)] for name, row in zip(names, rows, strict=True)]
    return plain_table([head, *cells], [False, *(column.right for column in columns)])


def _indented(row: Row) -> str:
    return "  " * row.depth + label(row)


def label(row: Row) -> str:
    """What a row of the tree is called in its group, with how many of it follow one another where they are folded."""
    copies = row.item.copies
    experts = "" if copies is None else f" ({exact(unwrap(copies.active))} of {exact(unwrap(copies.number))})"
    if type(row.repeat) is int and row.repeat == 1:
        return row.name + experts
    return _name(row) + _count(row.item.repeat) + experts


def place(row: Row) -> str:
    """What a row is called outside the tree: its path, and how many layers of the network it stands for."""
    return row.path + _count(row.repeat)


def _name(row: Row) -> str:
    """The last part of the path; folded instances of a repeat as a range of indices."""
    item = row.item
    if item.first is None or type(item.repeat) is not int or item.repeat == 1 or row.name != str(item.first):
        return row.name
    return f"{item.first}..{item.first + item.repeat - 1}"


def _count(repeat: Any) -> str:
    return "" if type(repeat) is int and repeat == 1 else f" (x{exact(unwrap(repeat))})"


def _with_text(column: Column, write: Callable[[Any, Row], str]) -> Column:
    """The column with its figures written otherwise; those that are no figures stay."""
    if column.name not in (metric.name for metric in OF_LAYERS) and "." not in column.name:
        return column
    return column._replace(text=lambda row: write(column.value(row), row))


def _in_short(value: Any, row: Row) -> str:
    """Four digits and a prefix instead of every digit."""
    return of_all(value, row, short)


def _of_all_alone(value: Any, row: Row) -> str:
    """The same without that of one instance: the row's name says how many there are."""
    return of_all(times(value, row), row._replace(repeat=1), short)


def _dimmed(lines: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Groups stand out against their layers."""
    return [BOLD + line + OFF if row.group and row.depth == 0 else line for line, row in zip(lines, rows, strict=True)]
