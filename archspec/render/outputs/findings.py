"""``archspec.findings/1`` and ``archspec.check/1``: what `archspec lint` and `archspec check` found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archspec.errors import Span
from archspec.policy.check import Checked
from archspec.render.outputs.base import ARCHSPEC, Count, Digits, Line, Output, Tool
from archspec.text.edits import Fix
from archspec.text.findings import Finding, Severity, ordered, severities


class EditEntry(Output):
    """Replace a range by a text."""

    line: Line | None
    col: Line | None
    end_line: Line | None
    end_col: Line | None
    text: str


class FixEntry(Output):
    """What would remove a finding."""

    title: str
    safe: bool
    """Whether no figure and no meaning changes."""
    edits: list[EditEntry]


class FindingEntry(Output):
    """One finding; lines and columns count from 1, the end is exclusive."""

    code: str
    severity: Severity
    message: str
    hint: str | None
    file: str
    line: Line | None
    col: Line | None
    end_line: Line | None
    end_col: Line | None
    path: str
    """The place in the spec, such as layers.3.conv.kernel."""
    id_path: str
    """The layer of the network."""
    variant: str | None
    fingerprint: Digits
    """Outlives line numbers and wording."""
    fix: FixEntry | None


class Counts(Output):
    """How many findings there are."""

    files: Count
    errors: Count
    warnings: Count
    infos: Count
    fixable: Count


class FindingsDocument(Output):
    """What was found, worst first."""

    schema_: Literal["archspec.findings/1"]
    tool: Tool
    findings: list[FindingEntry]
    summary: Counts


class ResultEntry(Output):
    """One variant of one spec."""

    spec: str
    variant: str | None
    figures: Count
    """How many figures it expects."""
    problems: list[str]
    """What is wrong; empty where all is as expected."""


class WaivedEntry(Output):
    """A finding that a waiver accepts."""

    fingerprint: Digits
    code: str
    message: str
    reason: str
    by: str
    until: str | None
    """The last day the waiver holds."""
    up_to: int | None
    """The worst figure that is accepted."""
    new: bool
    """Whether the change itself brings the waiver."""


class CheckDocument(Output):
    """What `archspec check` found."""

    schema_: Literal["archspec.check/1"]
    tool: Tool
    findings: list[FindingEntry]
    summary: Counts
    results: list[ResultEntry]
    waived: list[WaivedEntry]


def findings_document(findings: Sequence[Finding], files: Sequence[str] = ()) -> FindingsDocument:
    """The findings of files."""
    return FindingsDocument(
        schema_="archspec.findings/1",
        tool=ARCHSPEC,
        findings=[finding_entry(finding) for finding in findings],
        summary=_counts(findings, files),
    )


def check_document(checked: Checked, files: Sequence[str]) -> CheckDocument:
    """What checking the files found."""
    findings = ordered(checked.findings)
    return CheckDocument(
        schema_="archspec.check/1",
        tool=ARCHSPEC,
        findings=[finding_entry(finding) for finding in findings],
        summary=_counts(findings, files),
        results=[ResultEntry(**result._asdict()) for result in checked.results],
        waived=[
            WaivedEntry(
                fingerprint=finding.fingerprint,
                code=finding.code,
                message=finding.message,
                reason=waiver.reason,
                by=waiver.by,
                until=waiver.until.isoformat() if waiver.until else None,
                up_to=waiver.up_to,
                new=waiver.new,
            )
            for finding, waiver in checked.verdict.waived
        ],
    )


def finding_entry(finding: Finding) -> FindingEntry:
    """One finding."""
    return FindingEntry(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        hint=finding.hint,
        file=finding.file,
        **span_keys(finding.span),
        path=finding.path,
        id_path=finding.id_path,
        variant=finding.variant,
        fingerprint=finding.fingerprint,
        fix=finding.fix and _fix(finding.fix),
    )


def span_keys(span: Span | None) -> dict[str, int | None]:
    """A range as keys of an entry."""
    line, column, end_line, end_column = span or (None, None, None, None)
    return {"line": line, "col": column, "end_line": end_line, "end_col": end_column}


def _fix(fix: Fix) -> FixEntry:
    edits = [EditEntry(**span_keys(edit.span), text=edit.text) for edit in fix.edits]
    return FixEntry(title=fix.title, safe=fix.safe, edits=edits)


def _counts(findings: Sequence[Finding], files: Sequence[str]) -> Counts:
    counts = {f"{name}s": count for name, count in severities(findings).items()}
    return Counts(files=len(files), **counts, fixable=sum(finding.fix is not None for finding in findings))
