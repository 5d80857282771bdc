"""A number in a comment that is not what is worked out.

What:
    A figure in a comment, such as `25.6M params` or `4.1 GMACs`, that differs from the figure of what it stands
    beside: the layer of its line, a variant, or, on a line of its own, what stands below it or the whole network.
Why:
    Nobody checks a comment: it keeps the number of the network before last. A figure under `expect` is checked.
Example:
    layers:
      - linear: {out: 1000, act: relu}  # 5,000 params
      - linear: 10
    expect: {params: 43_010}
Cure:
    Correct it, or leave it out.

    layers:
      - linear: {out: 1000, act: relu}  # 33,000 params
      - linear: 10
    expect: {params: 43_010}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from archspec.analysis.report import Row
from archspec.errors import Span
from archspec.lint.context import Context, Run
from archspec.lint.editing import fix
from archspec.policy.expect import SUFFIXES
from archspec.text.comments import Comment
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS505", "stale-comment", "warning", "unsafe"
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<number>\d[\d,_]*(?:\.\d+)?) ?(?P<suffix>[KkMGT]?) ?"
    r"(?P<what>params?|parameters|MACs?|macs|FLOPs|flops)\b"
)
_TOTALS = {"p": "params", "m": "macs", "f": "flops"}


def check(context: Context) -> Iterator[Finding]:
    """The figures of every comment."""
    figures = [(comment, match) for comment in context.comments for match in _FIGURE.finditer(comment.text)]
    written = [(run, _rows(context, run)) for run in context.runs] if figures else []
    for comment, match in figures:
        total = _TOTALS[match["what"][0].lower()]
        value, step = _value(match["number"], match["suffix"])
        known = _known(context, comment, total, written)
        if not known or any(2 * abs(figure - value) <= step for figure in known):
            continue
        column = comment.span.column + match.start()
        span = Span(comment.span.line, column, comment.span.line, column + len(match[0]))
        exact = f"{known[0]:,} {match['what']}"
        single = len(set(known)) == 1
        yield context.finding(
            CODE,
            f"the comment says {match[0]}, it is {known[0]:,}" if single else f"nothing here has {match[0]}",
            span=span,
            values=(match[0],),
            fix=fix(f"write {exact}", Edit(span, exact), safe=False) if single else None,
        )


def _value(number: str, suffix: str) -> tuple[Fraction, Fraction]:
    """A written figure and the step of its last digit."""
    scale = SUFFIXES[suffix.upper()]
    decimals = len(number.partition(".")[2])
    step = Fraction(scale, 10**decimals) if suffix or decimals else Fraction(0)
    return Fraction(number.replace(",", "").replace("_", "")) * scale, step


Rows = dict[int, list[Row]]  # by line


def _rows(context: Context, run: Run) -> Rows:
    """The layers and groups that this file writes."""
    rows: Rows = {}
    for row in run.report.rows():
        if row.item.node.file == context.file:
            rows.setdefault(row.item.node.span.line, []).append(row)
    return rows


def _known(context: Context, comment: Comment, total: str, written: list[tuple[Run, Rows]]) -> list[int]:
    """The figures that a comment may be about, those of the whole network last; none where it is beside nothing."""
    line = _about(context, comment)
    figures: list[int] = []
    variants: Any = context.at(("variants",)) or {}
    for run, rows in written:
        if run.variant and run.variant in variants and variants.key_spans[run.variant].line == line:
            return [run.report.totals[total]]
        for row in rows.get(line, ()):
            value = getattr(row, total)
            figures += [figure for figure in (value, value * row.repeat) if type(figure) is int]
    if comment.alone:
        figures += [run.report.totals[total] for run in context.runs]
    # Layers of one line, such as a convolution and its activation: what has no figure is not what is meant.
    return list(dict.fromkeys(value for value in figures if value)) or figures[:1]


def _about(context: Context, comment: Comment) -> int:
    """The line a comment is about: its own, or the next with text."""
    if not comment.alone:
        return comment.span.line
    return context.following[comment.span.line]
