"""The figures that a diff follows: archspec's own, or those of the convention that was asked for."""

from __future__ import annotations

from archspec.analysis.metrics import DIFFED, OWN, Figures, Metric, OfConvention
from archspec.analysis.report import Report


def total(report: Report) -> Figures:
    """The figures of a whole network."""
    if report.convention.name != OWN:
        return {metric.name: report.totals.columns[metric.title] for metric in followed(report)}
    return {metric.name: report.totals.figure(metric.name) for metric in DIFFED}


def followed(report: Report) -> tuple[Metric, ...]:
    """The metrics that a diff follows: archspec's own, or the columns of the convention that was asked for."""
    name, _, columns = report.convention
    if name == OWN:
        return DIFFED
    return tuple(
        Metric(f"{name}/{column}", column, count.unit, count.summary, OfConvention(name, column))
        for column, count in columns.items()
    )


def minus(figures: Figures, others: Figures) -> Figures:
    """The difference of each figure."""
    return {name: value - others[name] for name, value in figures.items()}
