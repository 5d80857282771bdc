"""Budgets against figures: absolute limits, and those relative to the base of a change.

An increase fails only where it is above both: the share of the base that ``max-increase`` allows, and the amount that
``ignore-below`` lets pass.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.analysis.report import Report, Row
from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.change.paths import former
from archspec.errors import ArchspecError
from archspec.memory.figures import total
from archspec.policy.codes import BY_CODE
from archspec.policy.config import Config
from archspec.policy.limits import Broken, Budget, Limit, broken_by
from archspec.text.findings import Finding, Judged
from archspec.text.globs import matches, matches_name
from archspec.text.toml_text import Keys

if TYPE_CHECKING:
    from archspec.policy.config_model import Amount


class Pair(NamedTuple):
    """A spec as it is, and as it was: None where it is new or nothing is compared, an error where it cannot be read.

    ``names`` are the paths that patterns are held against, from the configuration's folder: where it is, and where it
    was before the change. ``variants`` are those to look at, None for all; ``renamed`` has the old names of new ones.
    Once it is ``merged``, what a change renamed has its new names alone.
    """

    head: Subject
    base: Subject | ArchspecError | None = None
    names: tuple[str, ...] = ()
    variants: Collection[str | None] | None = None
    renamed: Mapping[str, str] = {}
    merged: bool = False

    def cases(self, budget: Budget) -> Iterator[str | None]:
        """The variants that a budget is for."""
        if any(matches(budget.path, name) for name in self.names):
            for variant in cases(self.head.spec) if self.variants is None else self.variants:
                called = (variant or "", *([] if self.merged else [self.renamed.get(variant or "", variant or "")]))
                if any(matches_name(budget.variant, name) for name in called):
                    yield variant


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


class Layer(NamedTuple):
    """A layer or group, with the path that it had in the base, wherever it is now, and its row there; None for none."""

    row: Row
    was: str | None
    base: Row | None

    def of(self, budget: Budget) -> bool:
        """Whether a budget is for it, under the name that it has or had."""
        return any(matches_name(budget.layer, path) for path in (self.row.path, self.was) if path is not None)


class Counted:
    """The figures of a spec and of what it was, or why there are none; None where it was nothing."""

    def __init__(self, pair: Pair, report: Report | ArchspecError, old: Report | ArchspecError | None = None) -> None:
        self.pair, self.report, self.old = pair, report, old

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers and groups, each with what it was."""
        assert isinstance(self.report, Report)
        rows, before = self.pair.head.rows(self.report), self.before
        were: Mapping[str, str | None] = {row.path: row.path for row in rows} if before else {}
        if isinstance(self.old, Report) and self.old is not self.report and not self.pair.merged:
            were = former(self.old, self.report, before, were)
        return [Layer(row, was := were.get(row.path), before.get(was or "")) for row in rows]

    @cached_property
    def before(self) -> dict[str, Row]:
        """The layers and groups of the base by their paths."""
        base, old = self.pair.base, self.old
        rows = base.rows(old) if isinstance(base, Subject) and isinstance(old, Report) else ()
        return {row.path: row for row in rows}


class Case(NamedTuple):
    """What a figure is of: the budget, a spec and variant, and a layer or the whole network."""

    config: Config
    budget: Budget
    pair: Pair
    variant: str | None
    layer: Layer | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        spec = self.pair.head.path + (f"@{self.variant}" if self.variant else "")
        if not matches(self.budget.path, self.pair.names[0]):
            spec += f" (was {self.pair.names[-1]}{f'@{self.was}' if self.was not in (self.variant, None) else ''})"
        elif not matches_name(self.budget.variant, self.variant or ""):
            spec += f" (was @{self.was})"
        if self.layer is None:
            return spec
        path, was = self.layer.row.path, self.layer.was
        return f"{spec}: {path}" + ("" if matches_name(self.budget.layer, path) else f" (was {was})")

    @property
    def renamed(self) -> bool:
        """Whether the budget is for what it was called, and not for what it is called."""
        path, variant = self.pair.names[0], self.variant or ""
        return not (matches(self.budget.path, path) and matches_name(self.budget.variant, variant))

    @property
    def was(self) -> str | None:
        """The variant that it was."""
        return self.pair.renamed.get(self.variant or "", self.variant or "") or None

    @property
    def setting(self) -> Setting:
        """At what it is counted."""
        return self.budget.at.for_spec(self.pair.head.spec, self.variant)

    def finding(self, code: str, message: str, keys: Keys, *values: Any, hint: str | None = None) -> Finding:
        """A finding at a place of the configuration, about this; of all layers of a budget there is one."""
        toml, spec = self.config.toml, self.pair.head.path
        about = (self.budget.layer, repr(self.budget.at.key), *values)
        now = (spec, self.variant or "")
        was = (self.pair.base.path, self.was or "") if isinstance(self.pair.base, Subject) else now
        return Finding(
            code=code,
            severity=BY_CODE[code].severity,
            message=f"{self.name}: {message}",
            file=toml.file,
            span=toml.span(*keys),
            path=".".join(map(str, keys)),
            id_path=self.layer.row.path if self.layer else "",
            variant=self.variant,
            hint=hint,
            values=(*now, *about),
            former=(*was, *about) if was != now and not self.pair.merged else (),
            judged=Judged(spec),
        )

    def judged(self, limit: Limit, broken: Broken, figure: int, *, inherited: bool) -> Finding:
        """A finding about a limit and the figure."""
        key, text = broken.key, broken.amount.text
        keys = (*limit.keys, "warn-at" if broken.code == "AB104" else key)
        finding = self.finding(broken.code, broken.message, keys, limit.metric, key, text)
        return replace(finding, judged=Judged(self.pair.head.path, limit.metric, text, figure, inherited))


Cases = list[tuple[Case, Counted]]


def cases_of(config: Config, pairs: Sequence[Pair], known: dict[Hashable, Counted]) -> Cases:
    """Every budget with every spec it matches; what several count alike is asked for once, and ``known`` from then."""
    listed = []
    for budget in config.budgets:
        for pair in pairs:
            for variant in pair.cases(budget):
                case = Case(config, budget, pair, variant)
                key = budget.at.key, id(pair.head), variant
                if key not in known:
                    known[key] = _counted(case)
                listed.append((case, known[key]))
    return listed


def judge(counted: Cases) -> Iterator[Finding]:
    """What is to be said of every case; that a budget's layer is nowhere, once for all specs and variants alike."""
    nowhere: dict[tuple[Any, ...], list[Finding]] = {}
    for case, figures in counted:
        for finding in _case(case, figures):
            if finding.code == "AB106":
                key = id(case.budget), finding.severity, finding.judged and finding.judged.inherited
                nowhere.setdefault(key, []).append(finding)
            else:
                yield finding
    for first, *others in nowhere.values():
        more = f"; {len(others)} more spec{'s' * (len(others) > 1)} or variant{'s' * (len(others) > 1)} likewise"
        yield replace(first, message=first.message + more) if others else first


def headroom(counted: Cases) -> Iterator[Headroom]:
    """The figures of whole networks that keep their `max`, of the specs that are not as they were."""
    for case, figures in counted:
        report = figures.report
        if case.budget.layer or case.pair.base is case.pair.head or isinstance(report, ArchspecError):
            continue
        for limit in case.budget.limits:
            try:
                figure = total(report, limit.metric)
            except ArchspecError:  # judged, AB105
                continue
            if limit.max is not None and figure <= limit.max.value:
                yield Headroom(case.pair.head.path, case.variant, limit.metric, figure, limit.max)


def idle(config: Config, pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Budgets for no spec at all, for where all specs are looked at."""
    for budget in config.budgets:
        if not any(True for pair in pairs for _ in pair.cases(budget)):
            pattern = budget.path + (f"@{budget.variant}" if budget.variant != "*" else "")
            keys = (*budget.keys, "match")
            yield Finding(
                code="AB106",
                severity=BY_CODE["AB106"].severity,
                message=f"no spec or variant matches `{pattern}`",
                file=config.file,
                hint="the budget holds for nothing: correct the pattern, or take it out",
                span=config.toml.span(*keys),
                path=".".join(map(str, keys)),
                values=(pattern,),
            )


def _counted(case: Case) -> Counted:
    """The figures of a case now and before, or why there are none."""
    try:
        report = case.pair.head.report(case.setting)
    except ArchspecError as error:
        return Counted(case.pair, error)
    try:
        return Counted(case.pair, report, _before(case))
    except ArchspecError as error:
        return Counted(case.pair, report, error)


def _before(case: Case) -> Report | None:
    """The base's figures; a new spec or variant has none. Raises ArchspecError."""
    base, was = case.pair.base, case.was
    if isinstance(base, ArchspecError):
        raise base
    if base is None:
        return None
    if was is not None and was not in base.spec.variants:
        return None
    return base.report(case.budget.at.for_spec(base.spec, was))


def _case(case: Case, counted: Counted) -> Iterator[Finding]:
    budget, report, old = case.budget, counted.report, counted.old
    if isinstance(report, ArchspecError):
        yield _uncounted(case, report, (*budget.keys, "at"))
        return
    if isinstance(old, ArchspecError):
        relative = next((limit for limit in budget.limits if limit.max_increase), None)
        if relative is not None:
            message = f"no increase can be told, the base has no figures: {old.message}"
            yield case.finding("AB107", message, (*relative.keys, "max-increase"), old.message)
        old = None
    if not budget.layer:
        for limit in budget.limits:
            try:
                base = None if old is None else total(old, limit.metric)
                figure = total(report, limit.metric)
            except ArchspecError as error:
                yield _uncounted(case, error, limit.keys)
                continue
            for broken in broken_by(limit, figure, base):
                yield case.judged(limit, broken, figure, inherited=_inherited(limit, broken, figure, base))
        return
    layers = [layer for layer in counted.layers if layer.of(budget)]
    if not any(matches_name(budget.layer, layer.row.path) for layer in layers):
        message = f"no layer matches `{budget.layer}`"
        finding = case.finding("AB106", message, (*budget.keys, "layer"))
        gone = any(matches_name(budget.layer, path) for path in counted.before)
        finding = replace(finding, judged=Judged(case.pair.head.path, inherited=old is not None and not gone))
        yield replace(finding, severity="error", message=f"{finding.message} any more") if gone else finding
    for limit in budget.limits:
        by_code: dict[str, list[tuple[int, Finding]]] = {}
        for layer in layers:
            base = layer.base.figures[limit.metric] if layer.base else None
            figure = layer.row.figures[limit.metric]
            for broken in broken_by(limit, figure, base):
                inherited = _inherited(limit, broken, figure, base)
                finding = case._replace(layer=layer).judged(limit, broken, figure, inherited=inherited)
                by_code.setdefault(broken.code, []).append((broken.by, finding))
        yield from map(_worst, by_code.values())


def _uncounted(case: Case, error: ArchspecError, keys: Keys) -> Finding:
    """What is said of a figure that there is none of."""
    finding = case.finding("AB105", f"cannot be counted: {error.message}", keys, error.message, hint=error.hint)
    return replace(finding, judged=Judged(case.pair.head.path, inherited=case.pair.base is case.pair.head))


def _worst(findings: list[tuple[int, Finding]]) -> Finding:
    """The finding of the layer that is furthest from a limit, with how many others there are."""
    worst = max(findings, key=lambda pair: pair[0])[1]
    if worst.judged is not None:  # one that the change brings is not hidden behind one that it does not
        inherited = all(finding.judged is None or finding.judged.inherited for _, finding in findings)
        worst = replace(worst, judged=worst.judged._replace(inherited=inherited))
    more = len(findings) - 1
    return replace(worst, message=f"{worst.message}; {more} more layer{'s' * (more > 1)} likewise") if more else worst


def _inherited(limit: Limit, broken: Broken, figure: int, base: int | None) -> bool:
    """Whether the base broke a limit by as much."""
    if base is None or broken.key == "max-increase":
        return False
    return any(before.code == broken.code and before.by >= broken.by for before in broken_by(limit, base, None))
