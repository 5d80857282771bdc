"""The report of `archspec ci` as Markdown: the comment on a pull request, and with more room the step's summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.analysis.metrics import BY_NAME
from archspec.ci.comment import LIMIT, length
from archspec.ci.links import NOWHERE, Links
from archspec.ci.outcome import Outcome
from archspec.policy.budgets import Headroom
from archspec.policy.checkpoints import CODE
from archspec.policy.codes import LIMITS
from archspec.render.blocks import Block, fitted, folded
from archspec.render.ci_causes import MISSED, Group, Said, grouped, said_of
from archspec.render.diff_md import (
    CHECKPOINTS,
    COMMENT,
    MARKER,
    Room,
    checkpoints,
    details,
    finding_line,
    footer,
    listed,
    more,
    place,
    table,
    title,
)
from archspec.render.diff_words import NO_CHANGE, figure
from archspec.render.markdown import code, escaped, spoken
from archspec.render.numbers import plural
from archspec.text.findings import SEVERITIES, Finding

SUMMARY = 1_024_000  # bytes of a step's summary, less than the 1,024 KiB of GitHub
WHOLE = Room(rows=1000, details=100, findings=100, folded=1000, layers=1000, causes=1000)
MARKS = {"error": "❌", "warning": "⚠️", "info": "ℹ️"}
TITLES = {  # of the findings of a policy; what is not here is about the policy itself
    **dict.fromkeys(LIMITS, "**Limits**"),
    **dict.fromkeys(("AB112", "AB113", "AB114", "AB115", "AB116", "AB117"), "**Removed or altered**"),
    CODE: CHECKPOINTS,
}
SAID = 3  # figures of a variant that are said where it misses several


def markdown(outcome: Outcome, links: Links = NOWHERE, *, summary: bool = False) -> str:
    """The report, within the room of a comment or of a step's summary: what matters least is left out first."""
    blocks = report(outcome, links, WHOLE if summary else COMMENT)
    last = footer(outcome.diff)
    if summary:
        return fitted(blocks, last, SUMMARY, "`report.html` shows", lambda text: len(text.encode("utf-8", "replace")))
    return fitted(blocks, last, LIMIT - MARKER, "the step's summary and `report.html` show", length)


def report(outcome: Outcome, links: Links, room: Room) -> list[Block]:
    """Title, figures, limits, what is wrong, causes and layers, then what is no news."""
    said = said_of(outcome)
    change = title(outcome.diff, said.rows) if outcome.diff.specs else f"### archspec: {NO_CHANGE}"
    return [
        Block(change + (f" — ❌ {', '.join(said.failures)}" if said.failures else "")),
        *table(outcome.diff, said.rows, room),
        *of_limits(outcome, said.limits, links, room),
        *listed("**Limits kept**", headroom(said.kept), room, 2),
        *of_errors(said.errors, links, room),
        *([] if any(group[0].code == CODE for group in said.limits) else checkpoints(said.rows, room)),
        *details(outcome.diff, said.rows, links, room),
        *of_lint(outcome, said, links, room),
    ]


def likewise(group: Group) -> str:
    """The messages of the first variant, and how many variants are like it."""
    first = [finding for finding in group if finding.variant == group[0].variant]
    said = "; ".join(spoken(finding.message) for finding in first[:SAID])
    rest = len({finding.variant for finding in group}) - 1
    said += f"; {plural(len(first) - SAID, 'more figure')}" if len(first) > SAID else ""
    return said + (f"; {plural(rest, 'more variant')} likewise" if rest else "")


def of_limits(outcome: Outcome, groups: Sequence[Group], links: Links, room: Room) -> list[Block]:
    """Broken limits, what waivers accept, and what else is to say of the policy."""
    removed = {spec.path for spec in outcome.diff.specs if spec.status == "removed"}
    # The base's limits hold: where the change edits them, the lines are not those of the head.
    edited = {file for file, touched in outcome.touched.items() if touched}
    lines: dict[str, list[str]] = {"**Limits**": [], "**Removed or altered**": [], CHECKPOINTS: [], "**Policy**": []}
    for group in groups:
        first = group[0]
        known = f", {code(first.fingerprint)}" if first.severity == "error" else ""
        title = TITLES.get(first.code, "**Policy**")
        where = place(first, NOWHERE if first.file in (edited if title == "**Limits**" else removed) else links)
        lines[title].append(f"{MARKS[first.severity]} {likewise(group)} ({where}{known})")
    for finding, waiver in outcome.verdict.waived:
        if waiver.new:  # AB108 says so
            continue
        until = f" until {waiver.until}" if waiver.until else ""
        said = f"waived by {spoken(waiver.by)}{until}: {spoken(finding.message)} ({spoken(waiver.reason)})"
        lines["**Limits**"].append(said)
    blocks, *others = [listed(title, some, room) for title, some in lines.items()]
    several = [group for group in groups if len(group) > 1 and group[0].severity == "error"]
    if several:
        prints = [", ".join(f"{code(f'@{one.variant}')} {code(one.fingerprint)}" for one in group) for group in several]
        named = [f"{spoken(place_of(group[0]))}: {said}" for group, said in zip(several, prints, strict=True)]
        summary = "All fingerprints, for <code>archspec accept</code>"
        blocks.append(Block(folded(summary, "\n".join(f"- {line}" for line in named)), 3, "list of fingerprints"))
    return [block for some in (blocks, *others) for block in some]


def place_of(finding: Finding) -> str:
    """Which limit of which spec a finding is about."""
    return " ".join((finding.code, *(finding.judged[:3] if finding.judged else (finding.file,))))


def headroom(kept: Iterable[Headroom]) -> list[str]:
    """A line for each spec, the one nearest to a limit first: of each figure the variant that is nearest to its."""
    tight: dict[str, dict[str, list[Headroom]]] = {}
    for limit in kept:
        tight.setdefault(limit.spec, {}).setdefault(limit.metric, []).append(limit)
    lines = []
    for spec, metrics in tight.items():
        words = []
        for name, limits in metrics.items():
            metric, most = BY_NAME[name], limits[0]
            share = f"{int(100 * most.used) or '<1'} %"
            said = f"{metric.title} {figure(metric, most.figure)} of {escaped(most.max.text)}, {share}"
            words.append(said + (f" in {code('@' + most.variant)}" if most.variant is not None else ""))
        lines.append(f"✅ {code(spec)}: {'; '.join(words)}")
    return lines


def of_errors(groups: Sequence[Group], links: Links, room: Room) -> list[Block]:
    """What is wrong with the specs."""
    lines = []
    for group in groups:
        first = group[0]
        variant = f" {code('@' + first.variant)}" if first.variant else ""
        lines.append(f"❌ {place(first, links)}{variant}: {likewise(group)}")
    blocks = listed("**Errors**", lines, room)
    if any(group[0].code == MISSED for group in groups):
        blocks.append(Block("`archspec expect --update` writes the new figures into the specs.", 1))
    return blocks


def of_lint(outcome: Outcome, said: Said, links: Links, room: Room) -> list[Block]:
    """Warnings and remarks, the new ones first, folded; then what the base had too, and what was not looked at."""
    rest = sorted(
        said.remarks,
        key=lambda finding: (finding.fingerprint not in outcome.new, SEVERITIES.index(finding.severity)),
    )
    after = []
    if outcome.old:
        summary = f"{plural(len(outcome.old), 'finding')} that the base has too"
        after.append(Block(folded(summary, finding_list(outcome.old, links, room)), 5, "list of old findings"))
    if outcome.untouched:
        after.append(Block(f"{plural(outcome.untouched, 'spec')} untouched, not looked at.", 5))
    if not (rest or outcome.fixed):
        return after
    unseen = [finding.severity for finding in rest if finding.fingerprint in outcome.new]
    new = [unseen.count("warning"), unseen.count("info")]
    errors = sum(len(group) for group in said.errors if group[0].code != MISSED)
    counts = f"{plural(errors, 'error')}, {new[0]} new {'warning' if new[0] == 1 else 'warnings'}, {new[1]} new info"
    before = sum(not finding.of_policy for finding in outcome.old) + len(rest) - sum(new)
    summary = f"Lint: {counts}, {outcome.fixed} fixed, {before} as before"
    return [Block(folded(summary, finding_list(rest, links, room)) if rest else summary, 3, "list of lint"), *after]


def finding_list(findings: Sequence[Finding], links: Links, room: Room) -> str:
    """A line for each finding, one for those of several variants."""
    lines = [finding_line(group, links) for group in grouped(findings, {})]
    return "\n".join(f"- {line}" for line in [*lines[: room.folded], *more(len(lines) - room.folded, "finding")])
