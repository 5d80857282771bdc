"""The report of `archspec ci` as Markdown: the comment on a pull request, and with more room the step's summary."""

from __future__ import annotations

from archspec.ci.run import Outcome
from archspec.errors import printable
from archspec.render.diff_md import (
    GITHUB,
    ROOMS,
    Room,
    code,
    details,
    findings,
    finished,
    headline,
    more,
    spoken,
    table,
)
from archspec.render.diff_words import NO_CHANGE
from archspec.render.numbers import plural
from archspec.text.findings import SEVERITIES, Finding

SUMMARY = 1_024_000  # bytes of a step's summary, less than the 1,024 KiB of GitHub
WHOLE = Room(1000, 1000, 1000, 10_000, 1000)
OPEN = 5  # errors that are shown at once, the others are folded
MARKS = {"error": "❌", "warning": "⚠️", "info": "ℹ️"}


def markdown(outcome: Outcome, *, summary: bool = False) -> str:
    """The report, within the room of a comment or of a step's summary: what matters least is left out first."""
    most = SUMMARY if summary else GITHUB - 200  # the marker goes before it
    text = ""
    for index, room in enumerate([WHOLE, *ROOMS] if summary else ROOMS):
        text = report(outcome, room, cut=index > 0)
        if len(text.encode() if summary else text) <= most:
            break
    return text


def report(outcome: Outcome, room: Room, *, cut: bool) -> str:
    """The report with so much of everything: figures, limits, causes and layers, errors, then other findings."""
    errors = [finding for finding in others(outcome) if finding.severity == "error"]
    broken = [finding for finding in outcome.limits if finding.severity == "error"]
    marked = {(finding.judged.spec, finding.variant) for finding in broken if finding.judged}
    update = ["`archspec expect --update` writes the new figures into the specs."] if misses(errors) else []
    parts = [
        f"### archspec: {title(outcome)}",
        *table(outcome.diff, room, marked),
        *limits(outcome, room),
        *details(outcome.diff, room),
        *findings(errors[:OPEN], room),
        *folded(f"{plural(len(errors) - OPEN, 'more error')}", errors[OPEN:], room),
        *update,
        *lint_findings(outcome, room),
    ]
    return finished(outcome.diff, parts, cut=cut)


def title(outcome: Outcome) -> str:
    """The change, and how it fails."""
    change = headline(outcome.diff) if outcome.diff.specs else NO_CHANGE
    bad = [f"{plural(outcome.exceeded, 'limit')} broken"] if outcome.exceeded else []
    errors = sum(finding.severity == "error" for finding in others(outcome))
    bad += [plural(errors, "error")] if errors else []
    return f"{change} — ❌ {', '.join(bad)}" if bad else change


def others(outcome: Outcome) -> list[Finding]:
    """All findings but those of budgets."""
    return [finding for finding in outcome.findings if finding not in outcome.limits]


def limits(outcome: Outcome, room: Room) -> list[str]:
    """Broken limits and what else budgets and waivers say."""
    judged = outcome.limits
    lines = [
        f"- {MARKS[finding.severity]} {spoken(finding.message)} ({place(finding)}{known_as(finding)})"
        for finding in judged[: room.findings]
    ]
    lines += [f"- {said}" for said in more(len(judged) - room.findings, "limit")]
    for finding, waiver in outcome.checked.waived[: room.findings]:
        until = f" until {waiver.until}" if waiver.until else ""
        lines.append(f"- waived by {spoken(waiver.by)}{until}: {spoken(finding.message)} ({spoken(waiver.reason)})")
    return ["**Limits**\n\n" + "\n".join(lines)] if lines else []


def place(finding: Finding) -> str:
    """Where a finding stands."""
    return code(printable(finding.file) + (f":{finding.span.line}" if finding.span else ""))


def known_as(finding: Finding) -> str:
    """The fingerprint of what can be waived."""
    return f", {code(finding.fingerprint)}" if finding.severity == "error" else ""


def misses(errors: list[Finding]) -> bool:
    """Whether an expected figure is not reached."""
    return any(finding.code == "AE101" for finding in errors)


def folded(summary: str, listed: list[Finding], room: Room) -> list[str]:
    """Findings behind a line that opens them."""
    return [f"<details><summary>{summary}</summary>", *findings(listed, room), "</details>"] if listed else []


def lint_findings(outcome: Outcome, room: Room) -> list[str]:
    """Warnings and remarks, the new ones first."""
    rest = [finding for finding in others(outcome) if finding.severity != "error"]
    rest.sort(key=lambda finding: (finding.fingerprint not in outcome.new, SEVERITIES.index(finding.severity)))
    errors = sum(finding.severity == "error" for finding in others(outcome))
    if not (rest or outcome.fixed):
        return []
    unseen = [finding.severity for finding in rest if finding.fingerprint in outcome.new]
    new = [unseen.count("warning"), unseen.count("info")]
    counts = f"{plural(errors, 'error')}, {new[0]} new {'warning' if new[0] == 1 else 'warnings'}, {new[1]} new info"
    summary = f"Lint: {counts}, {outcome.fixed} fixed, {len(rest) - sum(new)} as before"
    return folded(summary, rest, room) or [summary]
