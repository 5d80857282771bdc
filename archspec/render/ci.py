"""The report of `archspec ci` as text, as annotations of GitHub, and as the contract ``archspec.report/1``."""

from __future__ import annotations

from typing import Any

from archspec import __version__
from archspec.ci.run import Outcome
from archspec.render.diff import render as render_diff
from archspec.render.diff_json import document
from archspec.render.findings import github, tally
from archspec.render.findings import text as findings_text
from archspec.render.outputs.findings import finding_entry
from archspec.text.findings import Finding, severities

SCHEMA = "archspec.report/1"
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
    found = outcome.annotated()
    shown = found[:MOST]
    if len(found) > MOST:
        last = shown[-1]
        shown[-1] = last.replace(message=f"{last.message} (+{len(found) - MOST} more: see the summary)")
    return github(shown) + tally(outcome.findings, len(outcome.files)) + "\n"


def report(outcome: Outcome, fail_on: str) -> dict[str, Any]:
    """The contract: as of a diff, with the findings, what budgets say of each variant, and the verdict."""
    diff = document(outcome.diff)
    specs = diff["specs"]
    entries = {(each["path"], each["variant"]): each for each in specs}
    for each in specs:
        each["budgets"] = []
    for one in outcome.limits:
        if one.judged is None or not one.judged.metric:  # a finding about the configuration
            continue
        spec, metric, limit, _ = one.judged
        key = (spec, one.variant)
        if key not in entries:
            entries[key] = {"path": key[0], "old_path": None, "variant": key[1], "status": "unchanged", "budgets": []}
            specs.append(entries[key])
        entries[key]["budgets"].append({"metric": metric, "limit": limit, **judged(one)})
    counts = {f"{name}s": count for name, count in severities(outcome.findings).items()}
    return {
        **diff,
        "schema": SCHEMA,
        "tool": {"name": "archspec", "version": __version__},
        "findings": [{**finding_entry(one).data(), "new": one.fingerprint in outcome.new} for one in outcome.findings],
        "waived": [
            {
                **judged(one),
                "reason": waiver.reason,
                "by": waiver.by,
                "until": waiver.until and waiver.until.isoformat(),
            }
            for one, waiver in outcome.checked.waived
        ],
        "summary": {
            **diff["summary"],
            "files": len(outcome.files),
            "changed": outcome.changed,
            "changed_variants": diff["summary"]["changed"],
            **counts,
            "new": len(outcome.new),
            "fixed": outcome.fixed,
            "limits": outcome.checked.limits,
            "exceeded": outcome.exceeded,
            "waived": len(outcome.checked.waived),
        },
        "exit_code": int(outcome.failed(fail_on)),
    }


def judged(one: Finding) -> dict[str, Any]:
    """What a budget says."""
    return {
        "code": one.code, "severity": one.severity, "message": one.message, "layer": one.id_path or None,
        "file": one.file, "line": one.span and one.span.line, "fingerprint": one.fingerprint,
    }  # fmt: skip
