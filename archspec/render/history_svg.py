"""A spec's history as a chart in SVG: a panel with a step line for each metric, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from archspec.analysis.metrics import Metric
from archspec.change.history import History
from archspec.render.diff_words import figure
from archspec.render.history_table import course, difference, name, setting, summary
from archspec.render.numbers import exact, plural
from archspec.render.svg import LABEL, axis, labels, number, picture, text, words

WIDTH, LEFT, RIGHT, TOP = 860, 92, 20, 64
PANEL, HEAD, FOOT = 190, 34, 34  # heights of a plot, of what stands above it and below
DATE = 96  # pixels that a date takes
INSET = 8  # pixels before the first state
MOST_DOTS = 120
MOST_GAPS = 4  # that are told below the chart
STYLE = """
.metric { font-weight: 600; fill: var(--ink) }
.gap { fill: var(--gap); opacity: .14 } .cross { stroke: var(--gap); stroke-width: 2 }
""".strip()


def chart(history: History) -> str:
    """The chart."""
    gaps = [point for point in history.points if point.figures is None]
    notes = [f"{(point.sha or point.subject)[:10]}  {point.remark}" for point in gaps[:MOST_GAPS]]
    notes += [f"and {plural(len(gaps) - MOST_GAPS, 'more state')} without figures"] if len(gaps) > MOST_GAPS else []
    bottom = TOP + len(history.metrics) * (HEAD + PANEL + FOOT)
    height = bottom + 20 * len(notes) + 12
    dates = [point.date[:10] for point in history.points if point.date]
    when = f", {dates[0]} to {dates[-1]}" if dates else ""
    parts = [
        words(LEFT, 26, name(history), "title"),
        words(LEFT, 46, f"{summary(history)[0]}{when}, {setting(history)}"),
    ]
    for index, metric in enumerate(history.metrics):
        parts += panel(history, metric, TOP + index * (HEAD + PANEL + FOOT) + HEAD)
    parts += [words(LEFT, bottom + 16 + 20 * index, note) for index, note in enumerate(notes)]
    return picture(WIDTH, height, "; ".join([name(history), *summary(history)]), STYLE, parts)


def panel(history: History, metric: Metric, top: int) -> Iterator[str]:
    """One metric: its title, axes, gaps, line and dots."""
    yield words(LEFT, top - 12, course(history, metric), "metric")
    values = [point.figures[metric.name] for point in history.points if point.figures is not None]
    ticks = axis(min(values, default=0), max(values, default=1), base=2 if metric.unit == "bytes" else 10)
    low, high = ticks[0], ticks[-1]
    places = across(len(history.points))
    end = WIDTH - RIGHT

    def level(value: int) -> str:
        return number(top + PANEL * (high - value) / (high - low))

    for tick, label in zip(ticks, labels(ticks, partial(figure, metric)), strict=True):
        yield f'<line class="grid" x1="{LEFT}" x2="{end}" y1="{level(tick)}" y2="{level(tick)}"/>'
        yield f'<text class="y" x="{LEFT - 8}" y="{level(tick)}" dy=".35em">{text(label)}</text>'
    for index in dated(places):
        date = text(history.points[index].date[:10] or history.points[index].subject)
        yield f'<text class="x" x="{number(places[index])}" y="{top + PANEL + 20}">{date}</text>'
    edges = [*places[1:], end]
    for index, point in enumerate(history.points):
        if point.figures is None:
            x, wide, foot = number(places[index]), number(edges[index] - places[index]), top + PANEL
            box = f'<rect class="gap" x="{x}" y="{top}" width="{wide}" height="{PANEL}"/>'
            yield f'<g>{hint(history, index, metric)}{box}<path class="cross" d="M{x} {foot}m-4 -4l8 8m0 -8l-8 8"/></g>'
    yield f'<path class="line" d="{steps(history, metric, places, edges, level)}"/>' if values else ""
    for index, point in enumerate(history.points):
        if point.figures is not None and (len(history.points) <= MOST_DOTS or history.change(index, metric.name)):
            x, y = number(places[index]), level(point.figures[metric.name])
            yield f'<circle class="dot" cx="{x}" cy="{y}" r="3.5">{hint(history, index, metric)}</circle>'


def across(count: int) -> list[float]:
    """The place of each state: they stand evenly, as commits do not in time."""
    room = (WIDTH - RIGHT - LEFT - INSET) / max(count, 1)
    return [LEFT + INSET + room * index for index in range(count)]


def dated(places: list[float]) -> list[int]:
    """The states whose dates are written: as many as there is room for."""
    shown: list[int] = []
    for index, place in enumerate(places):
        if not shown or place - places[shown[-1]] >= DATE:
            shown.append(index)
    return shown


def steps(
    history: History, metric: Metric, places: list[float], edges: list[float], level: Callable[[int], str]
) -> str:
    """The line: a figure holds until the next state; it breaks off at a gap."""
    path, drawing = [], False
    for point, place, edge in zip(history.points, places, edges, strict=True):
        if point.figures is None:
            drawing = False
            continue
        y = level(point.figures[metric.name])
        path.append(f"V{y}" if drawing else f"M{number(place)} {y}")
        path.append(f"H{number(edge)}")
        drawing = True
    return "".join(path)


def hint(history: History, index: int, metric: Metric) -> str:
    """What a state is, for the reader who points at it."""
    point = history.points[index]
    said = [f"{(point.sha or '')[:10]} {point.date[:10]} {point.subject}".strip()]
    if point.figures is not None:
        value, change = point.figures[metric.name], history.change(index, metric.name)
        said.append(f"{metric.title} {exact(value)}" + (f" ({difference(value - change, change)})" if change else ""))
    said += [point.remark] * bool(point.remark)
    return f"<title>{text(' · '.join(said), 3 * LABEL)}</title>"
