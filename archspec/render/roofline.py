"""The roofline of a network on a chip, as a table and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from archspec.errors import printable
from archspec.hardware.roofline import Bound, Cost, Roofline
from archspec.render.markdown import escaped
from archspec.render.numbers import duration, exact, fixed, share, short
from archspec.render.tables import compact_table, ruled_table, width
from archspec.render.totals import heading

HEAD = ("layer", "kind", "FLOPs", "bytes", "FLOP/byte", "held up by", "time", "%")
RIGHT = (False, False, True, True, True, False, True, True)
NARROW = tuple(name for name in HEAD if name not in ("kind", "%"))


def table(roofline: Roofline, top: int | None = None, room: int | None = None) -> str:
    """A line for each layer, the slowest ``top`` of them where that is given, then the network."""
    lines = body([HEAD, *rows(roofline, top)], lambda name: name in HEAD)
    if room is not None and width(lines) > room:
        lines = body([HEAD, *rows(roofline, top)], lambda name: name in NARROW)
    said = [heading(roofline.report)[0], *chip_words(roofline), "", *lines, "", *words(roofline)]
    return "\n".join([*said, *(f"note: {printable(text)}" for text in roofline.warnings)]) + "\n"


def markdown(roofline: Roofline, top: int | None = None) -> str:
    """The same as a pipe table."""
    cells = [[escaped(cell) for cell in row] for row in rows(roofline, top)]
    said = "\n".join(f"- {escaped(text)}" for text in (*words(roofline), *roofline.warnings))
    head = [escaped(text) for text in (heading(roofline.report)[0], *chip_words(roofline))]
    return "\n\n".join([*head, compact_table(HEAD, cells, RIGHT), said]) + "\n"


def body(lines: Sequence[tuple[str, ...]], shown: Callable[[str], bool]) -> list[str]:
    """The columns that are shown, with a line below the first row."""
    kept = [place for place, name in enumerate(HEAD) if shown(name)]
    return ruled_table([[line[place] for place in kept] for line in lines], [RIGHT[place] for place in kept])


def rows(roofline: Roofline, top: int | None) -> list[tuple[str, ...]]:
    """The layers in their order, or the slowest, largest first."""
    return [row(layer, roofline.seconds) for layer in slowest(roofline, top)]


def slowest(roofline: Roofline, top: int | None) -> Sequence[Bound]:
    """So many of the layers by their time, all in their order without a number."""
    if top is None:
        return roofline.layers
    return sorted(roofline.layers, key=lambda layer: -layer.cost.seconds)[:top]


def row(layer: Bound, whole: Fraction) -> tuple[str, ...]:
    """A layer's figures."""
    cost = layer.cost
    part = cost.seconds / whole if whole else Fraction(0)
    return (
        layer.path,
        layer.kind,
        short(cost.flops),
        short(cost.moved),
        intensity(cost),
        "" if cost.by == "nothing" else cost.by,
        duration(cost.seconds) if cost.seconds else "",
        share(part.numerator, part.denominator),
    )


def intensity(cost: Cost) -> str:
    """Operations for each byte."""
    return fixed(cost.intensity.numerator, cost.intensity.denominator, 1) if cost.intensity is not None else ""


def chip_words(roofline: Roofline) -> list[str]:
    """What the chip can do, and what of it it is taken to reach."""
    peaks, used = roofline.peaks, roofline.utilisation
    mode = f"@{roofline.chip.mode}" if roofline.chip.mode else ""
    matrix = f"{short(peaks.matrix)} matrix" if peaks.matrix else "no matrix unit"
    vector = f"{short(peaks.vector)} vector" if peaks.vector else "vector not known"
    ridge = fixed(peaks.ridge.numerator, peaks.ridge.denominator, 1)
    rates = f"{peaks.dtype}, operations/s: {matrix}, {vector}"
    read = f", weights read as {roofline.weights}" if roofline.weights else ""
    lines = [f"{roofline.chip.chip}{mode} | {rates} | {short(peaks.bandwidth)}B/s", f"ridge {ridge} FLOP/byte{read}"]
    if not roofline.is_bound:
        lines.append(
            f"taken to reach {percent(used.compute)} of the arithmetic, {percent(used.bandwidth)} of the bandwidth"
        )
    return [printable(line) for line in lines]


def percent(part: Fraction) -> str:
    """A share of an input."""
    return f"{float(100 * part):g}%"


def words(roofline: Roofline) -> list[str]:
    """What the layers come to."""
    whole, seconds = roofline.whole, roofline.seconds
    what = "lower bound of the time" if roofline.is_bound else "estimate of the time"
    said = [f"{short(whole.flops)} FLOPs, {short(whole.moved)} bytes, {intensity(whole)} FLOP/byte"]
    said.append(f"{what}, layer by layer: {duration(seconds)}{rate(roofline)}")
    if whole.compute:
        said.append(f"the arithmetic alone, however layers are fused: {duration(whole.compute)}")
    for by in ("compute", "bandwidth"):
        of = [layer.cost.seconds for layer in roofline.layers if layer.cost.by == by]
        part = sum(of, Fraction(0)) / seconds if seconds else Fraction(0)
        said.append(
            f"held up by {by}: {exact(len(of))} layers, {share(part.numerator, part.denominator) or 0}% of the time"
        )
    return said


def rate(roofline: Roofline) -> str:
    """Samples in a second at that time."""
    batch, seconds = roofline.report.setting.batch, roofline.seconds
    if not 0 < seconds <= 10 * batch:
        return ""
    each = batch / seconds
    most = "at most " if roofline.is_bound else ""
    return f", {most}{fixed(each.numerator, each.denominator, 0 if each >= 1000 else 1)} samples/s"
