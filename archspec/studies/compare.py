"""One network under several conventions: each one's totals, and the layers on which two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archspec.analysis.count import Counted, Ledger, why_nothing
from archspec.analysis.metrics import OWN
from archspec.analysis.report import Report, of_one_point
from archspec.conventions.facts import COUNTERPARTS, OPERATIONS
from archspec.conventions.loader import Convention, Count, convention, convention_names
from archspec.errors import UsageError
from archspec.graph.graph import Layer
from archspec.graph.walk import walk
from archspec.sizes import unwrap


class Tally(NamedTuple):
    """A network under one convention. ``unknown`` and ``bugs`` name kinds with how many layers they touch."""

    convention: Convention
    columns: dict[str, Any]
    unknown: dict[str, Any]
    bugs: list[tuple[str, Any, str]]  # kind, layers, what is wrong


class Difference(NamedTuple):
    """A layer that two conventions count differently: the formula and value of each, over all its repeats."""

    path: str
    kind: str
    repeat: Any
    left: tuple[str, Any]
    right: tuple[str, Any]


def compare(report: Report, names: Sequence[str] | None = None) -> list[Tally]:
    """The report's network under the named conventions, or all that come with archspec. Raises ArchspecError."""
    of_one_point(report, "compare")
    conventions = apart([convention(name) for name in names or convention_names()])
    ledger = Ledger(report.graph, report.setting.dtype, conventions)
    sums = ledger.sums()
    calls = [(step.item, step.state, step.times) for step in walk(report.graph) if isinstance(step.item, Layer)]
    tallies = []
    for table in conventions:
        unknown: dict[str, Any] = {}
        bugs: dict[tuple[str, str], Any] = {}
        for call, state, times in calls:
            kind = call.traits.kind.kind
            counted = ledger.call(call, state)
            status = counted.status[table.name]
            rule = table.rule(kind)
            if status == "unknown":
                unknown[kind] = unknown.get(kind, 0) + times
            elif status == "counted" and rule is not None and rule.bit(counted.facts):
                bugs[kind, rule.bug] = bugs.get((kind, rule.bug), 0) + times
        columns = {name: unwrap(sums.get((table.name, name), 0)) for name in table.columns}
        touched = [(kind, unwrap(times), bug) for (kind, bug), times in bugs.items()]
        tallies.append(Tally(table, columns, {kind: unwrap(times) for kind, times in unknown.items()}, touched))
    return tallies


def apart(conventions: Sequence[Convention]) -> list[Convention]:
    """The conventions, each once. Raises UsageError where two files give one name, by which figures are kept."""
    by_name: dict[str, Convention] = {}
    for table in conventions:
        other = by_name.setdefault(table.name, table)
        if other.file != table.file:
            hint = f"in {other.file} and in {table.file}: give one of them another `convention:`"
            raise UsageError(f"two conventions are called `{table.name}`", hint=hint)
    return list(by_name.values())


def main_column(table: Convention) -> Count:
    """The column a convention is known for: its first of operations, or its first where it counts sizes only."""
    columns = list(table.columns.values())
    return next((column for column in columns if column.unit in OPERATIONS), columns[0])


def differences(report: Report, left: str, right: str) -> list[Difference]:
    """Layers on which two conventions differ in operations, the largest difference first. Raises ArchspecError."""
    of_one_point(report, "compare")
    pair = [convention(left), convention(right)]
    apart(pair)
    columns = [main_column(table) for table in pair]
    for table, column in zip(pair, columns, strict=True):
        if column.unit not in OPERATIONS:
            raise UsageError(f"{table.name} counts no operations", hint="its columns: " + ", ".join(table.columns))
    ledger = Ledger(report.graph, report.setting.dtype, pair)
    differing = []
    for step in walk(report.graph):
        item = step.item
        if not isinstance(item, Layer):
            continue
        counted = ledger.call(item, step.state)
        sides = []
        for table, column in zip(pair, columns, strict=True):
            value = unwrap(counted.columns[table.name][column.name] * step.times)
            sides.append((said(table, item, column.name, counted), value))
        if sides[0][1] != sides[1][1]:
            differing.append(Difference(step.path, item.traits.kind.kind, unwrap(step.times), sides[0], sides[1]))
    return sorted(differing, key=lambda difference: -abs(difference.left[1] - difference.right[1]))


def said(table: Convention, call: Layer, column: str, counted: Counted) -> str:
    """What a convention says of a layer: its formula, or why there is none."""
    kind = call.traits.kind.kind
    rule, status = table.rule(kind), counted.status[table.name]
    if status == "counted" and rule is not None:
        return str(rule.formulas[column])
    return ("free: " if status == "free" else "") + why_nothing(table, kind, status, counted.facts)


def ratio(tally: Tally, column: str, own: dict[str, Any]) -> float | None:
    """A column's total as a multiple of archspec's figure of the same unit; None where there is none to compare."""
    counterpart = COUNTERPARTS.get(tally.convention.columns[column].unit)
    ours = own.get(counterpart or "")
    value = tally.columns[column]
    return value / ours if type(ours) is int and ours and type(value) is int else None


def own_figures(report: Report) -> dict[str, Any]:
    """archspec's figures by name, for comparison."""
    return {name: report.totals[name] for name in COUNTERPARTS.values()} | {"convention": OWN}
