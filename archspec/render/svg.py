"""What charts in SVG share: their style, light or dark as the reader has it, text of any origin, coordinates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from archspec.errors import clipped
from archspec.render.escapes import xml_text
from archspec.render.numbers import exact

LABEL = 110  # characters of a line of text
TICKS = 4  # steps of an axis, about
STYLE = """
:root { --ink: #1f2328; --quiet: #59636e; --grid: #d8dee4; --line: #0969da; --gap: #cf222e; --page: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --quiet: #9198a1; --grid: #2d333b; --line: #58a6ff; --gap: #ff7b72; --page: #0d1117 }
}
text { font: 12px system-ui, sans-serif; fill: var(--quiet) }
.title { font-size: 16px; font-weight: 600; fill: var(--ink) }
.y { text-anchor: end } .x { text-anchor: middle } .page { fill: var(--page) }
.grid { stroke: var(--grid) } .line { stroke: var(--line); stroke-width: 2; fill: none; stroke-linejoin: round }
.dot { fill: var(--line) }
""".strip()


def picture(width: int, height: int, title: str, style: str, parts: Iterable[str]) -> str:
    """A whole chart: ``title`` is read aloud, ``style`` is what it has beside the common one."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'role="img" aria-labelledby="title">',
            f'<title id="title">{text(title)}</title>',
            f"<style>\n{STYLE}\n{style}\n</style>",
            f'<rect class="page" width="{width}" height="{height}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def words(x: float, y: float, line: str, kind: str = "") -> str:
    """A line of text."""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{number(x)}" y="{number(y)}"{style}>{text(line)}</text>'


def text(line: str, room: int = LABEL) -> str:
    """Text of any origin, within a line's room."""
    return xml_text(clipped(line, room))


def number(value: float) -> str:
    """A coordinate."""
    return f"{value:.1f}".removesuffix(".0")


def axis(least: int, most: int, base: int) -> list[int]:
    """Round numbers around a range, from 0 where that is not far off, a few steps apart."""
    low = 0 if least == most or least <= most * 2 // 5 else least
    step = next(size for size in sizes(base) if size * TICKS >= most - low)
    first, last = low // step * step, -(-most // step) * step
    return list(range(first, max(last, first + step) + step, step))


def sizes(base: int) -> Iterator[int]:
    """Round sizes, the smallest first: 1, 2, 5, 10, 20, ... or the powers of two."""
    power = 1
    while True:
        yield from (power,) if base == 2 else (power, 2 * power, 5 * power)
        power *= base


def labels(ticks: list[int], write: Callable[[int], str]) -> list[str]:
    """The ticks as figures in few digits, exact where these would be alike."""
    shown = [re.sub(r"\.0+(?!\d)|(?<=\.\d)0+(?!\d)|(?<=\.\d\d)0+(?!\d)", "", write(tick)) for tick in ticks]
    return shown if len(set(shown)) == len(shown) else [exact(tick) for tick in ticks]
