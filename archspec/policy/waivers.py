"""Waivers: findings of budgets that somebody accepted, with a reason, a name and, often, a date to look again.

They stand in .archspec/waivers.toml beside the configuration, one table each::

    [[waiver]]
    fingerprint = "3f2a90c1b7de"
    code = "AB101"
    reason = "wider head for the new vocabulary, agreed in #42"
    by = "Ada Lovelace"
    until = 2030-01-31
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from archspec.errors import ConfigError, Span, UsageError, printable
from archspec.policy.lock import locked
from archspec.policy.toml import Reader, Toml, read_file, shown
from archspec.text.edits import write_whole
from archspec.text.findings import Finding

PLACE = Path(".archspec") / "waivers.toml"


class Waiver(NamedTuple):
    """An accepted finding, and where the waiver stands."""

    fingerprint: str
    code: str
    reason: str
    by: str
    until: date | None
    file: str
    span: Span | None


class Applied(NamedTuple):
    """Findings that remain, and those that a waiver takes away."""

    findings: list[Finding]
    waived: list[tuple[Finding, Waiver]]


def read_waivers(folder: Path, read: Reader = read_file) -> tuple[Waiver, ...]:
    """The waivers beside a configuration. Raises ConfigError."""
    path = folder / PLACE
    text = read(path)
    if text is None:
        return ()
    from archspec.policy.waiver_model import WaiverFile

    toml = Toml(text, shown(path))
    waivers: dict[str, Waiver] = {}
    for index, entry in enumerate(toml.checked(WaiverFile, toml.data).waiver):
        keys = ("waiver", index, "fingerprint")
        first = waivers.get(entry.fingerprint)
        if first is not None:
            line = first.span.line if first.span else 0
            raise toml.error(f"a second waiver for {entry.fingerprint}; the first stands on line {line}", *keys)
        waivers[entry.fingerprint] = Waiver(**dict(entry), file=toml.file, span=toml.span(*keys))
    return tuple(waivers.values())


def apply_waivers(
    findings: Iterable[Finding], waivers: Iterable[Waiver], today: date, unmatched: Iterable[str] = ()
) -> Applied:
    """Take waived findings out; an expired waiver is a finding and takes nothing.

    ``unmatched`` are the codes that were looked for everywhere: a waiver of one without a finding is itself one.
    """
    by_fingerprint = {waiver.fingerprint: waiver for waiver in waivers}
    codes = frozenset(unmatched)
    kept: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    matched = set()
    for finding in findings:
        waiver = by_fingerprint.get(finding.fingerprint)
        if waiver is None:
            kept.append(finding)
            continue
        matched.add(waiver.fingerprint)
        if _expired(waiver, today):
            kept.append(finding)
        else:
            waived.append((finding, waiver))
    for waiver in by_fingerprint.values():
        if _expired(waiver, today):
            message = f"the waiver of {waiver.fingerprint} ({waiver.code}) by {waiver.by} expired on {waiver.until}"
            hint = "decide again: a new date and reason, or keep the limit and take it out"
            kept.append(_finding("AB110", waiver, message, hint))
        elif waiver.fingerprint not in matched and waiver.code in codes:
            message = f"the waiver of {waiver.fingerprint} ({waiver.code}) by {waiver.by} has no finding any more"
            kept.append(_finding("AB111", waiver, message, "take it out"))
    return Applied(kept, waived)


def _expired(waiver: Waiver, today: date) -> bool:
    return waiver.until is not None and waiver.until < today


def _finding(code: str, waiver: Waiver, message: str, hint: str) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        message=message,
        file=waiver.file,
        span=waiver.span,
        hint=hint,
        values=(waiver.fingerprint,),
    )


def add_waiver(folder: Path, finding: Finding, reason: str, by: str, until: date | None, today: date) -> Path:
    """Write a waiver behind those that are there, and return the file. Raises UsageError and ConfigError."""
    for name, text in (("reason", reason), ("name", by)):
        if not text.strip():
            raise UsageError(f"a waiver needs a {name} that says something")
    if until is not None and until < today:
        raise UsageError(f"{until} is over, the waiver would not hold")
    path = folder / PLACE
    lines = [
        "[[waiver]]",
        f'fingerprint = "{finding.fingerprint}"',
        f'code = "{finding.code}"  # {printable(finding.message)}',
        f"reason = {_basic(reason)}",
        f"by = {_basic(by)}",
        *([f"until = {until.isoformat()}"] if until else []),
    ]
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be made: {error.strerror}", file=shown(path.parent)) from None
    with locked(path):
        for waiver in read_waivers(folder):
            if waiver.fingerprint == finding.fingerprint:
                place = f"{waiver.file}:{waiver.span.line}" if waiver.span else waiver.file
                raise UsageError(f"{finding.fingerprint} has a waiver already: {place}", hint="change it there")
        before = read_file(path) or ""
        if before:
            before = before.rstrip("\n") + "\n\n"
        write_whole(path, before + "\n".join(lines) + "\n")
    return path


def _basic(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, DEL apart. What is no Unicode is a question mark."""
    import json

    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
