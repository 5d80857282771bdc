"""What the base had to say of the specs that are looked at: what it said too is not the change's.

A limit that the base broke already, and that the change breaks no further, is old as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from archspec.analysis.subject import Subject, Subjects, path_from
from archspec.change.diff import Known
from archspec.change.pairs import Pair
from archspec.ci.scope import Place, Scope
from archspec.errors import SpecError
from archspec.lint.engine import Linted, lint
from archspec.lint.settings import LintSettings
from archspec.policy.check import missed
from archspec.text.findings import Finding
from archspec.text.reader import decoded

OF_POLICY_ALONE = ("AB106", "AB110", "AB111")  # a budget or waiver is idle, a waiver expired: whatever the specs are


class Before:
    """The base's side of a run; its specs are read once, for the diff, for the limits and for this."""

    def __init__(self, here: Place, scope: Scope, heads: Subjects) -> None:
        self.here = here
        self.scope = scope
        self.heads = heads
        self.pairs = {here.shown(pair.path): pair for pair in scope.pairs}

    def sides(self, pair: Pair) -> Known:
        """Both sides of a pair, as far as they can be read under the names that a diff gives them."""
        file = self.here.shown(pair.path)
        if pair.head is None or not pair.path == pair.old_path == file:
            return None, None
        before, after = self.here.base.subject(file), self.heads.of(file)
        return before if isinstance(before, Subject) else None, after if isinstance(after, Subject) else None

    def against(
        self, linted: Sequence[Linted], findings: Iterable[Finding], settings: LintSettings
    ) -> tuple[frozenset[str], int]:
        """The fingerprints of findings that the base had not, and how many of lint's in the base are gone."""
        known: set[str] = set()
        fixed = 0
        for result in linted:
            before = {finding.fingerprint for finding in self.linted(result, settings)}
            if result.loads and all(finding.code != "AS000" for finding in result.findings):  # else lint saw no more
                fixed += len(before - {finding.fingerprint for finding in result.findings})
            known |= before | {finding.fingerprint for finding in self.missed(result.file)}
        return frozenset(finding.fingerprint for finding in findings if not self.had(finding, known)), fixed

    def linted(self, head: Linted, settings: LintSettings) -> list[Finding]:
        """What lint says of a file in the base."""
        pair = self.pairs.get(path_from(Path.cwd(), head.file))
        if pair is None:
            return head.findings
        if pair.base is None:
            return []
        subject = self.here.base.subject(head.file)
        try:
            return lint(
                decoded(pair.base), head.file, settings, subject if isinstance(subject, Subject) else None
            ).findings
        except SpecError:  # no UTF-8
            return []

    def missed(self, file: str) -> list[Finding]:
        """The expected figures that a file in the base misses."""
        differs = path_from(Path.cwd(), file) in self.pairs
        subject = self.here.base.subject(file) if differs else self.heads.of(file)
        return missed(subject) if isinstance(subject, Subject) else []

    def had(self, finding: Finding, known: set[str]) -> bool:
        """Whether the base had a finding, as bad as it is now."""
        if finding.of_policy:
            if finding.judged is None:
                return finding.code in OF_POLICY_ALONE and not self.scope.policy
            return finding.judged.inherited
        return finding.fingerprint in known
