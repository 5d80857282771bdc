"""What the policy says of a difference that `archspec diff` shows."""

from __future__ import annotations

from archspec.change.model import Diff
from archspec.ci.outcome import Outcome
from archspec.ci.scope import Place
from archspec.policy.base import Base
from archspec.policy.check import check
from archspec.policy.policies import Policies
from archspec.text.findings import ordered


def with_limits(diff: Diff) -> Outcome | None:
    """A difference between a commit and the working tree with its limits; None for any other, which has no policy.

    Raises ConfigError and UsageError.
    """
    base = Base(diff.base.sha) if diff.base.sha is not None and diff.head.sha is None else None
    if base is None or base.commit.sha != diff.base.sha:
        return None
    base.ref = diff.base.name
    here = Place(base, Policies(base))
    files = [here.shown(spec.path) for spec in diff.specs if spec.status != "removed"]
    gone = [spec.old_path for spec in diff.specs if spec.status == "removed"]
    verdict = check(files, base=base, policies=here.policies, gone=gone).verdict
    findings = [*diff.findings, *verdict.findings]
    return Outcome(
        diff=diff,
        files=files,
        untouched=0,
        strict=False,
        findings=ordered(findings),
        verdict=verdict,
        new=frozenset(found.fingerprint for found in findings if not (found.judged and found.judged.inherited)),
        fixed=0,
        touched={},
    )
