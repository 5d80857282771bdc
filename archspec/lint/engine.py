"""Run the rules on a spec: what does not load is one finding, the rest is what the rules yield, less what is
suppressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError, CallSite, Span
from archspec.language.load import load_text
from archspec.language.parts import TREE
from archspec.lint.context import Context
from archspec.lint.editing import correction
from archspec.lint.registry import owner
from archspec.lint.settings import LintSettings
from archspec.text.findings import Finding, of_error, ordered


class Linted(NamedTuple):
    """What was found in one spec, worst first; ``loads`` is false where it is no spec at all."""

    file: str
    findings: list[Finding]
    loads: bool


def lint(text: str, file: str, settings: LintSettings, subject: Subject | None = None) -> Linted:
    """Lint one spec given as text, which ``subject`` is of; a spec that does not load is a finding, no exception."""
    try:
        spec = subject.spec if subject else load_text(text, file, TREE)
    except ArchspecError as error:
        return Linted(file, [failure(error, Context(file, text.removeprefix("\ufeff"), None))], False)
    context = Context(file, spec.document.text, spec, subject)
    enabled = settings.enabled(file)
    context.enabled = frozenset(enabled)
    findings = [replace(failure(error, context), variant=variant) for variant, error in context.analyses[1]]
    if findings and not context.runs:  # what else there is to say may follow from the error
        return Linted(file, ordered(merged(findings, set(spec.variants))), True)
    for rule in sorted(enabled.values(), key=lambda rule: rule.late):
        yielded = list(rule.check(context))
        kept = yielded if rule.late else [finding for finding in yielded if not _suppressed(finding, context)]
        findings += [replace(finding, severity=settings.severity_of(finding.code, rule.severity)) for finding in kept]
    variants = {run.variant for run in context.runs}
    return Linted(file, ordered(merged(findings, variants)), True)


def failure(error: ArchspecError, context: Context) -> Finding:
    """The finding that an error is, under the code of the rule that claims it, at its place in the file."""
    rule = owner(error)
    finding = in_file(of_error(error, context.file, rule.code if rule else "AS000"), error, context.file)
    if rule is None:
        return finding
    return replace(
        finding, hint=finding.hint or rule.manual().cure, fix=correction(error, context) if rule.fix else None
    )


def merged(findings: Iterable[Finding], variants: set[str | None]) -> list[Finding]:
    """One finding for each place and code: found in every variant it names none, else the first and how many more."""
    places: dict[tuple[str, Span | None, str], list[Finding]] = {}
    for finding in findings:
        places.setdefault((finding.code, finding.span, finding.path), []).append(finding)
    result = []
    for several in places.values():
        finding = several[0]
        named = {finding.variant for finding in several}
        if len(variants) > 1 and named >= variants:
            finding = replace(finding, variant=None)
        elif finding.variant is not None and len(named) > 1:
            rest = len(named) - 1
            finding = replace(finding, message=f"{finding.message}; in {rest} more variant{'s' * (rest > 1)} too")
        result.append(finding)
    return result


def _suppressed(finding: Finding, context: Context) -> bool:
    marks = context.suppressed.get(finding.span.line, ()) if finding.span else ()
    covering = [mark for mark in marks if mark.reason and finding.code in mark.codes]
    context.matched.update((mark, finding.code) for mark in covering)
    return bool(covering)


def in_file(finding: Finding, error: ArchspecError, file: str) -> Finding:
    """The finding of an error that arose in a standard block, at the place in the file that calls it."""
    for call in error.calls if finding.file != file else ():
        if isinstance(call, CallSite) and call.file == file:
            inner = f"{error.file}:{error.span.line}" if error.span else error.file
            span = Span(call.line, call.column, call.line, call.column + 1)
            return replace(finding, message=f"{error.message} (in {inner})", file=file, span=span, path=call.path)
    return finding
