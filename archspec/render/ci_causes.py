"""What a report says of a run, each cause once: limits and errors over the variants that are alike in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archspec.ci.outcome import Outcome
from archspec.policy.budgets import Headroom
from archspec.policy.codes import LIMITS
from archspec.render.diff_rows import Key, Row, rows_of
from archspec.render.numbers import plural
from archspec.text.findings import Finding

MISSED = "AE101"

Group = list[Finding]  # of one cause, that of the variant that changes most first


class Said(NamedTuple):
    """The lines of the overview, limits, errors of specs, other findings, and the limits that are kept."""

    rows: list[Row]
    limits: list[Group]
    errors: list[Group]
    remarks: list[Finding]
    kept: list[Headroom]

    @property
    def failures(self) -> list[str]:
        """What fails, counted by causes; of expected figures each."""
        errors = [group[0].code in LIMITS for group in self.limits if group[0].severity == "error"]
        missed = sum(len(group) for group in self.errors if group[0].code == MISSED)
        wrong = errors.count(False) + sum(group[0].code != MISSED for group in self.errors)
        counts = (
            (errors.count(True), "limit", " broken"),
            (missed, "expected figure", " missed"),
            (wrong, "error", ""),
        )
        return [f"{plural(count, what)}{how}" for count, what, how in counts if count]


def said_of(outcome: Outcome) -> Said:
    """What there is to say; of specs that the change does not touch only what is broken."""
    limits = [finding for finding in outcome.brought if finding.of_policy]
    broken = [limit for limit in limits if limit.severity == "error"]
    rows = rows_of(outcome.diff, {(limit.judged.spec, limit.variant) for limit in broken if limit.judged})
    order = order_of(rows)
    touched = {spec.path for spec in outcome.diff.specs}
    news = [
        limit for limit in limits if limit.severity == "error" or limit.judged is None or limit.judged.spec in touched
    ]
    others = [finding for finding in outcome.brought if not finding.of_policy]
    return Said(
        rows=rows,
        limits=grouped(news, order),
        errors=grouped((finding for finding in others if finding.severity == "error"), order),
        remarks=[finding for finding in others if finding.severity != "error"],
        kept=sorted((limit for limit in outcome.verdict.headroom if limit[:2] in order), key=lambda limit: -limit.used),
    )


def order_of(rows: Iterable[Row]) -> dict[Key, int]:
    """Where each variant stands in the overview."""
    variants = [(row.spec.path, variant.variant) for row in rows for variant in row.variants]
    return {variant: index for index, variant in enumerate(variants)}


def grouped(findings: Iterable[Finding], order: Mapping[Key, int]) -> list[Group]:
    """The findings by cause: one limit, one line, or what one spec is expected to have, over its variants."""

    def size(finding: Finding) -> int:
        return order.get((spec_of(finding), finding.variant), len(order))

    groups: dict[object, Group] = {}
    for finding in findings:
        said = finding.message if finding.variant is None else ""
        place = () if finding.code == MISSED else (finding.file, finding.span, said)
        limit = (finding.judged.metric, finding.judged.limit) if finding.judged else ()
        key = (finding.code, finding.severity, spec_of(finding), place, limit)
        groups.setdefault(key, []).append(finding)
    return [sorted(group, key=size) for group in groups.values()]


def spec_of(finding: Finding) -> str:
    """The spec that a finding is about."""
    return finding.judged.spec if finding.judged else finding.file
