"""A spec's history as a table: for a terminal, in Markdown, in CSV; and its words."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.metrics import Metric
from archspec.change.history import History, Point
from archspec.errors import clipped, printable, show
from archspec.render.diff_words import percent
from archspec.render.markdown import escaped
from archspec.render.numbers import exact, plural
from archspec.render.tables import compact_table, csv_text, plain_table

SUBJECT = 48  # characters of a subject in a table
REMARK = 100


def text(history: History) -> str:
    """The states in a table, the oldest first, and a line that sums them up."""
    lines = plain_table([head(history), *rows(history)], right(history))
    title = f"archspec history  {printable(name(history))}   {setting(history)}"
    return "\n".join([title, "", *lines, "", *summary(history)]) + "\n"


def markdown(history: History) -> str:
    """The same as a table of Markdown."""
    table = compact_table(head(history), [[*map(escaped, row)] for row in rows(history)], right(history))
    lines = (f"- {escaped(line)}" for line in summary(history))
    title = f"### {escaped(name(history))}: history"
    return "\n\n".join([title, table, "\n".join(lines), f"<sub>{escaped(setting(history))}</sub>"]) + "\n"


def comma_separated(history: History) -> str:
    """The same for programs: whole names, plain integers, the change beside each figure."""
    metrics = [column for metric in history.metrics for column in (metric.name, f"{metric.name}_change")]
    lines: list[list[object]] = [["commit", "date", "subject", "path", *metrics, "remark"]]
    for index, point in enumerate(history.points):
        figures: list[object] = []
        for metric in history.metrics:
            change = history.change(index, metric.name)
            figures += ["" if point.figures is None else point.figures[metric.name], "" if change is None else change]
        lines.append([point.sha or "", point.date, point.subject, point.path, *figures, point.remark])
    return csv_text(lines)


def head(history: History) -> list[str]:
    """The titles of the columns."""
    return ["commit", "date", "subject", *(word for m in history.metrics for word in (m.title, "change", "")), ""]


def right(history: History) -> Sequence[bool]:
    """Which columns hold numbers."""
    return (False, False, False, *(True for _ in history.metrics for _ in range(3)), False)


def rows(history: History) -> list[list[str]]:
    """A row for each state."""
    return [row(history, index, point) for index, point in enumerate(history.points)]


def row(history: History, index: int, point: Point) -> list[str]:
    """One state: what it is, each figure with its change, a remark."""
    cells = [(point.sha or "")[:10], point.date[:10], clipped(printable(point.subject), SUBJECT)]
    for metric in history.metrics:
        change = history.change(index, metric.name)
        figure = "" if point.figures is None else exact(point.figures[metric.name])
        cells.append(figure)
        if point.figures is None or change is None:
            cells += ["", ""]
        else:
            old = point.figures[metric.name] - change
            cells += [f"{change:+,}" if change else "=", percent(old, change)]
    return [*cells, clipped(printable(point.remark), REMARK)]


def summary(history: History) -> list[str]:
    """How many states there are, and each figure from the first that has it to the last."""
    commits = sum(point.sha is not None for point in history.points)
    gaps = sum(point.figures is None for point in history.points)
    counted = plural(commits, "commit") + (f", {plural(gaps, 'state')} without figures" if gaps else "")
    return [counted, *(course(history, metric) for metric in history.metrics)]


def course(history: History, metric: Metric) -> str:
    """A figure from the first state that has it to the last."""
    values = [point.figures[metric.name] for point in history.points if point.figures is not None]
    if not values:
        return f"{metric.title}: no state has it"
    first, last = values[0], values[-1]
    change = f" ({difference(first, last - first)})" if first != last else ""
    return f"{metric.title} {exact(first)} -> {exact(last)}{' bytes' * (metric.unit == 'bytes')}{change}"


def difference(old: int, change: int) -> str:
    """A change in full, and its share of what it changes: ``+32,288, +12.16%``."""
    return ", ".join([f"{change:+,}", *filter(None, [percent(old, change)])])


def name(history: History) -> str:
    """The spec's path and variant."""
    return history.path + (f"@{history.variant}" if history.variant is not None else "")


def setting(history: History) -> str:
    """At what the figures are counted."""
    at = history.at
    values = "".join(f" {name}={show(value)}" for name, value in at.values.items())
    return f"batch={at.batch} {at.dtype}{printable(values)}"
