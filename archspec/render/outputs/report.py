"""``archspec.report/1``: what one run of `archspec ci` found."""

from __future__ import annotations

from typing import Any, Literal

from archspec.ci.outcome import Outcome
from archspec.render.outputs.base import ARCHSPEC, Count, Digits, Line, Output, Tool
from archspec.render.outputs.diff import Meaning, SettingEntry, SideEntry, SpecEntry, diff_document
from archspec.render.outputs.findings import FindingEntry, finding_entry
from archspec.text.findings import Finding, Severity, severities


class Judgement(Output):
    """What a budget says."""

    code: str
    severity: Severity
    message: str
    layer: str | None
    file: str
    line: Line | None
    fingerprint: Digits


class BudgetEntry(Judgement):
    """What a budget says of one figure."""

    metric: str
    limit: str


class WaivedJudgement(Judgement):
    """A broken limit that a waiver accepts."""

    reason: str
    by: str
    until: str | None
    """The last day the waiver holds."""
    up_to: int | None
    """The worst figure that is accepted."""
    new: bool
    """Whether the change itself brings the waiver."""


class ReportSpec(SpecEntry):
    """One variant of a spec that differs or has a limit."""

    budgets: list[BudgetEntry]


class ReportFinding(FindingEntry):
    """One finding; lines and columns count from 1, the end is exclusive."""

    new: bool
    """Whether the base had it not."""


class ReportSummary(Output):
    """The whole in numbers."""

    specs: Count
    """Spec files that differ; of their variants so many are of each status."""
    added: Count
    removed: Count
    changed: bool
    """Whether a figure or a limit differs."""
    unchanged: Count
    broken: Count
    files: Count
    """Files that were looked at."""
    untouched: Count
    """Specs that were not, since neither they nor the configuration differ."""
    changed_variants: Count
    errors: Count
    warnings: Count
    infos: Count
    new: Count
    """Findings that the base had not."""
    fixed: Count
    """Findings of lint that only the base had."""
    limits: Count
    exceeded: Count
    waived: Count


class ReportDocument(Output):
    """What one run of archspec ci found. Figures are exact integers that may exceed 2^53: a reader of JSON must keep
    them whole."""

    schema_: Literal["archspec.report/1"]
    tool: Tool
    base: SideEntry
    """What was compared with."""
    head: SideEntry
    """What was looked at."""
    settings: SettingEntry
    conventions: Meaning
    units: dict[str, str]
    """The unit of each figure."""
    specs: list[ReportSpec]
    findings: list[ReportFinding]
    """What is wrong, worst first."""
    waived: list[WaivedJudgement]
    summary: ReportSummary
    exit_code: Literal[0, 1]
    """0 clean, 1 findings."""


def report_document(outcome: Outcome, fail_on: str) -> ReportDocument:
    """As of a diff, with the findings, what budgets say of each variant, and the verdict."""
    diff = diff_document(outcome.diff)
    counts = {f"{name}s": count for name, count in severities(outcome.findings).items()}
    variants = diff.summary
    return ReportDocument(
        schema_="archspec.report/1",
        tool=ARCHSPEC,
        base=diff.base,
        head=diff.head,
        settings=diff.settings,
        conventions=diff.conventions,
        units=diff.units,
        specs=_specs(diff.specs, outcome),
        findings=[
            ReportFinding(**_keys(finding_entry(finding)), new=finding.fingerprint in outcome.new)
            for finding in outcome.findings
        ],
        waived=[
            WaivedJudgement(
                **_judgement(finding),
                reason=waiver.reason,
                by=waiver.by,
                until=waiver.until.isoformat() if waiver.until else None,
                up_to=waiver.up_to,
                new=waiver.new,
            )
            for finding, waiver in outcome.verdict.waived
        ],
        summary=ReportSummary(
            specs=variants.specs,
            added=variants.added,
            removed=variants.removed,
            changed=outcome.changed,
            unchanged=variants.unchanged,
            broken=variants.broken,
            changed_variants=variants.changed,
            files=len(outcome.files),
            untouched=outcome.untouched,
            **counts,
            new=len(outcome.new),
            fixed=outcome.fixed,
            limits=outcome.verdict.limits,
            exceeded=outcome.exceeded,
            waived=len(outcome.verdict.waived),
        ),
        exit_code=1 if outcome.failed(fail_on) else 0,
    )


def _specs(changed: list[SpecEntry], outcome: Outcome) -> list[ReportSpec]:
    """Each variant that differs, then those that do not and have a limit, with what budgets say of it."""
    specs = {(spec.path, spec.variant): _keys(spec) for spec in changed}
    budgets: dict[tuple[str, str | None], list[BudgetEntry]] = {}
    for finding in outcome.limits:
        judged = finding.judged
        if judged is not None and judged.metric:  # else it is about the configuration
            entry = BudgetEntry(metric=judged.metric, limit=judged.limit, **_judgement(finding))
            budgets.setdefault((judged.spec, finding.variant), []).append(entry)
    for path, variant in budgets:
        unchanged = {"path": path, "old_path": None, "variant": variant, "status": "unchanged"}
        specs.setdefault((path, variant), unchanged)
    return [ReportSpec(**spec, budgets=budgets.get(key, [])) for key, spec in specs.items()]


def _judgement(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "layer": finding.id_path or None,
        "file": finding.file,
        "line": finding.span.line if finding.span else None,
        "fingerprint": finding.fingerprint,
    }


def _keys(entry: Output) -> dict[str, Any]:
    """What was said of an object, for one that says more."""
    return {name: getattr(entry, name) for name in entry.model_fields_set}
