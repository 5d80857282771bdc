"""The roofline as a chart in SVG: operations a second over operations for each byte, both by powers of ten."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, log10, sqrt

from archspec.errors import clipped
from archspec.hardware.roofline import Bound, Cost, Peaks, Roofline
from archspec.records import NamedTuple
from archspec.render.numbers import duration, fixed, plural, share, short
from archspec.render.roofline import chip_words, percent, words
from archspec.render.svg import number, picture, text
from archspec.render.svg import words as line_of
from archspec.render.totals import heading

WIDTH, HEIGHT = 860, 560
LEFT, RIGHT, TOP, BOTTOM = 92, 836, 112, 488  # edges of the plot
LARGEST, SMALLEST = 26, 2.5  # radii of points
MOST_NAMED = 6
MOST_OF_NAME = 60  # characters
PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z")
STYLE = """
.roof { stroke: var(--ink); stroke-width: 2; fill: none; stroke-linejoin: round }
.ridge { stroke: var(--quiet); stroke-dasharray: 4 4; fill: none }
.bandwidth { fill: var(--line); fill-opacity: .5; stroke: var(--line) }
.compute { fill: var(--gap); fill-opacity: .4; stroke: var(--gap) }
.on { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round } .rank { fill: var(--ink) }
""".strip()


class Point(NamedTuple):
    """Layers of one kind in one place: the slowest of them, how many, and the time of all."""

    layer: Bound
    times: int
    seconds: Fraction


class Scale(NamedTuple):
    """Powers of ten along an axis, and between which coordinates they lie."""

    low: int
    high: int
    start: int
    end: int

    def at(self, value: Fraction) -> float:
        """The coordinate of a value."""
        power = _power(value)
        return self.start + (self.end - self.start) * (power - self.low) / (self.high - self.low)


def chart(roofline: Roofline) -> str:
    """The chart."""
    found, peaks = points(roofline), roofline.peaks
    across = [intensity(point.layer.cost) for point in found] + [peaks.ridge]
    up = [rate(point.layer.cost) for point in found] + [Fraction(peaks.compute)]
    x = _scale(across, LEFT, RIGHT)
    y = _scale([*up, Fraction(peaks.vector or peaks.compute)], BOTTOM, TOP)
    title = heading(roofline.report)[0]
    parts = [line_of(LEFT, 28, f"{title} | {roofline.chip.chip}", "title")]
    said = [*chip_words(roofline), "; ".join(words(roofline)[1:2])]
    parts += [line_of(LEFT, 48 + 18 * index, line) for index, line in enumerate(said)]
    parts += [*grid(x, y), *roofs(roofline, x, y), *dots(roofline, found, x, y), *units(roofline, y)]
    parts += [*ranks(roofline, found, x, y), *legend(roofline)]
    return picture(WIDTH, HEIGHT, f"roofline of {title} on {roofline.chip.chip}; {words(roofline)[1]}", STYLE, parts)


def points(roofline: Roofline) -> list[Point]:
    """The layers that do arithmetic and move something, those of one kind in one place together, the slowest first."""
    groups: dict[tuple[str, Fraction, Fraction], list[Bound]] = {}
    for layer in roofline.layers:
        if layer.cost.flops and layer.cost.moved:
            groups.setdefault((layer.kind, intensity(layer.cost), rate(layer.cost)), []).append(layer)
    found = [
        Point(
            max(group, key=lambda layer: layer.cost.seconds),
            len(group),
            sum((layer.cost.seconds for layer in group), Fraction(0)),
        )
        for group in groups.values()
    ]
    return sorted(found, key=lambda point: -point.seconds)


def intensity(cost: Cost) -> Fraction:
    """Operations for each byte, of a layer that moves some."""
    return Fraction(cost.flops, cost.moved)


def rate(cost: Cost) -> Fraction:
    """Operations in a second of its bound."""
    return cost.flops / cost.seconds


def grid(x: Scale, y: Scale) -> Iterator[str]:
    """Lines at the powers of ten, and what the axes are."""
    for power in range(x.low, x.high + 1, _every(x)):
        place = number(x.at(Fraction(10) ** power))
        yield f'<line class="grid" x1="{place}" x2="{place}" y1="{TOP}" y2="{BOTTOM}"/>'
        yield f'<text class="x" x="{place}" y="{BOTTOM + 18}">{_written(power)}</text>'
    for power in range(y.low, y.high + 1, _every(y)):
        place = number(y.at(Fraction(10) ** power))
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{place}" y2="{place}"/>'
        yield f'<text class="y" x="{LEFT - 8}" y="{place}" dy=".35em">{_written(power)}</text>'
    yield f'<text class="x" x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 38}">operations for each byte</text>'
    middle = (TOP + BOTTOM) // 2
    yield f'<text class="x" transform="rotate(-90 24 {middle})" x="24" y="{middle}">operations a second</text>'


def roofs(roofline: Roofline, x: Scale, y: Scale) -> Iterator[str]:
    """The slope of the bandwidth up to the ridge, the flat of the arithmetic, and that of the vector units."""
    peaks = reached(roofline)
    corner = f"{number(x.at(peaks.ridge))} {number(y.at(Fraction(peaks.compute)))}"
    # The slope begins at the left edge or at the lower one, whichever it meets first.
    begin = max(Fraction(10) ** x.low, Fraction(10) ** y.low / peaks.bandwidth)
    start = f"{number(x.at(begin))} {number(y.at(begin * peaks.bandwidth))}"
    yield f'<path class="roof" d="M{start}L{corner}H{RIGHT}"/>'
    yield f'<path class="ridge" d="M{corner}V{BOTTOM}"/>'
    if peaks.matrix and peaks.vector:
        left = number(x.at(Fraction(peaks.vector, peaks.bandwidth)))
        yield f'<path class="ridge" d="M{left} {number(y.at(Fraction(peaks.vector)))}H{RIGHT}"/>'


def units(roofline: Roofline, y: Scale) -> Iterator[str]:
    """Whose the flats are, written over the points."""
    peaks, used = reached(roofline), roofline.utilisation.compute
    part = "" if used == 1 else f" of which {percent(used)}"
    for unit, rate_of in (("matrix unit", "matrix"), ("vector units", "vector")):
        if height := getattr(peaks, rate_of):
            whole = short(getattr(roofline.peaks, rate_of))
            place = number(y.at(Fraction(height)))
            yield f'<text class="y on" x="{RIGHT}" dy="-6" y="{place}">{unit}, {whole}{part}</text>'


def reached(roofline: Roofline) -> Peaks:
    """The peaks as far as the chip is taken to reach them."""
    peaks, used = roofline.peaks, roofline.utilisation
    return peaks._replace(
        matrix=peaks.matrix and int(peaks.matrix * used.compute),
        vector=peaks.vector and int(peaks.vector * used.compute),
        bandwidth=int(peaks.bandwidth * used.bandwidth),
    )


def dots(roofline: Roofline, found: list[Point], x: Scale, y: Scale) -> Iterator[str]:
    """A point for each layer, its area the share of the time."""
    most = found[0].seconds if found else Fraction(1)
    for point in found:
        cost = point.layer.cost
        across, up = x.at(intensity(cost)), y.at(rate(cost))
        radius = max(SMALLEST, LARGEST * sqrt(point.seconds / most))
        hint = f"<title>{text(described(roofline, point), 300)}</title>"
        yield f'<circle class="{cost.by}" cx="{number(across)}" cy="{number(up)}" r="{number(radius)}">{hint}</circle>'


def ranks(roofline: Roofline, found: list[Point], x: Scale, y: Scale) -> Iterator[str]:
    """The slowest points by number, with their names where no point can be: below the roof, to the right."""
    named = found[:MOST_NAMED]
    for index, point in enumerate(named):
        cost = point.layer.cost
        across, up = number(x.at(intensity(cost))), number(y.at(rate(cost)))
        yield f'<text class="x on rank" x="{across}" y="{up}" dy=".35em">{index + 1}</text>'
        part = point.seconds / roofline.seconds
        of = share(part.numerator, part.denominator) or "0"
        line = f"{index + 1}  {clipped(named_of(point), MOST_OF_NAME)}  {of}%"
        yield line_of(RIGHT - 8, BOTTOM - 10 - 18 * (len(named) - 1 - index), line, "y on rank")


def named_of(point: Point) -> str:
    """A point's layer, and how many more of its kind are there."""
    return f"{point.layer.kind} {point.layer.path}" + (f" and {point.times - 1:,} more" if point.times > 1 else "")


def described(roofline: Roofline, point: Point) -> str:
    """A point, for the reader who looks at it."""
    cost, part = point.layer.cost, point.seconds / roofline.seconds
    ratio = intensity(cost)
    return (
        f"{named_of(point)}: {fixed(ratio.numerator, ratio.denominator, 1)} FLOP/byte, {duration(point.seconds)}, "
        f"{share(part.numerator, part.denominator) or 0}% of the time, held up by {cost.by}; "
        f"the slowest {short(cost.flops)} FLOPs, {short(cost.moved)} bytes"
    )


def legend(roofline: Roofline) -> Iterator[str]:
    """What the colours are, and what has no place in the plot."""
    left = LEFT
    for by in ("bandwidth", "compute"):
        yield f'<circle class="{by}" cx="{left + 5}" cy="{HEIGHT - 14}" r="5"/>'
        yield line_of(left + 16, HEIGHT - 10, f"held up by {by}")
        left += 160
    idle = [layer.cost.seconds for layer in roofline.layers if not layer.cost.flops and layer.cost.moved]
    if idle:
        part = sum(idle, Fraction(0)) / roofline.seconds
        of = share(part.numerator, part.denominator)
        yield line_of(
            left, HEIGHT - 10, f"not shown: {plural(len(idle), 'layer')} without arithmetic, {of}% of the time"
        )


def _scale(values: list[Fraction], start: int, end: int) -> Scale:
    powers = [_power(value) for value in values]
    low, high = floor(min(powers)), ceil(max(powers) + 0.05)
    return Scale(low, max(high, low + 1), start, end)


def _every(scale: Scale) -> int:
    """How many powers apart the lines are."""
    return -(-(scale.high - scale.low) // 10)


def _power(value: Fraction) -> float:
    return log10(value.numerator) - log10(value.denominator)


def _written(power: int) -> str:
    if 0 <= power < 3 * len(PREFIXES):
        return f"{10 ** (power % 3)}{PREFIXES[power // 3]}"
    return f"0.{'0' * (-power - 1)}1" if -4 < power < 0 else f"1e{power}"
