"""What `archspec check` found: for people, and in the forms that findings have."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.errors import printable
from archspec.policy.check import Checked, Result
from archspec.render.findings import place
from archspec.render.findings import render as render_findings
from archspec.render.numbers import plural
from archspec.text.findings import ordered


def render(found: Checked, form: str, files: Sequence[str], *, quiet: bool = False) -> str:
    """The result in a form; ``quiet`` leaves out of the text what is as it should be."""
    findings = ordered(found.findings)
    if form == "text":
        return text(found, quiet=quiet)
    if form != "json":
        return render_findings(findings, form, files=files)
    from archspec.render.outputs.base import written
    from archspec.render.outputs.findings import check_document

    return written(check_document(found, files))


def text(found: Checked, *, quiet: bool) -> str:
    """A line for each variant, then the limits that are passed, then a summary."""
    bad = [result for result in found.results if result.problems]
    lines = [_line(result) for result in (bad if quiet else found.results)]
    limits = [one for one in ordered(found.findings) if one.of_policy]
    shown = [one for one in limits if one.severity != "info" or not quiet]
    for one in shown:
        lines.append(printable(f"{one.severity}  {place(one)}: {one.code} {one.message}"))
        if one.hint:
            lines.append(printable(f"  hint: {one.hint}"))
        if one.severity == "error":
            lines.append(f"  fingerprint {one.fingerprint}")
    if not quiet:
        lines += [printable(f"waived  {one.message} ({by.reason}; {by.by})") for one, by in found.waived]
    if bad or shown or not quiet:
        lines.append(_summary(found, len(bad), sum(one.severity == "error" for one in limits)))
    return "\n".join(lines) + "\n" if lines else ""


def _summary(found: Checked, bad: int, passed: int) -> str:
    files = len({result.spec for result in found.results})
    figures = sum(result.figures for result in found.results)
    done = f"{plural(len(found.results), 'variant')} of {plural(files, 'spec')} checked, {plural(figures, 'figure')}"
    if found.limits:
        done += f", {plural(found.limits, 'budget limit')}"
    state = [f"{bad} wrong"] * bool(bad) + [f"{plural(passed, 'limit')} failed"] * bool(passed)
    more = f"; without --base {plural(found.relative, 'limit')} not looked at" if found.relative else ""
    return f"{done}, {', '.join(state) or 'all as expected'}{more}"


def _line(result: Result) -> str:
    name = result.spec + (f"@{result.variant}" if result.variant and not result.spec.endswith(result.variant) else "")
    if result.problems:
        return "\n".join([f"wrong  {name}", *("  " + problem.replace("\n", "\n  ") for problem in result.problems)])
    return f"ok     {name}  {plural(result.figures, 'figure') if result.figures else 'no figures expected'}"
