"""A network's tensors against those of a file, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archspec.analysis.report import Report
from archspec.errors import printable
from archspec.importers.headers.base import Header
from archspec.render.tables import plain_table
from archspec.render.totals import heading
from archspec.studies.verify import Difference, Verdict, counted

MOST = 60  # lines of differences


def render(report: Report, against: str, header: Header, verdict: Verdict, form: str, *, full: bool) -> str:
    """The verdict as a table or JSON (``archspec.verify/1``)."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.verify import verify_document

        return written(verify_document(report, against, header, verdict))
    lines = [
        f"{heading(report)[0]}",
        f"against {printable(against)} ({header.format}, {amount(len(header.tensors))})",
        "",
    ]
    rows = [row(group) for group in ([[one] for one in verdict.differences] if full else alike(verdict.differences))]
    shown = rows if full else rows[:MOST]
    lines += plain_table(shown)
    if len(rows) > len(shown):
        lines.append(f"and {len(rows) - len(shown):,} more; --full or --format json has all")
    lines += [""] if rows else []
    lines += [conclusion(verdict), *(f"note: {printable(note)}" for note in verdict.notes)]
    return "\n".join(lines) + "\n"


def amount(count: int) -> str:
    """So many tensors."""
    return f"{count:,} tensor{'s' * (count != 1)}"


def conclusion(verdict: Verdict) -> str:
    """What comes of it, in a line."""
    said = [f"{amount(verdict.agreed)} agree{'s' * (verdict.agreed == 1)} in name and shape"] * bool(
        verdict.agreed or not verdict.by_name
    )
    said += [f"{amount(verdict.by_name)} in name alone"] * bool(verdict.by_name)
    said += [f"{count:,} {sort}" for sort, count in counted(verdict).items() if sort != "renamed"]
    return ", ".join(said)


def alike(differences: Iterable[Difference]) -> Iterator[list[Difference]]:
    """Differences that are the same but for numbers in names, together."""
    groups: dict[object, list[Difference]] = {}
    for one in differences:
        key = one.sort, numberless(one.name), one.shape, numberless(one.there), one.there_shape, numberless(one.says)
        groups.setdefault(key, []).append(one)
    return iter(groups.values())


def numberless(text: str) -> str:
    """A text with `*` for each number in it."""
    return re.sub(r"(?<![^.])\d+(?![^.])", "*", text)


def row(group: list[Difference]) -> list[str]:
    """A line: what is wrong, the name, both shapes, and what there is to say."""
    first = group[0]
    several = len(group) > 1
    name = first.name or first.there
    there = first.there if first.name and first.there != first.name else ""
    shown, other, says = (numberless(text) if several else text for text in (name, there, first.says))
    shapes = [str(list(shape)) for shape in (first.shape, first.there_shape) if shape is not None]
    remark = [says] * bool(says) + [f"there {other}"] * bool(other)
    return [first.sort, shown, f"x{len(group):,}" if several else "", " -> ".join(shapes), "; ".join(remark)]
