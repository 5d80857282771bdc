"""Budgets against figures: absolute limits, and those relative to the base of a change.

An increase fails only where it is above both: the share of the base that ``max-increase`` allows, and the amount that
``ignore-below`` lets pass. Codes: AB101 above `max`, AB102 below `min`, AB103 above `max-increase`, AB104 near a limit,
AB105 cannot be counted as the budget says, AB106 a pattern matches nothing, AB107 no base to compare with, AB109 the
policy is changed, AB110 and AB111 a waiver expired or without its finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.analysis.setting import cases
from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError
from archspec.policy.config import Config
from archspec.policy.limits import Budget, Limit
from archspec.text.findings import Finding, Judged, Severity
from archspec.text.globs import matches, matches_name
from archspec.text.toml_text import Keys

if TYPE_CHECKING:
    from archspec.policy.config_model import Amount

CODES = ("AB101", "AB102", "AB103", "AB104", "AB105", "AB106", "AB107", "AB109", "AB110", "AB111")
RELATIVE = ("AB103", "AB107")


class Pair(NamedTuple):
    """A spec as it is, and as it was: None where it is new or nothing is compared, an error where it cannot be read."""

    head: Subject
    base: Subject | ArchspecError | None = None


class Headroom(NamedTuple):
    """A figure that keeps its `max`."""

    spec: str
    variant: str | None
    metric: str
    figure: int
    max: Amount

    @property
    def used(self) -> Fraction:
        """The share of the limit that is used up."""
        return self.figure / self.max.value if self.max.value else Fraction(1)


class Case(NamedTuple):
    """What a figure is of: the budget, a spec and variant, and a layer or the whole network."""

    config: Config
    budget: Budget
    pair: Pair
    variant: str | None
    layer: str = ""

    @property
    def name(self) -> str:
        """How messages call it."""
        spec = self.pair.head.path + (f"@{self.variant}" if self.variant else "")
        return f"{spec}: {self.layer}" if self.layer else spec

    def finding(
        self, code: str, severity: Severity, message: str, keys: Keys, *values: Any, hint: str | None = None
    ) -> Finding:
        """A finding at a place of the configuration, about this."""
        toml, spec = self.config.toml, self.pair.head.path
        return Finding(
            code=code,
            severity=severity,
            message=f"{self.name}: {message}",
            file=toml.file,
            span=toml.span(*keys),
            path=".".join(map(str, keys)),
            id_path=self.layer,
            variant=self.variant,
            hint=hint,
            values=(spec, *values),
            judged=Judged(spec),
        )

    def judged(
        self, code: str, severity: Severity, message: str, limit: Limit, key: str, amount: Amount, *figures: int
    ) -> Finding:
        """A finding about a limit and the figure, or its increase, that ``figures`` end with."""
        finding = self.finding(code, severity, message, (*limit.keys, key), limit.metric, amount.text, *figures)
        return replace(finding, judged=Judged(self.pair.head.path, limit.metric, amount.text, figures[-1]))


def judge(config: Config, pairs: Sequence[Pair], variants: dict[str, str] | None = None) -> Iterator[Finding]:
    """Every budget against every spec it matches. ``variants`` restricts specs, by path, to one of theirs."""
    for case in _cases(config, pairs, variants or {}):
        yield from _case(case)


def headroom(config: Config, pairs: Sequence[Pair]) -> Iterator[Headroom]:
    """The figures of whole networks that keep their `max`, of the specs that are not as they were."""
    for case in _cases(config, [pair for pair in pairs if pair.base is not pair.head], {}):
        if case.budget.layer:
            continue
        try:
            report = case.pair.head.report(case.budget.at.for_spec(case.pair.head.spec, case.variant))
        except ArchspecError:  # judged, AB105
            continue
        for limit in case.budget.limits:
            figure = report.totals.figure(limit.metric)
            if limit.max is not None and figure <= limit.max.value:
                yield Headroom(case.pair.head.path, case.variant, limit.metric, figure, limit.max)


def _cases(config: Config, pairs: Sequence[Pair], chosen: dict[str, str]) -> Iterator[Case]:
    for budget in config.budgets:
        for pair in pairs:
            if matches(budget.path, pair.head.path):
                for variant in cases(pair.head.spec):
                    if matches_name(budget.variant, variant or "") and chosen.get(pair.head.path, variant) == variant:
                        yield Case(config, budget, pair, variant)


def idle(config: Config, pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Budgets for no spec at all, for where all specs are looked at."""
    for budget in config.budgets:
        if not any(
            matches(budget.path, pair.head.path) and matches_name(budget.variant, variant or "")
            for pair in pairs
            for variant in cases(pair.head.spec)
        ):
            pattern = budget.path + (f"@{budget.variant}" if budget.variant != "*" else "")
            keys = (*budget.keys, "match")
            yield Finding(
                code="AB106",
                severity="warning",
                message=f"no spec or variant matches `{pattern}`",
                file=config.file,
                hint="the budget holds for nothing: correct the pattern, or take it out",
                span=config.toml.span(*keys),
                path=".".join(map(str, keys)),
                values=(pattern,),
            )


def _case(case: Case) -> Iterator[Finding]:
    budget = case.budget
    try:
        report = case.pair.head.report(budget.at.for_spec(case.pair.head.spec, case.variant))
    except ArchspecError as error:
        message = f"cannot be counted: {error.message}"
        yield case.finding("AB105", "error", message, (*budget.keys, "at"), error.message, hint=error.hint)
        return
    old, problem = _base_report(case)
    if problem is not None:
        yield problem
    if not budget.layer:
        for limit in budget.limits:
            base = None if old is None else old.totals.figure(limit.metric)
            yield from _limit(case, limit, report.totals.figure(limit.metric), base)
        return
    rows = [row for row in case.pair.head.rows(report) if matches_name(budget.layer, row.path)]
    if not rows:
        message = f"no layer matches `{budget.layer}`"
        yield case.finding("AB106", "warning", message, (*budget.keys, "layer"), budget.layer)
    before: dict[str, Any] = {}
    if old is not None and isinstance(case.pair.base, Subject):
        before = {row.path: row for row in case.pair.base.rows(old)}
    for limit in budget.limits:
        by_code: dict[str, list[Finding]] = {}
        for row in rows:
            base = before[row.path].figures[limit.metric] if row.path in before else None
            for finding in _limit(case._replace(layer=row.path), limit, row.figures[limit.metric], base):
                by_code.setdefault(finding.code, []).append(finding)
        yield from map(_worst, by_code.values())


def _worst(findings: list[Finding]) -> Finding:
    """The finding of the layer that is furthest from a limit, with how many others there are."""
    worst = max(findings, key=lambda finding: abs(finding.judged.figure) if finding.judged else 0)
    more = len(findings) - 1
    return replace(worst, message=f"{worst.message}; {more} more layer{'s' * (more > 1)} likewise") if more else worst


def _base_report(case: Case) -> tuple[Any, Finding | None]:
    """The base's analysis where a limit asks for it, or why there is none; a new spec or variant has no base."""
    relative = [limit for limit in case.budget.limits if limit.max_increase]
    base = case.pair.base
    if not relative or base is None:
        return None, None
    try:
        if isinstance(base, ArchspecError):
            raise base
        if case.variant is not None and case.variant not in base.spec.variants:
            return None, None
        report = base.report(case.budget.at.for_spec(base.spec, case.variant))
    except ArchspecError as error:
        message = f"no increase can be told, the base has no figures: {error.message}"
        return None, case.finding("AB107", "warning", message, (*relative[0].keys, "max-increase"), error.message)
    return report, None


def _limit(case: Case, limit: Limit, actual: Any, base: Any | None) -> Iterator[Finding]:
    """What a figure is against its limits."""
    share = limit.warn_at
    name = limit.metric
    if limit.max is not None:
        if actual > limit.max.value:
            message = f"{name} is {actual:,}, {ceil(actual - limit.max.value):,} above its max of {limit.max.text}"
            yield case.judged("AB101", "error", message, limit, "max", limit.max, actual)
        elif share is not None and actual > share.value * limit.max.value:
            message = f"{name} is {actual:,}, {_percent(actual, limit.max.value)} of its max of {limit.max.text}"
            yield case.judged("AB104", "warning", message, limit, "warn-at", limit.max, actual)
    if limit.min is not None and actual < limit.min.value:
        message = f"{name} is {actual:,}, {ceil(limit.min.value - actual):,} below its min of {limit.min.text}"
        yield case.judged("AB102", "error", message, limit, "min", limit.min, actual)
    if limit.max_increase is None or base is None:
        return
    increase = actual - base
    if increase <= 0 or (limit.ignore_below is not None and increase <= limit.ignore_below.value):
        return
    allowed = limit.max_increase.value * base
    grown = f"{name} grew from {base:,} to {actual:,}, by {increase:,}"
    grown += f" or {_percent(increase, base)}" if base else ""
    if increase > allowed:
        message = f"{grown}; its max-increase is {limit.max_increase.text}"
        if limit.ignore_below is not None:
            message += f", {limit.ignore_below.text} would pass"
        yield case.judged("AB103", "error", message, limit, "max-increase", limit.max_increase, base, increase)
    elif share is not None and increase > share.value * allowed:
        message = f"{grown}, near its max-increase of {limit.max_increase.text}"
        yield case.judged("AB104", "warning", message, limit, "warn-at", limit.max_increase, increase)


def _percent(part: Any, whole: Any) -> str:
    """A share in percent with two decimals, rounded exactly: figures may be larger than floats are."""
    hundredths = int(part * 20000 // whole + 1) // 2
    return f"{hundredths // 100:,}.{hundredths % 100:02}%"
