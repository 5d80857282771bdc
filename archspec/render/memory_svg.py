"""Memory over the schedule as a chart in SVG: what is alive while each layer runs, and the peak."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from archspec.errors import clipped
from archspec.memory.measured import Memory, Moment
from archspec.records import NamedTuple
from archspec.render.numbers import binary, exact
from archspec.render.svg import LABEL, axis, labels, number, picture, text, words
from archspec.render.totals import heading

WIDTH, HEIGHT = 860, 424
LEFT, RIGHT, TOP, BOTTOM = 92, 836, 124, 388  # edges of the plot
GLYPH = 6.7  # pixels of a letter, about
GAP = 14  # pixels between two names below the axis
NAME = 26  # letters of a name below the axis
PEAK = 52  # letters beside the peak
RUNS = 4  # groups that are to be told apart below the axis
MOST_HINTS = 300
STYLE = """
.kept { fill: var(--line); opacity: .28 } .own { fill: var(--line); opacity: .75 }
.peak { stroke: var(--gap); stroke-dasharray: 3 3 } .top { fill: var(--gap) }
.said { fill: var(--ink); font-weight: 600 }
.tick { stroke: var(--quiet) } .end { text-anchor: end } .hit { fill: transparent }
""".strip()


class Bar(NamedTuple):
    """What stands on one step of the chart: of several layers the one at which most is alive."""

    moment: Moment
    start: float
    end: float


def chart(memory: Memory) -> str:
    """The chart."""
    schedule, title = memory.schedule, heading(memory.report)[0]
    ticks = axis(0, max(schedule.peak, 1), 2)
    shown = bars(schedule.moments)

    def level(value: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / ticks[-1]

    order = "in the order of the file" if schedule.order == "file" else "in the best order of the layers"
    said = f"Memory of one evaluation, weights left out, {len(schedule.moments):,} layers {order}"
    if len(schedule.moments) > len(shown):
        said += f", in {len(shown)} steps"
    parts = [words(LEFT, 28, title, "title"), words(LEFT, 48, said), *legend(memory)]
    for tick, label in zip(ticks, labels(ticks, binary), strict=True):
        y = number(level(tick))
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="y" x="{LEFT - 8}" y="{y}" dy=".35em">{text(label)}</text>')
    parts += [area("kept", shown, level), area("own", shown, level)] if shown else []
    parts += [*names(shown), *hints(shown), *top(memory, shown, level)]
    peak = f"{binary(schedule.peak)} at {schedule.path}" if shown else binary(schedule.peak)
    return picture(WIDTH, HEIGHT, f"memory of {title}: most is {peak}", STYLE, parts)


def bars(moments: Sequence[Moment]) -> list[Bar]:
    """A step for each layer, or one for several where there are more layers than pixels."""
    steps = min(len(moments), RIGHT - LEFT)
    edges = [round(len(moments) * step / steps) for step in range(steps + 1)] if steps else []
    wide = (RIGHT - LEFT) / max(steps, 1)
    return [
        Bar(max(moments[low:high], key=lambda moment: moment.live), LEFT + step * wide, LEFT + (step + 1) * wide)
        for step, (low, high) in enumerate(pairwise(edges))
    ]


def area(what: str, shown: Sequence[Bar], level: Callable[[int], float]) -> str:
    """What is kept for later layers, or on it what the layer itself takes and makes."""

    def line(bar: Bar, value: int) -> str:
        y = number(level(value))
        return f"L{number(bar.start)} {y}H{number(bar.end)}"

    def back(bar: Bar) -> str:
        return f"L{number(bar.end)} {number(level(bar.moment.live - bar.moment.own))}H{number(bar.start)}"

    if what == "kept":
        upper = "".join(line(bar, bar.moment.live - bar.moment.own) for bar in shown)
        return f'<path class="kept" d="M{LEFT} {BOTTOM}{upper}V{BOTTOM}Z"/>'
    upper = "".join(line(bar, bar.moment.live) for bar in shown)
    lower = "".join(map(back, reversed(shown)))
    return f'<path class="own" d="M{LEFT} {number(level(shown[0].moment.live))}{upper}{lower}Z"/>'


def names(shown: Sequence[Bar]) -> Iterator[str]:
    """Groups and layers below the axis, the longest first, as many as there is room for."""
    taken: list[tuple[float, float]] = []
    found = runs(shown)
    ends = [*(bar.start for bar, _ in found[1:]), RIGHT]
    for _, (bar, name) in sorted(zip(ends, found, strict=False), key=lambda run: run[1][0].start - run[0]):
        start, end = bar.start, bar.start + GLYPH * min(len(name), NAME) + GAP
        if end - GAP > WIDTH or any(start < right and left < end for left, right in taken):
            continue
        taken.append((start, end))
        x, said = number(start), text(name, NAME)
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="{BOTTOM}" y2="{BOTTOM + 6}"/>'
        yield f'<text x="{x}" y="{BOTTOM + 20}">{said}</text>'


def runs(shown: Sequence[Bar]) -> list[tuple[Bar, str]]:
    """Where each group begins: the outermost ones, or those below where there are only a few of them."""
    found: list[tuple[Bar, str]] = []
    for depth in range(1, 6):
        found, before = [], ""
        for bar in shown:
            name = ".".join(bar.moment.path.split(".")[:depth])
            if name != before:
                found.append((bar, name))
            before = name
        if len(found) >= min(RUNS, len(shown)):
            break
    return found


def hints(shown: Sequence[Bar]) -> Iterator[str]:
    """What a step is, for the reader who points at it."""
    for bar in shown if len(shown) <= MOST_HINTS else ():
        moment = bar.moment
        said = f"{moment.path} ({moment.kind}): {exact(moment.live)} bytes alive, {exact(moment.own)} its own"
        x, wide = number(bar.start), number(bar.end - bar.start)
        box = f'<rect class="hit" x="{x}" y="{TOP}" width="{wide}" height="{BOTTOM - TOP}">'
        yield f"{box}<title>{text(said, 2 * LABEL)}</title></rect>"


def top(memory: Memory, shown: Sequence[Bar], level: Callable[[int], float]) -> Iterator[str]:
    """The peak: a line down from its name."""
    peak = memory.schedule.peak
    bar = next((bar for bar in shown if bar.moment.live == peak), None)
    if bar is None:
        return
    middle = (bar.start + bar.end) / 2
    x, y = number(middle), number(level(peak))
    yield f'<line class="peak" x1="{x}" x2="{x}" y1="{TOP - 16}" y2="{y}"/>'
    yield f'<circle class="top" cx="{x}" cy="{y}" r="3.5"/>'
    said = clipped(f"{binary(peak)} at {bar.moment.path}", PEAK)
    right = middle > (LEFT + RIGHT) / 2
    yield words(middle - 6 if right else middle + 6, TOP - 8, said, "said end" if right else "said")


def legend(memory: Memory) -> Iterator[str]:
    """What the colours stand for, and the sum of all tensors."""
    everything = memory.totals["all_tensors_bytes"]
    at = LEFT
    for kind, said in (("own", "inputs and outputs of the layer"), ("kept", "kept for later layers")):
        yield f'<rect class="{kind}" x="{at}" y="61" width="12" height="12"/>'
        yield words(at + 18, 72, said)
        at += 40 + int(GLYPH * len(said))
    yield words(at, 72, f"all tensors at once: {binary(everything)}")
