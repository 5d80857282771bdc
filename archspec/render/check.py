"""What `archspec check` found: for people, and in the forms that findings have."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.errors import printable
from archspec.policy.check import Checked, Result
from archspec.policy.codes import LIMITS
from archspec.render.findings import place
from archspec.render.findings import render as render_findings
from archspec.render.numbers import plural
from archspec.text.findings import ordered


def render(checked: Checked, form: str, files: Sequence[str], *, quiet: bool = False) -> str:
    """The result in a form; ``quiet`` leaves out of the text what is as it should be."""
    findings = ordered(checked.findings)
    if form == "text":
        return text(checked, quiet=quiet)
    if form != "json":
        return render_findings(findings, form, files=files)
    from archspec.render.outputs.base import written
    from archspec.render.outputs.findings import check_document

    return written(check_document(checked, files))


def text(checked: Checked, *, quiet: bool) -> str:
    """A line for each variant, then the limits that are passed, then a summary."""
    bad = [result for result in checked.results if result.problems]
    lines = [_line(result) for result in (bad if quiet else checked.results)]
    limits = [finding for finding in ordered(checked.findings) if finding.of_policy]
    shown = [finding for finding in limits if finding.severity != "info" or not quiet]
    for finding in shown:
        lines.append(printable(f"{finding.severity}  {place(finding)}: {finding.code} {finding.message}"))
        if finding.hint:
            lines.append(printable(f"  hint: {finding.hint}"))
        if finding.severity == "error":
            lines.append(f"  fingerprint {finding.fingerprint}")
    if not quiet:
        lines += [
            printable(f"waived  {finding.message} ({by.reason}; {by.by})") for finding, by in checked.verdict.waived
        ]
    if bad or shown or not quiet:
        failed = [finding.code in LIMITS for finding in limits if finding.severity == "error"]
        lines.append(_summary(checked, len(bad), failed.count(True), failed.count(False)))
    return "\n".join(lines) + "\n" if lines else ""


def _summary(checked: Checked, bad: int, passed: int, others: int) -> str:
    files = len({result.spec for result in checked.results})
    verdict = checked.verdict
    figures = sum(result.figures for result in checked.results)
    counted = plural(figures, "figure") if figures else "no figures expected"
    done = f"{plural(len(checked.results), 'variant')} of {plural(files, 'spec')} checked, {counted}"
    if verdict.limits:
        done += f", {plural(verdict.limits, 'budget limit')}"
    state = [f"{bad} wrong"] * bool(bad) + [f"{plural(passed, 'limit')} failed"] * bool(passed)
    state += [plural(others, "error") + " of the policy"] * bool(others)
    more = f"; without --base {plural(verdict.relative, 'limit')} not looked at" if verdict.relative else ""
    if not state and figures:
        state = ["all as expected"]
    elif not state and verdict.limits > verdict.relative and not verdict.waived:
        state = ["all kept"]
    state += [f"{len(verdict.waived)} waived"] * bool(verdict.waived)
    return ", ".join([done, *state]) + more


def _line(result: Result) -> str:
    name = result.spec + (f"@{result.variant}" if result.variant and not result.spec.endswith(result.variant) else "")
    name = printable(name)
    if result.problems:
        return "\n".join([f"wrong  {name}", *("  " + problem.replace("\n", "\n  ") for problem in result.problems)])
    return f"ok     {name}  {plural(result.figures, 'figure') if result.figures else 'no figures expected'}"
