"""A finding: what is wrong, where, how bad, and what would remove it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from archspec.errors import ArchspecError, Span
from archspec.records import NamedTuple
from archspec.text.edits import Fix
from archspec.text.top import from_top

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Judged(NamedTuple):
    """What a finding of the policy is about: a spec, and where that is a figure, its metric, its limit and itself.

    ``inherited``: the base broke the same limit by as much; no change is to blame.
    """

    spec: str
    metric: str = ""
    limit: str = ""
    figure: int = 0
    inherited: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """One finding.

    ``path`` is the place in the spec (``layers.3.conv.kernel``), ``id_path`` the layer's in the network. ``values`` are
    what the message is about, normalised: with code, spec, variant and path they make the fingerprint, which lines and
    wording do not change; those of the policy say all of that themselves, since figures and the configuration's place
    may change; ``former`` are those under the names before a change. ``judged`` is what they are about.
    """

    code: str
    severity: Severity
    message: str
    file: str
    span: Span | None = None
    path: str = ""
    id_path: str = ""
    variant: str | None = None
    hint: str | None = None
    values: tuple[Any, ...] = ()
    former: tuple[Any, ...] = ()
    judged: Judged | None = None
    fix: Fix | None = None

    @property
    def of_policy(self) -> bool:
        """Whether it is about limits and who may break them; the others are about the specs."""
        return self.code.startswith("AB")

    @property
    def sentence(self) -> str:
        """The message with the variant it is about, which those of budgets begin with."""
        return f"{self.message} (in {self.variant})" if self.variant and not self.judged else self.message

    @cached_property  # a path from the top asks the file system; a report asks for this eight times
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that stay the same while the finding does."""
        return self._fingerprint(self.values)

    @property
    def fingerprints(self) -> list[str]:
        """Its own, and the one that it would have under the names before a change, where that is another."""
        return [self.fingerprint, *([self._fingerprint(self.former)] if self.former else [])]

    def _fingerprint(self, values: tuple[Any, ...]) -> str:
        import hashlib  # loads OpenSSL

        place = () if self.of_policy else (from_top(self.file), self.variant or "", self.id_path or self.path)
        parts = (self.code, *place, *map(str, values))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:12]

    def __str__(self) -> str:
        place = self.file + (f":{self.span.line}:{self.span.column}" if self.span else "")
        where = f"{self.path}: " if self.path else ""
        fixable = "" if self.fix is None else " [fixable]" if self.fix.safe else " [fixable with --unsafe-fixes]"
        return f"{place}: {self.code} {where}{self.message}{fixable}" + (f"\n  hint: {self.hint}" if self.hint else "")


def of_error(error: ArchspecError, file: str, code: str = "AS000") -> Finding:
    """The finding that an error in a spec is."""
    return Finding(
        code=code,
        severity="error",
        message=error.message,
        file=error.file or file,
        span=error.span,
        path=error.path or "",
        hint=error.hint,
    )


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then by file and place."""
    start = Span(0, 0, 0, 0)

    def place(finding: Finding) -> tuple[Any, ...]:
        return SEVERITIES.index(finding.severity), finding.file, finding.span or start, finding.code, finding.message

    return sorted(findings, key=place)


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many there are of each severity."""
    listed = [finding.severity for finding in findings]
    return {name: listed.count(name) for name in SEVERITIES}
