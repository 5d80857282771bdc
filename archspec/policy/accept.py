"""`archspec accept`: from a fingerprint to a waiver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from archspec.errors import UsageError
from archspec.policy.check import check, named
from archspec.policy.toml import shown
from archspec.policy.waivers import add_waiver
from archspec.text.findings import Finding


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
    names = named(specs, config)
    checked = check(names, base=base, config=config, today=today, everything=not specs)
    for finding, waiver in checked.waived:
        if finding.fingerprint == fingerprint:
            place = f"{waiver.file}:{waiver.span.line}" if waiver.span else waiver.file
            raise UsageError(f"{fingerprint} is waived already: {place}", hint="change it there")
    judged = [finding for finding in checked.findings if finding.of_policy]
    accepted = next((finding for finding in judged if finding.fingerprint == fingerprint), None)
    if accepted is None or accepted.code in ("AB109", "AB110", "AB111"):
        known = [finding.fingerprint for finding in judged if finding.severity == "error"]
        near = f"there are {', '.join(known[:5])}" if known else "`archspec check` prints them"
        more = "" if base else "; limits relative to a base are looked at with --base REF"
        raise UsageError(f"no budget has a finding with the fingerprint {fingerprint}", hint=near + more)
    folder = Path(accepted.file).resolve().parent
    path = add_waiver(folder, accepted, reason, by if by is not None else _user(), until, today or date.today())
    return shown(path), accepted


def _user() -> str:
    """The name that git signs commits with. Raises UsageError where there is none."""
    import subprocess

    try:
        done = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
        name = done.stdout.strip()
    except OSError:
        name = ""
    if not name:
        raise UsageError("who accepts it?", hint="say it with --by NAME")
    return name
