"""The report of `archspec ci` as text and as annotations of GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from archspec.ci.outcome import Outcome
from archspec.render.ci_causes import grouped, order_of, said_of
from archspec.render.diff import render as render_diff
from archspec.render.diff_rows import Key
from archspec.render.findings import github, tally
from archspec.render.findings import text as findings_text
from archspec.render.numbers import plural
from archspec.text.findings import Finding

MOST = (
    10  # annotations of a step; GitHub drops more without a word, https://github.com/orgs/community/discussions/26680
)


def text(outcome: Outcome, *, color: bool = False) -> str:
    """The diff, then the findings: those that count, then those that the base had too."""
    parts = [
        render_diff(outcome.diff, "text", color=color),
        findings_text(outcome.brought, outcome.files, color=color),
    ]
    if outcome.old:
        parts.append(f"the base has these too, they do not fail without --strict:\n{findings_text(outcome.old)}")
    return "\n".join(parts) + untouched(outcome)


def once(findings: Iterable[Finding], order: Mapping[Key, int]) -> list[Finding]:
    """A finding for each cause, that says how many are like it."""
    first_of = [(group[0], len(group) - 1) for group in grouped(findings, order)]
    return [
        replace(first, message=f"{first.sentence}; {rest} more likewise", variant=None) if rest else first
        for first, rest in first_of
    ]


def workflow_commands(outcome: Outcome) -> str:
    """At most ten annotations, the most important first; the last says how many there are besides."""
    annotated = once(outcome.annotated(), order_of(said_of(outcome).rows))
    shown = annotated[:MOST]
    if len(annotated) > MOST:
        last = shown[-1]
        shown[-1] = replace(last, message=f"{last.message} (+{len(annotated) - MOST} more: see the summary)")
    old = f"the base has {plural(len(outcome.old), 'finding')} too, see the summary\n" if outcome.old else ""
    return github(shown) + tally(outcome.brought, len(outcome.files)) + "\n" + old + untouched(outcome)


def untouched(outcome: Outcome) -> str:
    """How many specs were not looked at."""
    if not outcome.untouched:
        return ""
    return f"{plural(outcome.untouched, 'spec')} untouched, not looked at; --strict looks at all\n"
