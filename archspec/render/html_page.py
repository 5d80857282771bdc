"""What every HTML page is made of: one file that needs nothing beside itself, in light and dark, on screen and paper.

There is no script, and the browser is told to load nothing: https://www.w3.org/TR/CSP3/.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archspec.render.escapes import html_text

BAR = 72  # pixels that a bar may take
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root {
  color-scheme: light dark;
  --text: #1f2328; --quiet: #59636e; --page: #ffffff; --panel: #f6f8fa; --line: #d1d9e0; --link: #0550ae;
  --up: #b35900; --down: #1a7f37; --bad: #c62828; --good: #1a7f37; --axis: #8c959f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --quiet: #9198a1; --page: #0d1117; --panel: #161b22; --line: #30363d; --link: #79b8ff;
    --up: #f0a35e; --down: #56d364; --bad: #ff8f87; --good: #56d364; --axis: #6e7681;
  }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1rem 4rem; color: var(--text); background: var(--page);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
header { border-bottom: 1px solid var(--line); padding-bottom: .75rem }
h1 { font-size: 1.45rem; line-height: 1.3; margin: 0 0 .4rem; font-weight: 600 }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; font-weight: 600 }
h3 { font-size: 1.05rem; margin: 0 0 .25rem; font-weight: 600 }
p { margin: .4rem 0 }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: break-word }
h1 code, p code, li code { overflow-wrap: anywhere }
a { color: var(--link) }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
tbody tr:last-child > * { border-bottom: 0 }
thead th { background: var(--panel); font-weight: 600; white-space: nowrap }
tfoot td, tfoot th { border-top: 2px solid var(--line); border-bottom: 0; font-weight: 600 }
th[scope=row] { font-weight: 400 }
.n { text-align: right; white-space: nowrap }
.n small { display: block; font-size: .86em }
svg { display: inline-block; vertical-align: -1px; margin-left: .4rem; overflow: visible }
.axis { stroke: var(--axis); stroke-width: 1 }
rect { fill: currentColor }
.up { color: var(--up) } .down { color: var(--down) } .bad { color: var(--bad) } .good { color: var(--good) }
.quiet, .was { color: var(--quiet) } .room { color: var(--line) }
.tag { display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em;
  font: 400 .8rem system-ui, sans-serif }
section.variant { margin-top: 1.25rem; padding: 1rem; border: 1px solid var(--line); border-radius: 6px }
section.variant > .wide, details { margin-top: .75rem }
summary { cursor: pointer; width: fit-content }
ul { margin: .4rem 0; padding-left: 1.25rem } li, footer { margin: .3rem 0 } footer { margin-top: 2rem }
li details, td details { margin-top: .2rem; font-size: .93em }
@media (max-width: 40rem) {
  body { font-size: 14px } th, td { padding: .3rem .5rem } section.variant { padding: .7rem }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt } .wide { overflow: visible } a { color: inherit }
  tr, h2, h3 { break-inside: avoid; break-after: auto } h2, h3 { break-after: avoid }
  details::details-content { content-visibility: visible; block-size: auto }
  svg, thead th { print-color-adjust: exact }
}
""".strip()


def page(title: str, parts: Iterable[str]) -> str:
    """A page of parts that are HTML; the title is text."""
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html_text(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def text(words: str) -> str:
    """Text of any origin."""
    return html_text(words)


def code(words: str) -> str:
    """A name or a value of any origin, which may break before a variant."""
    return f"<code>{text(words).replace('@', '<wbr>@')}</code>" if words else ""


def table(
    label: str, head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool], foot: Sequence[str] = ()
) -> str:
    """A table that can be scrolled, by keys too; cells and heads are HTML, the label is text."""
    sides = [' class="n"' if side else "" for side in right]

    def line(cells: Sequence[str]) -> str:
        first = f'<th scope="row"{sides[0]}>{cells[0]}</th>'
        rest = "".join(f"<td{side}>{cell}</td>" for side, cell in zip(sides[1:], cells[1:], strict=True))
        return f"<tr>{first}{rest}</tr>"

    heads = "".join(f'<th scope="col"{side}>{cell}</th>' for side, cell in zip(sides, head, strict=True))
    body = "\n".join(map(line, rows))
    last = f"\n<tfoot>{line(foot)}</tfoot>" if foot else ""
    inside = f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>{last}</table>"
    return f'<div class="wide" role="region" tabindex="0" aria-label="{text(label)}">{inside}</div>'


def folded(summary: str, *parts: str) -> str:
    """What a click or a key opens; all are HTML."""
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


class Scale(NamedTuple):
    """What bars side by side are drawn to: the largest and the smallest value, and 0."""

    most: float
    least: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Scale:
        """The scale that all values fit in."""
        kept = [0.0, *values]
        return cls(max(kept), min(kept))

    def bar(self, value: float) -> str:
        """A change as a bar from the axis of 0, to the right where it is an increase."""
        if self.most == self.least:
            return ""
        span = self.most - self.least
        axis, length = -self.least / span * BAR, max(abs(value) / span * BAR, 1.0 if value else 0.0)
        tone, start = ("up", axis) if value > 0 else ("down", axis - length)
        shown = f'<rect class="{tone}" x="{start:.1f}" y="1" width="{length:.1f}" height="8" rx="1"/>'
        line = f'<line class="axis" x1="{axis:.1f}" y1="0" x2="{axis:.1f}" y2="10"/>'
        return f'<svg width="{BAR}" height="10" aria-hidden="true">{shown}{line}</svg>'


def meter(share: float) -> str:
    """How much of a limit is used, from 0 to 1 and beyond."""
    tone, length = ("bad" if share > 1 else "good"), min(max(share, 0.0), 1.0) * BAR
    room = f'<rect class="room" x="0" y="1" width="{BAR}" height="8" rx="1"/>'
    used = f'<rect class="{tone}" x="0" y="1" width="{length:.1f}" height="8" rx="1"/>'
    return f'<svg width="{BAR}" height="10" aria-hidden="true">{room}{used}</svg>'
