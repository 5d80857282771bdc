"""Specs, variants and layers that a change calls otherwise, so that limits hold for them no more once it is merged
(AB120)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archspec.analysis.report import Report
from archspec.policy.budgets import Case, Cases, Counted
from archspec.policy.limits import Budget
from archspec.text.findings import Finding
from archspec.text.globs import matches_name

CODE = "AB120"


def left(counted: Cases, holding: Callable[[Case], Sequence[Budget]]) -> Iterator[Finding]:
    """A finding for each of the change's own budgets and each spec that left it, or has layers that did.

    ``holding`` are the budgets for a case's spec and variant as they will be called.
    """
    groups: dict[tuple[int, str], list[tuple[Case, list[str]]]] = {}
    for case, figures in counted:
        budgets: Sequence[Budget] | None = None
        for case_there in there(case, figures):
            budgets = holding(case) if budgets is None else budgets
            limited = {limit.metric for other in budgets if holds(other, case_there) for limit in other.limits}
            metrics = list(dict.fromkeys(limit.metric for limit in case.budget.limits if limit.metric not in limited))
            if metrics:
                group = groups.setdefault((id(case.budget), case.pair.head.path), [])
                group.append((case_there, metrics))
    for (first, metrics), *others in groups.values():
        message = f"its limit of {' and '.join(metrics)} holds for it no more once this is merged"
        what = "layer" if first.layer else "variant"
        more = f"; {len(others)} more {what}{'s' * (len(others) > 1)} likewise" if others else ""
        hint = "let the budget match the new name too, in this change"
        keys = (*first.budget.keys, "layer" if first.layer else "match")
        yield first.finding(CODE, message + more, keys, *metrics, hint=hint)


def there(case: Case, figures: Counted) -> Iterator[Case]:
    """What a budget holds for: a spec and variant that the change renamed, or layers."""
    if not case.budget.layer:
        if case.renamed:
            yield case
    elif isinstance(figures.report, Report):
        layers = [layer for layer in figures.layers if layer.of(case.budget)]
        if any(matches_name(case.budget.layer, layer.row.path) for layer in layers):  # else AB106 says so
            yield from (case._replace(layer=layer) for layer in layers)


def holds(budget: Budget, case: Case) -> bool:
    """Whether a budget for a spec is for a case's layer, or its whole network."""
    return (
        matches_name(budget.layer, case.layer.row.path)
        if budget.layer and case.layer
        else not (budget.layer or case.layer)
    )
