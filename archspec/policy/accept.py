"""`archspec accept`: from a fingerprint to a waiver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from archspec.change.git import Repository
from archspec.errors import UsageError
from archspec.policy.base import Base
from archspec.policy.check import check, named
from archspec.policy.policies import Policies
from archspec.policy.toml import shown
from archspec.policy.waivers import add_waiver, waived_already
from archspec.text.findings import Finding

NEWS = ("AB108", "AB109", "AB110", "AB111", "AB118")  # nothing that could be accepted


def accept(
    fingerprint: str,
    specs: Sequence[str],
    *,
    reason: str,
    by: str | None,
    until: date | None,
    base: str | None = None,
    config: str | None = None,
    today: date | None = None,
) -> tuple[str, Finding]:
    """Write the waiver of a finding of a budget, and return its file and the finding.

    The specs are checked first: only what is found can be waived. Raises UsageError and ConfigError.
    """
    bases = [Base(base)] if base is not None else [*upstream(), None]
    for against in bases:
        policies = Policies(against, config)
        names = named(specs, policies)
        checked = check(names, base=against, policies=policies, today=today, everything=not specs)
        if fingerprint in {finding.fingerprint for finding in (*checked.findings, *dict(checked.verdict.waived))}:
            break
    for finding, waiver in checked.verdict.waived:
        if finding.fingerprint == waiver.fingerprint == fingerprint:
            raise waived_already(waiver)
    judged = [finding for finding in checked.findings if finding.of_policy]
    followed = [finding for finding, _ in checked.verdict.waived]  # by waivers under their names before the change
    accepted = next((finding for finding in (*judged, *followed) if finding.fingerprint == fingerprint), None)
    if accepted is None or accepted.code in NEWS:
        known = [finding.fingerprint for finding in judged if finding.severity == "error"]
        near = f"there are {', '.join(known[:5])}" if known else "`archspec check` and `archspec ci` print them"
        raise UsageError(f"no finding of the policy has the fingerprint {fingerprint}", hint=near)
    user = by if by is not None else _user()
    path = add_waiver(checked.verdict.folder, accepted, reason, user, until, today or date.today())
    return shown(path), accepted


def upstream() -> list[Base]:
    """The base of a change of the default branch, where there is one."""
    try:
        return [Base(Repository().upstream().sha)]
    except UsageError:
        return []


def _user() -> str:
    """The name that git signs commits with. Raises UsageError where there is none."""
    import subprocess

    command = ["git", "config", "user.name"]
    try:
        name = subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout.strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    if not name:
        raise UsageError("who accepts it?", hint="say it with --by NAME")
    return name
