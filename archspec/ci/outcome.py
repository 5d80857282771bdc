"""What one run of `archspec ci` found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archspec.change.model import Diff
from archspec.errors import Span
from archspec.policy.review import Verdict
from archspec.text.findings import SEVERITIES, Finding

POLICY_CHANGED = "AB109"


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What one run found. ``findings`` are all of them, worst first; ``new`` the fingerprints of those that the base
    had not, ``fixed`` how many of lint's in the base are gone. ``files`` were looked at, ``untouched`` specs were not.
    With ``strict`` what the base had fails too. ``touched`` are the changed lines by file."""

    diff: Diff
    files: list[str]
    untouched: int
    strict: bool
    findings: list[Finding]
    verdict: Verdict
    new: frozenset[str]
    fixed: int
    touched: Mapping[str, frozenset[int]]

    @property
    def limits(self) -> list[Finding]:
        """Broken and endangered limits, and what else budgets say."""
        return [finding for finding in self.findings if finding.of_policy]

    @property
    def exceeded(self) -> int:
        """How many limits are broken that count."""
        return sum(finding.severity == "error" and finding.of_policy for finding in self.brought)

    @property
    def old(self) -> list[Finding]:
        """What the base had too: it does not fail but with ``strict``."""
        return [] if self.strict else [finding for finding in self.findings if finding.fingerprint not in self.new]

    @property
    def brought(self) -> list[Finding]:
        """The findings that count: those that the base had not, with ``strict`` all."""
        return [finding for finding in self.findings if self.strict or finding.fingerprint in self.new]

    @property
    def changed(self) -> bool:
        """Whether a figure changed, or the policy that bounds them."""
        return any(spec.numeric for spec in self.diff.specs) or POLICY_CHANGED in {
            finding.code for finding in self.findings
        }

    def failed(self, fail_on: str) -> bool:
        """Whether there is a finding that counts and is as bad as ``fail_on``: error, warning, or never."""
        if fail_on == "never":
            return False
        worst = SEVERITIES.index("error" if fail_on == "error" else "warning")
        return any(SEVERITIES.index(finding.severity) <= worst for finding in self.brought)

    def annotated(self) -> list[Finding]:
        """The findings worth a note in the code, most important first: worst, then those on changed lines."""
        worth = [finding for finding in self.brought if finding.severity != "info" or finding.fingerprint in self.new]
        return sorted(
            map(self.at_cause, worth),
            key=lambda finding: (SEVERITIES.index(finding.severity), not self.inside(finding)),
        )

    def at_cause(self, finding: Finding) -> Finding:
        """A broken limit at the first edit that may have broken it, where reviewers look."""
        if finding.judged is None:
            return finding
        for spec in self.diff.specs:
            edits = [
                edit
                for variant in spec.variants
                if variant.variant == finding.variant
                for cause in variant.causes
                for edit in cause.edits
            ]
            if edits and spec.path == finding.judged.spec:
                place = f"{finding.file}:{finding.span.line}" if finding.span else finding.file
                span = Span(edits[0].line, 1, edits[0].line, 1)
                return replace(finding, file=spec.path, span=span, path="", message=f"{finding.message} ({place})")
        return finding

    def inside(self, finding: Finding) -> bool:
        """Whether a finding lies on a changed line."""
        lines = self.touched.get(finding.file, frozenset())
        return finding.span is not None and not lines.isdisjoint(range(finding.span.line, finding.span.end_line + 1))
