"""Layers that a change calls otherwise, so that limits hold for them no more once it is merged (AB120)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archspec.analysis.report import Report
from archspec.policy.budgets import Case, Cases
from archspec.policy.limits import Budget
from archspec.text.findings import Finding
from archspec.text.globs import matches_name

CODE = "AB120"


def left(counted: Cases, holding: Callable[[Case], Sequence[Budget]]) -> Iterator[Finding]:
    """A finding for each of the change's own budgets and each spec with layers that left it.

    ``holding`` are the budgets for a case's spec and variant as they will be called.
    """
    groups: dict[tuple[int, str], list[tuple[Case, list[str]]]] = {}
    for case, figures in counted:
        layers = figures.layers if case.budget.layer and isinstance(figures.report, Report) else []
        there = [layer for layer in layers if layer.of(case.budget)]
        if not any(matches_name(case.budget.layer, layer.row.path) for layer in there):
            continue  # AB106 says so
        budgets = holding(case)
        for layer in there:
            still = [other for other in budgets if other.layer and matches_name(other.layer, layer.row.path)]
            limited = {limit.metric for other in still for limit in other.limits}
            metrics = list(dict.fromkeys(limit.metric for limit in case.budget.limits if limit.metric not in limited))
            if metrics:
                group = groups.setdefault((id(case.budget), case.pair.head.path), [])
                group.append((case._replace(layer=layer), metrics))
    for (first, metrics), *others in groups.values():
        message = f"its limit of {' and '.join(metrics)} holds for it no more once this is merged"
        more = f"; {len(others)} more layer{'s' * (len(others) > 1)} likewise" if others else ""
        hint = "let the budget match the new name too, in this change"
        yield first.finding(CODE, message + more, (*first.budget.keys, "layer"), *metrics, hint=hint)
