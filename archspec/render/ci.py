"""The report of `archspec ci` as text and as annotations of GitHub."""

from __future__ import annotations

from dataclasses import replace

from archspec.ci.run import Outcome
from archspec.render.diff import render as render_diff
from archspec.render.findings import github, tally
from archspec.render.findings import text as findings_text

MOST = (
    10  # annotations of a step; GitHub drops more without a word, https://github.com/orgs/community/discussions/26680
)


def text(outcome: Outcome, *, color: bool = False) -> str:
    """The diff, then the findings."""
    parts = [
        render_diff(outcome.diff, "text", color=color),
        findings_text(outcome.findings, outcome.files, color=color),
    ]
    return "\n".join(parts)


def workflow_commands(outcome: Outcome) -> str:
    """At most ten annotations, the most important first; the last says how many there are besides."""
    annotated = outcome.annotated()
    shown = annotated[:MOST]
    if len(annotated) > MOST:
        last = shown[-1]
        shown[-1] = replace(last, message=f"{last.message} (+{len(annotated) - MOST} more: see the summary)")
    return github(shown) + tally(outcome.findings, len(outcome.files)) + "\n"
