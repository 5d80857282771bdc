"""What every convention counts of every kind of layer, side by side: a page of the docs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from archspec.conventions.facts import OPERATIONS
from archspec.conventions.loader import Convention
from archspec.models.docstrings import one_line
from archspec.render.tables import reference_table
from archspec.studies.catalog import columns_of, entries

HEAD = ("convention", "counts", "unit", "formula", "known bug")


def page(conventions: Sequence[Convention]) -> str:
    """A section for each kind: the formulas of those that have any, then who counts it as nothing, and why."""
    parts = []
    for family, members in groupby(entries(), key=lambda entry: entry.family):
        parts.append(f"## {family.capitalize()}")
        for member in members:
            parts += [f"### `{member.name}`", *_section(member.name, conventions)]
    return "\n\n".join(parts) + "\n"


def _section(kind: str, conventions: Sequence[Convention]) -> list[str]:
    rows: list[tuple[str, ...]] = []
    nothing, without = [], []
    for convention in conventions:
        if all(column.unit not in OPERATIONS for column in convention.columns.values()):
            continue
        rule = convention.rule(kind)
        if rule is None:
            reason = convention.free.get(kind)
            nothing += [f"- {convention.name}: {one_line(reason)}"] if reason else []
            without += [] if reason else [convention.name]
            continue
        formulas = [row for row in columns_of(rule, convention) if row[2] in OPERATIONS]
        names = [f"[{convention.name}](./{convention.name}.md)", *[""] * len(formulas)]
        bugs = [one_line(rule.bug), *[""] * len(formulas)]
        for (column, formula, unit), name, bug in zip(formulas, names, bugs, strict=False):
            rows.append((name, f"`{column}`", unit, f"`{formula}`", bug))
        if not formulas:
            nothing.append(f"- {convention.name}: {one_line(rule.note or rule.source) or 'its rule says so'}")
    parts = [reference_table(HEAD, rows).rstrip()] if rows else []
    parts += ["Nothing, by a rule:", "\n".join(nothing)] if nothing else []
    return [*parts, *([f"No rule: {', '.join(without)}."] if without else [])]
