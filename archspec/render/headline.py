"""The first line of a comment and of a page: enough to decide whether to look further."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from archspec.change.model import Diff
from archspec.render.diff_rows import ONE_SIDED, ORDER, Row
from archspec.render.diff_words import NO_CHANGE, columns, facts, percent, short_names, signed, verdict
from archspec.render.numbers import plural


class Headline(NamedTuple):
    """What a title says: the name of a spec and variant, of any origin, and what became of it and of others."""

    name: str
    said: str


def headline(diff: Diff, rows: Sequence[Row]) -> Headline:
    """What changed most by how much, and how many more did."""
    if not rows:
        return Headline("", verdict(diff).removesuffix("."))
    first = rows[0]
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[of_what(row)] += max(len(row.variants), 1)
    whole = first.status in ONE_SIDED and len(first.variants) == len(first.spec.variants)
    counts[of_what(first)] -= max(len(first.variants), 1) if whole else 1
    name = short_names(diff)[first.spec.path]
    if first.variants and not whole and first.variants[0].variant is not None:
        name += f"@{first.variants[0].variant}"
    said = []
    for status, what in product(ORDER, ("variant", "spec")):
        if counts[status, what] > 0:
            more = f"more {what}" if (status, what) == of_what(first) else what
            said.append(f"{plural(counts[status, what], more)} {status}" + (" alike" if len(rows) == 1 else ""))
    return Headline(name, said_of(diff, first) + (f"; {', '.join(said)}" if said else ""))


def of_what(row: Row) -> tuple[str, str]:
    """What became of a row, and of what it is: variants, or a spec that cannot be read."""
    return row.status, "variant" if row.variants else "spec"


def said_of(diff: Diff, row: Row) -> str:
    """What became of a row's first variant."""
    if row.status in ONE_SIDED:
        return f" is {row.status}"
    variant = row.variants[0]
    if row.status != "changed":
        return f" {row.status}" + (f": {facts(variant.head)}" if variant.head else "")
    assert variant.base
    words: list[str] = []
    for metric in columns(diff):
        old, delta = variant.base[metric.name], variant.delta[metric.name]
        if delta and not metric.follows and not metric.tool:
            part = percent(old, delta, 1)
            if not words:
                words.append(f"{metric.title} {signed(metric, delta)}" + (f" ({part})" if part else ""))
            else:
                words.append(f"{metric.title} {part or signed(metric, delta)}")
    return f": {', '.join(words) or NO_CHANGE}"
