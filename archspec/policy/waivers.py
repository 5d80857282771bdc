"""Waivers: findings of budgets that somebody accepted, with a reason, a name and, often, a date to look again.

They stand in .archspec/waivers.toml beside the configuration, one table each::

    [[waiver]]
    fingerprint = "3f2a90c1b7de"
    code = "AB101"
    up-to = 25_600_000
    reason = "wider head for the new vocabulary, agreed in #42"
    by = "Ada Lovelace"
    until = 2030-01-31
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from archspec.errors import ConfigError, Span, UsageError, printable
from archspec.policy.codes import BY_CODE
from archspec.policy.lock import locked
from archspec.policy.toml import Reader, Toml, read_file, shown
from archspec.text.edits import Edit, apply
from archspec.text.findings import Finding
from archspec.text.writing import write_whole

PLACE = Path(".archspec") / "waivers.toml"


class Waiver(NamedTuple):
    """An accepted finding, and where the waiver stands; ``new`` for one that the change itself brings."""

    fingerprint: str
    code: str
    up_to: int | None
    reason: str
    by: str
    until: date | None
    file: str
    span: Span | None
    new: bool = False

    def holds(self, finding: Finding) -> bool:
        """Whether a finding with its fingerprint is no worse than what was accepted."""
        if finding.judged is None or not finding.judged.metric:
            return True
        figure, up_to = finding.judged.figure, self.up_to
        return up_to is not None and (figure >= up_to if finding.code == "AB102" else figure <= up_to)

    def says_as(self, other: Waiver) -> bool:
        """Whether both accept the same."""
        return (self.fingerprint, self.up_to, self.until) == (other.fingerprint, other.up_to, other.until)


class Applied(NamedTuple):
    """Findings that remain, and those that a waiver takes away."""

    findings: list[Finding]
    waived: list[tuple[Finding, Waiver]]


def read_waivers(folder: Path, read: Reader = read_file) -> tuple[Waiver, ...]:
    """The waivers beside a configuration. Raises ConfigError."""
    return waivers_in(folder / PLACE, read)


def waivers_in(path: Path, read: Reader = read_file) -> tuple[Waiver, ...]:
    """The waivers in a file; none where there is no such file. Raises ConfigError."""
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


def of_change(merged: Iterable[Waiver], there: Iterable[Waiver]) -> list[Waiver]:
    """The waivers of a change: those of its base, then those that only it has, as ``new``."""
    old = list(merged)
    return [*old, *(waiver._replace(new=True) for waiver in there if not any(map(waiver.says_as, old)))]


def apply_waivers(
    findings: Iterable[Finding],
    waivers: Iterable[Waiver],
    today: date,
    unmatched: Iterable[str] = (),
    there: Sequence[Waiver] | None = None,
    counts: Callable[[Finding, Waiver], bool] = lambda finding, waiver: True,
) -> Applied:
    """Take waived findings out, also those whose waiver has their name before a change; an expired waiver is a finding
    and takes nothing, nor does one that does not count for a finding.

    ``unmatched`` are the codes that were looked for everywhere: a waiver of one without a finding is itself one. This
    is said of the waivers that are ``there`` to be taken out, by default of all.
    """
    by_fingerprint: dict[str, list[Waiver]] = {}
    for waiver in (known := list(waivers)):
        by_fingerprint.setdefault(waiver.fingerprint, []).append(waiver)
    codes = frozenset(unmatched)
    kept: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    matched: set[str] = set()
    for finding in findings:
        several = [waiver for known in finding.fingerprints for waiver in by_fingerprint.get(known, [])]
        matched.update(waiver.fingerprint for waiver in several)
        valid = [waiver for waiver in several if not _expired(waiver, today) and counts(finding, waiver)]
        holding = next((waiver for waiver in valid if waiver.holds(finding)), None)
        if holding is not None:
            waived.append((finding, holding))
        else:
            kept.append(replace(finding, hint=_too_little(valid[-1])) if valid else finding)
    for waiver in known if there is None else there:
        if _expired(waiver, today):
            message = f"the waiver of {waiver.fingerprint} ({waiver.code}) by {waiver.by} expired on {waiver.until}"
            hint = "decide again: a new date and reason, or keep the limit and take it out"
            kept.append(_finding("AB110", waiver, message, hint))
        elif waiver.fingerprint not in matched and waiver.code in codes:
            message = f"the waiver of {waiver.fingerprint} ({waiver.code}) by {waiver.by} has no finding any more"
            kept.append(_finding("AB111", waiver, message, "take it out"))
    return Applied(kept, waived)


def _too_little(waiver: Waiver) -> str:
    if waiver.up_to is None:
        return f"the waiver by {waiver.by} has no `up-to`: it accepts no figure"
    return f"the waiver by {waiver.by} holds up to {waiver.up_to:,}"


def accepted_here(finding: Finding, waiver: Waiver) -> Finding:
    """That a change accepts a finding by a waiver of its own."""
    up_to = f" up to {waiver.up_to:,}" if waiver.up_to is not None else ""
    message = f"accepted here by {waiver.by}{up_to}, holds after the merge: {finding.message} ({waiver.reason})"
    return replace(_finding("AB108", waiver, message, None), variant=finding.variant, judged=finding.judged)


def _expired(waiver: Waiver, today: date) -> bool:
    return waiver.until is not None and waiver.until < today


def _finding(code: str, waiver: Waiver, message: str, hint: str | None) -> Finding:
    return Finding(
        code=code,
        severity=BY_CODE[code].severity,
        message=message,
        file=waiver.file,
        span=waiver.span,
        hint=hint,
        values=(waiver.fingerprint,),
    )


def add_waiver(folder: Path, finding: Finding, reason: str, by: str, until: date | None, today: date) -> Path:
    """Write a waiver behind those that are there, or anew where it no longer holds, and return the file.

    Raises UsageError and ConfigError.
    """
    for name, text in (("reason", reason), ("name", by)):
        if not text.strip():
            raise UsageError(f"a waiver needs a {name} that says something")
    if until is not None and until < today:
        raise UsageError(f"{until} is over, the waiver would not hold")
    path = folder / PLACE
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be made: {error.strerror}", file=shown(path.parent)) from None
    judged = finding.judged
    values = {
        "fingerprint": f'"{finding.fingerprint}"',
        "code": f'"{finding.code}"  # {printable(finding.message)}',
        **({"up-to": f"{judged.figure:_}"} if judged and judged.metric else {}),
        "reason": _basic(reason),
        "by": _basic(by),
        **({"until": until.isoformat()} if until else {}),
    }
    with locked(path):
        before = read_file(path) or ""
        waivers = read_waivers(folder)
        known = {waiver.fingerprint: number for number, waiver in enumerate(waivers)}
        number = next((known[name] for name in finding.fingerprints if name in known), None)
        if number is None:
            lines = "".join(f"{key} = {value}\n" for key, value in values.items())
            text = before and before.rstrip("\n") + "\n\n"
            write_whole(path, f"{text}[[waiver]]\n{lines}")
            return path
        waiver = waivers[number]
        if waiver.fingerprint == finding.fingerprint and waiver.holds(finding) and not _expired(waiver, today):
            raise waived_already(waiver)
        write_whole(path, _rewritten(before, number, values))
    return path


def waived_already(waiver: Waiver) -> UsageError:
    """The error of who accepts a finding again that a waiver accepts."""
    place = f"{waiver.file}:{waiver.span.line}" if waiver.span else waiver.file
    return UsageError(f"{waiver.fingerprint} has a waiver already: {place}", hint="change it there")


def _rewritten(text: str, number: int, values: dict[str, str]) -> str:
    """The text with other values in one of its tables; what else it says stays."""
    toml = Toml(text, "")
    lines = text.splitlines()
    edits = []
    for key, value in values.items():
        place = toml.places.get(("waiver", number, key))
        if place is not None:
            whole = len(lines[place.value.line - 1]) + 1  # with the comment, which says the old figure
            span = place.value._replace(end_column=whole) if key == "code" else place.value
            edits.append(Edit(span, value))
        else:
            start = toml.places["waiver", number, "fingerprint"].key
            edits.append(Edit(Span(start.line, 1, start.line, 1), f"{key} = {value}\n"))
    until = toml.places.get(("waiver", number, "until"))
    if until is not None and "until" not in values:
        edits.append(Edit(Span(until.key.line, 1, until.value.end_line + 1, 1), ""))
    return apply(text.rstrip("\n") + "\n", edits)


def _basic(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, DEL apart. What is no Unicode is a question mark."""
    import json

    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
