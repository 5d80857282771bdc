"""Findings for people, for continuous integration and for editors; all forms have ranges of lines and columns.

Every form escapes what a spec can contain: a name with a line break ends no annotation, one with ``<`` opens no tag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.errors import Span, printable
from archspec.render.escapes import command_message, command_property, xml_text
from archspec.render.json_text import dumps
from archspec.render.numbers import plural
from archspec.text.findings import severities

if TYPE_CHECKING:
    from archspec.lint.registry import Rule
    from archspec.text.findings import Finding

MOST_FIXES = 50
FORMS = ("text", "json", "github", "sarif", "gitlab", "junit")
_NOWHERE = Span(1, 1, 1, 1)
_COLORS = {"error": "31", "warning": "33", "info": "36"}


def render(
    findings: Sequence[Finding],
    form: str,
    *,
    files: Sequence[str] = (),
    rules: Mapping[str, Rule] | None = None,
    color: bool = False,
) -> str:
    """The findings in one of ``FORMS``; ``files`` are all that were looked at, ``rules`` what is known of the codes."""
    if form == "text":
        return text(findings, files, color=color)
    if form == "sarif":
        from archspec.render.sarif import sarif

        return sarif(findings, rules or {})
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.findings import findings_document

        return written(findings_document(findings, files))
    forms: dict[str, Callable[[], str]] = {
        "github": lambda: github(findings),
        "gitlab": lambda: dumps(gitlab(findings)),
        "junit": lambda: junit(findings, files),
    }
    return forms[form]()


def text(findings: Sequence[Finding], files: Sequence[str] = (), *, color: bool = False) -> str:
    """One finding a line, its hint below it, then how many there are."""
    lines = []
    for finding in findings:
        severity = f"\033[{_COLORS[finding.severity]}m{finding.severity}\033[0m" if color else finding.severity
        where = f"{printable(finding.path)}: " if finding.path else ""
        fixable = "" if finding.fix is None else " [--fix]" if finding.fix.safe else " [--unsafe-fixes]"
        message = f"{finding.code}: {where}{printable(finding.sentence)}{fixable}"
        lines.append(f"{printable(place(finding))}: {severity} {message}")
        if finding.hint:
            lines.append(f"  hint: {printable(finding.hint)}")
    return "\n".join([*lines, tally(findings, len(files))]) + "\n"


def tally(findings: Sequence[Finding], files: int = 0) -> str:
    """``2 errors, 1 warning in 2 files; 1 can be fixed with --fix``; where nothing was found, in how many files."""
    counts = severities(findings)
    words = ", ".join(
        f"{count} {name}{'s' * (count != 1 and name != 'info')}" for name, count in counts.items() if count
    )
    fixable = sum(finding.fix is not None and finding.fix.safe for finding in findings)
    more = f"; {fixable} can be fixed with --fix" if fixable else ""
    there = len({finding.file for finding in findings}) if words else files
    return (words or "no findings") + (f" in {plural(there, 'file')}" if there else "") + more


def fixes(findings: Sequence[Finding], what: str) -> str:
    """What was fixed, by name: a count, then a line for each; its place is the one before the fixes of its round."""
    files = {finding.file for finding in findings}
    lines = [f"{plural(len(findings), 'finding')} {what} in {plural(len(files), 'file')}:"]
    for finding in findings[:MOST_FIXES]:
        where = f"{printable(finding.path)}: " if finding.path else ""
        lines.append(f"  {printable(place(finding))}: {finding.code}: {where}{printable(finding.message)}")
    rest = len(findings) - MOST_FIXES
    return "".join(f"{line}\n" for line in [*lines, *([f"  and {rest:,} more"] if rest > 0 else [])])


def github(findings: Iterable[Finding]) -> str:
    """Workflow commands, which GitHub shows as annotations: https://docs.github.com/actions/reference/workflow-commands."""
    lines = []
    for finding in findings:
        span = finding.span or _NOWHERE
        properties: dict[str, Any] = {
            "file": finding.file,
            "line": span.line,
            "endLine": span.end_line,
            "col": span.column,
            "endColumn": span.end_column,
            "title": f"archspec {finding.code}",
        }
        if span.line != span.end_line:  # GitHub takes columns of one line only
            del properties["col"], properties["endColumn"]
        name = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
        lines.append(command(name, said(finding), **properties))
    return "".join(f"{line}\n" for line in lines)


def command(name: str, message: str, **properties: Any) -> str:
    """One workflow command, everything in it escaped."""
    shown = ",".join(f"{key}={command_property(str(value))}" for key, value in properties.items())
    return f"::{name} {shown}::{command_message(message)}"


def gitlab(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """GitLab's code quality report; a fingerprint that repeats in it would be dropped, so each is numbered."""
    seen: dict[str, int] = {}
    entries = []
    for finding in findings:
        span = finding.span or _NOWHERE
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        entries.append(
            {
                "description": f"{finding.code}: {said(finding)}",
                "check_name": finding.code,
                "fingerprint": finding.fingerprint if count == 1 else f"{finding.fingerprint}-{count}",
                "severity": {"error": "major", "warning": "minor", "info": "info"}[finding.severity],
                "location": {
                    "path": finding.file,
                    "lines": {"begin": span.line, "end": span.end_line},
                    "positions": {
                        "begin": {"line": span.line, "column": span.column},
                        "end": {"line": span.end_line, "column": span.end_column},
                    },
                },
            }
        )
    return entries


def junit(findings: Sequence[Finding], files: Sequence[str] = ()) -> str:
    """JUnit XML: a suite for each file, a failed case for each finding, one that passes for a file without any."""
    suites = []
    for file in dict.fromkeys([*files, *(finding.file for finding in findings)]):
        here = [finding for finding in findings if finding.file == file]
        cases = []
        shown = xml_text(file)
        for finding in here:
            line = (finding.span or _NOWHERE).line
            name, message = xml_text(f"{finding.code} {finding.path or line}"), xml_text(finding.message)
            body = "\n".join(map(xml_text, f"{printable(place(finding))}: {said(finding)}".split("\n")))
            cases += [
                f'    <testcase name="{name}" classname="{shown}" file="{shown}" line="{line}">',
                f'      <failure type="{finding.severity}" message="{message}">{body}</failure>',
                "    </testcase>",
            ]
        if not cases:
            cases = [f'    <testcase name="{shown}" classname="{shown}"/>']
        tests = f'tests="{max(len(here), 1)}" failures="{len(here)}" errors="0"'
        suites.append("\n".join([f'  <testsuite name="{shown}" {tests}>', *cases, "  </testsuite>"]))
    return (
        "\n".join(['<?xml version="1.0" encoding="utf-8"?>', '<testsuites name="archspec">', *suites, "</testsuites>"])
        + "\n"
    )


def said(finding: Finding) -> str:
    """The message with its place in the spec, its variant and its hint."""
    parts = [f"{finding.path}: {finding.sentence}" if finding.path else finding.sentence]
    if finding.hint:
        parts.append(f"hint: {finding.hint}")
    return "\n".join(map(printable, parts))


def place(finding: Finding) -> str:
    """``file:line:column``."""
    return finding.file + (f":{finding.span.line}:{finding.span.column}" if finding.span else "")
