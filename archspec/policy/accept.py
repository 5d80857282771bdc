"""`archspec accept`: from a fingerprint to a waiver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from archspec.errors import UsageError
from archspec.policy.budgets import CODES
from archspec.policy.check import check, named
from archspec.policy.toml import shown
from archspec.policy.waivers import add_waiver
from archspec.text.findings import Finding


def accept(
    fingerprint: str, specs: Sequence[str], *, reason: str, by: str | None, until: date | None, base: str | None = None,
    config: str | None = None, today: date | None = None,
) -> tuple[str, Finding]:  # fmt: skip
    """Write the waiver of a finding of a budget, and return its file and the finding.

    The specs are checked first: only what is found can be waived. Raises UsageError and ConfigError.
    """
    names = named(specs, config)
    checked = check(names, base=base, config=config, today=today, everything=not specs)
    for finding, waiver in checked.waived:
        if finding.fingerprint == fingerprint:
            place = f"{waiver.file}:{waiver.span.line}" if waiver.span else waiver.file
            raise UsageError(f"{fingerprint} is waived already: {place}", hint="change it there")
    found = next((one for one in checked.findings if one.fingerprint == fingerprint and one.code in CODES), None)
    if found is None or found.code in ("AB109", "AB110", "AB111"):
        known = [one.fingerprint for one in checked.findings if one.code in CODES and one.severity == "error"]
        near = f"there are {', '.join(known[:5])}" if known else "`archspec check` prints them"
        more = "" if base else "; limits relative to a base are looked at with --base REF"
        raise UsageError(f"no budget has a finding with the fingerprint {fingerprint}", hint=near + more)
    folder = Path(found.file).resolve().parent
    path = add_waiver(folder, found, reason, by if by is not None else _user(), until, today or date.today())
    return shown(path), found


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
