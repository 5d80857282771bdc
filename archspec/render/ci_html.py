"""The report of `archspec ci` as one HTML page: that of the diff, with limits and findings."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.metrics import BY_NAME
from archspec.ci.outcome import Outcome
from archspec.render.ci_causes import Group, Said, grouped, said_of
from archspec.render.diff_html import header, overview, place, sections, tagged, whole, wrong
from archspec.render.diff_words import figure
from archspec.render.html_page import code, folded, meter, table, text


def page(outcome: Outcome) -> str:
    """The page."""
    said = said_of(outcome)
    parts = [
        header(outcome.diff, said.rows, said.failures),
        *overview(outcome.diff, said.rows),
        *limits(outcome, said),
        *wrong(said.errors, "Errors"),
        *sections(outcome.diff, said.rows),
        *wrong(grouped(said.remarks, {}), "Warnings and remarks"),
        *wrong(grouped(outcome.old, {}), "The base has these too"),
    ]
    return whole(outcome.diff, parts)


def limits(outcome: Outcome, said: Said) -> Iterator[str]:
    """Broken limits, what else budgets say, and how much of those that are kept is used."""
    rows = list(map(judged, said.limits))
    for finding, waiver in outcome.verdict.waived:
        if waiver.new:  # AB108 says so
            continue
        words = f"{finding.message} ({waiver.reason}; {waiver.by})"
        rows.append([tagged("quiet", "waived"), text(words), code(place(finding))])
    for limit in said.kept:
        name = limit.spec + (f"@{limit.variant}" if limit.variant is not None else "")
        metric = BY_NAME[limit.metric]
        words = f"{code(name)} {metric.title} {figure(metric, limit.figure)} of {text(limit.max.text)}"
        share = f"{int(100 * limit.used) or '&lt;1'} %"
        rows.append([tagged("good", "kept"), words, f"{share}{meter(float(limit.used))}"])
    if rows:
        yield "<h2>Limits</h2>"
        yield table("limits", ["", "limit", "place, or used"], rows, (False, False, True))


def judged(group: Group) -> list[str]:
    """A line for what a budget says of the variants of a spec, those behind the first folded."""
    first, *rest = group
    error = first.severity == "error"
    tag = tagged("bad" if error else "quiet", "broken" if error else first.severity)
    others = folded(f"{len(rest)} likewise", *(f"<p>{text(one.message)}</p>" for one in rest)) if rest else ""
    return [tag, text(first.message) + others, code(place(first))]
