"""Apply fixes until none is left: each round edits the text by position, reads it again, and proves what it must."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import Any, NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.errors import ArchspecError
from archspec.lint.engine import Linted, lint
from archspec.lint.settings import LintSettings
from archspec.text.edits import Fix, apply
from archspec.text.findings import Finding

MAX_ROUNDS = 10

Figures = dict[str | None, Any]
Place = tuple[int, int]


class Fixed(NamedTuple):
    """A text after its fixes, what is left to find in it, and the findings that were fixed."""

    text: str
    left: Linted
    fixed: list[Finding]


def fix(text: str, file: str, settings: LintSettings, *, unsafe: bool = False) -> Fixed:
    """Fix what can be fixed, with ``unsafe`` also what changes figures.

    A round's fixes do not touch each other. After each the text must load; after safe ones every variant must have the
    totals it had before. A round that fails this is made again one fix at a time, without those that break it.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    fixed: list[Finding] = []
    refused: set[tuple[str, str, str]] = set()
    current = lint(text, file, settings)
    for _ in range(MAX_ROUNDS):
        offered = [finding for finding in current.findings if finding.fix and (finding.fix.safe or unsafe)]
        fixable = [finding for finding in offered if _key(finding) not in refused]
        chosen = compatible(fixable)
        if not chosen:
            break
        after = _tried(text, file, settings, chosen, current)
        if after is None:
            for finding in chosen:
                single = _tried(text, file, settings, [finding], current)
                if single is None:
                    refused.add(_key(finding))
                else:
                    after, chosen = single, [finding]
                    break
        if after is None:
            continue
        text, current = after
        fixed += chosen
    return Fixed(mark + text, current, fixed)


def compatible(findings: Iterable[Finding]) -> list[Finding]:
    """The findings whose fixes touch no place of one before them; two texts put in at one place have no order."""
    chosen: list[Finding] = []
    taken: list[tuple[Place, Place]] = []  # ranges that are no neighbours, in order
    for finding in findings:
        assert finding.fix is not None
        ranges = [((edit.span[0], edit.span[1]), (edit.span[2], edit.span[3])) for edit in finding.fix.edits]
        if any(_touches(begin, end, taken) for begin, end in ranges):
            continue
        chosen.append(finding)
        for span in ranges:
            insort(taken, span)
    return chosen


def _touches(begin: Place, end: Place, taken: list[tuple[Place, Place]]) -> bool:
    """Whether a range overlaps or meets one of those taken."""
    index = bisect_right(taken, (begin, begin))
    before = index > 0 and taken[index - 1][1] >= begin
    return before or (index < len(taken) and taken[index][0] <= end)


def _tried(
    text: str, file: str, settings: LintSettings, findings: list[Finding], before: Linted
) -> tuple[str, Linted] | None:
    """The text with the fixes made and what is found then; None where they break the spec or change its meaning."""
    fixes: list[Fix] = [finding.fix for finding in findings if finding.fix is not None]
    after = apply(text, [edit for fix in fixes for edit in fix.edits])
    if after == text:
        return None
    linted = lint(after, file, settings)
    if not linted.loads and (before.loads or _key(linted.findings[0]) == _key(before.findings[0])):
        return None
    if before.loads and all(fix.safe for fix in fixes) and figures(text, file) != figures(after, file):
        return None
    return after, linted


def figures(text: str, file: str) -> Figures:
    """Every variant's totals; the error's message where one has none."""
    from archspec.language.load import load_text
    from archspec.language.parts import TREE

    subject = Subject(load_text(text, file, TREE), file)
    totals: Figures = {}
    for variant in cases(subject.spec):
        try:
            totals[variant] = dict(subject.report(Setting(variant)).totals)
        except ArchspecError as error:
            totals[variant] = error.message
    return totals


def _key(finding: Finding) -> tuple[str, str, str]:
    """What tells a finding from others in the same text, wherever its lines have moved."""
    return finding.code, finding.path, finding.message
