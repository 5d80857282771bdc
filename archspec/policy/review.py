"""Specs under the policy that holds for them, and beside it under the one that will hold once a change is merged."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from archspec.analysis.setting import cases
from archspec.analysis.subject import Subject, path_from
from archspec.change.moves import Origin
from archspec.errors import ArchspecError
from archspec.policy import budgets
from archspec.policy.base import Base
from archspec.policy.budgets import Case, Cases, Counted, Headroom, Pair, cases_of
from archspec.policy.checkpoints import CODE as CHECKPOINT
from archspec.policy.checkpoints import Came, broken_checkpoints
from archspec.policy.codes import BY_CODE, OF_CHANGES, RELATIVE, TABLE
from archspec.policy.config import Config
from archspec.policy.left import left
from archspec.policy.limits import Budget, Limit
from archspec.policy.policies import Policies
from archspec.policy.removals import removals, removals_of, removed_spec, renamed_variants
from archspec.policy.waivers import Waiver, accepted_here, apply_waivers, of_change, read_waivers
from archspec.text.findings import Finding
from archspec.text.top import from_top, real, top_of


class Verdict(NamedTuple):
    """What the policy says of all specs. ``limits`` counts those of budgets, ``relative`` those of them without the
    base they want. ``waived`` are findings with the waivers that accept them; ``headroom`` the figures that keep their
    `max`, of specs that a change touches; ``folder`` is where waivers are written."""

    findings: list[Finding]
    waived: list[tuple[Finding, Waiver]]
    limits: int
    relative: int
    headroom: list[Headroom]
    folder: Path


class Side(NamedTuple):
    """A configuration with the specs that it holds for."""

    config: Config
    pairs: list[Pair]


class Review:
    """Collects specs, then judges them. ``base`` is the base of a change, ``policies`` say whose limits hold."""

    def __init__(self, base: Base | None, policies: Policies) -> None:
        self.base = base
        self.policies = policies
        self.now: dict[int, Side] = {}
        self.after: dict[int, Side] = {}
        self.called: dict[int, Side] = {}  # the change's own budgets, with what differs under its old name too
        self.changes: list[Finding] = []
        self._configs: dict[Path, Config] = {}

    def add(self, subject: Subject, variant: str | None) -> None:
        """A spec, or only one of its variants. Raises ConfigError and UsageError."""
        path = _path(subject)
        old_path, before = self._before(subject, path)
        head = self.policies.head(path.parent)
        subject.path = from_top(str(path)) if top_of(str(real(path).parent)) else path_from(head.folder, str(path))
        origins, gone = self._moves(subject, path, before)
        renamed = {}
        names = [name for name in cases(subject.spec) if variant in (None, name)]
        came = [Came(name, origins[name].subject, origins[name].place.variant) for name in names if name in origins]
        stayed = [name for name in names if name not in origins]
        if isinstance(before, Subject) and before is not subject:
            renamed = renamed_variants(before, subject, {*origins, *gone})
            self.changes += removals(before, subject, renamed, gone)
            were = [Came(name, before, renamed.get(name or "", name or "") or None) for name in stayed]
            came = [*(one for one in were if one.was in cases(before.spec)), *came]
        self._hold(Pair(subject, before, variants=stayed, renamed=renamed), path, old_path)
        for name in (name for name in names if name in origins):
            place, was = origins[name]
            self.changes += removals_of(was, place.variant, subject, name)
            pair = Pair(subject, was, variants=[name], renamed={name or "": place.variant or ""})
            assert self.base is not None
            self._hold(pair, path, self.base.top / place.path)
        config = self._governing(path, old_path)
        if CHECKPOINT in config.severity:
            self.changes += broken_checkpoints(subject, came, config.at)

    def _hold(self, pair: Pair, path: Path, old_path: Path) -> None:
        """Put a spec to the configurations that hold for it."""
        for config, paths in self.policies.of(path, old_path):
            _put(self.now, config, pair, paths)
        head, old = self.policies.head(path.parent), self.policies.head(old_path.parent)
        _put(self.after, head, pair._replace(merged=True), (path,))
        if self.base is not None and pair.base is not pair.head:
            _put(self.called, old, pair, (path, old_path) if old is head else (old_path,))

    def _moves(
        self, subject: Subject, path: Path, before: Subject | ArchspecError | None
    ) -> tuple[dict[str | None, Origin], frozenset[str | None]]:
        """The variants that a spec has from others, and those of its own that others have now."""
        same = isinstance(before, Subject) and set(cases(before.spec)) == set(cases(subject.spec))
        if self.base is None or same or not self.base.holds(path):
            return {}, frozenset()
        return self.base.moves_at(path)

    def _before(self, subject: Subject, path: Path) -> tuple[Path, Subject | ArchspecError | None]:
        """Where a spec was in the base, and what it was: itself where nothing differs."""
        base = self.base
        if base is None or not base.holds(path):
            return path, None
        return (base.before(path), base.subject(subject.spec.file)) if base.differs(path) else (path, subject)

    def verdict(self, gone: Sequence[str], today: date, *, everything: bool) -> Verdict:
        """What is to be said, less what is waived. Raises ConfigError."""
        policies = self.policies
        here = policies.here()
        known: dict[Hashable, Counted] = {}
        held = [(side, cases_of(*side, known)) for side in self.now.values()]
        now = [finding for both in held for finding in self._judged(*both, everything=everything)]
        for side in self.called.values():
            now += left(cases_of(*side, known), self._holding)
        if self.base is not None and gone:
            emptied = self.base.moves.emptied
            gone = [path for path in gone if path not in emptied]
        now += [*self.changes, *map(removed_spec, gone)]
        waivers, there = self._waivers(here)
        looked_for = [code.code for code in TABLE if self.base is not None or code.code not in OF_CHANGES]
        applied = apply_waivers(
            map(self._weighed, now), waivers, today, looked_for if everything else (), there, self._counts
        )
        lost = any(not any(map(waiver.says_as, there)) for waiver in waivers if not waiver.new)
        renamed = {
            finding.fingerprint for finding, waiver in applied.waived if finding.fingerprint != waiver.fingerprint
        }
        weigh = lost or renamed or policies.findings
        later = list(self._later(there, today, everything=everything)) if weigh else []
        said_now = {finding.fingerprint for finding in applied.findings}
        said = [
            *policies.findings,
            *(after_merge(finding, renamed) for finding in later if finding.fingerprint not in said_now),
        ]
        said += [accepted_here(finding, waiver) for finding, waiver in applied.waived if waiver.new]
        limits = [limit for side in self.now.values() for limit in _limits(side)]
        return Verdict(
            [*applied.findings, *map(self._weighed, said)],
            applied.waived,
            len(limits),
            0 if self.base is not None else sum(limit.max_increase is not None for limit in limits),
            [kept for _, counted in held for kept in budgets.headroom(counted)] if self.base is not None else [],
            here.folder,
        )

    def _judged(self, side: Side, counted: Cases, *, everything: bool) -> Iterator[Finding]:
        """What budgets say of the specs; a change is to blame for all that its own, new policy says."""
        merged = self.policies.is_base(side.config)
        for finding in budgets.judge(counted):
            judged = finding.judged and finding.judged._replace(inherited=merged and finding.judged.inherited)
            yield replace(finding, judged=judged)
        if everything and not merged:
            yield from budgets.idle(*side)

    def _later(self, there: Sequence[Waiver], today: date, *, everything: bool) -> Iterator[Finding]:
        """What the change's own policy will say; an increase is none any more once it is merged."""
        if self.policies.base is None:
            return
        findings = [finding for side in self.after.values() for finding in budgets.judge(cases_of(*side, {}))]
        findings += [finding for side in self.after.values() if everything for finding in budgets.idle(*side)]
        for finding in apply_waivers(findings, there, today, there=()).findings:
            if finding.code not in RELATIVE:
                yield finding

    def _holding(self, case: Case) -> list[Budget]:
        """The budgets that will hold for a spec and variant once the change is merged."""
        path = _path(case.pair.head)
        config = self.policies.head(path.parent)
        pair = case.pair._replace(names=(path_from(config.folder, str(path)),), variants=[case.variant], merged=True)
        return [budget for budget in config.budgets if any(True for _ in pair.cases(budget))]

    def _governing(self, path: Path, old_path: Path) -> Config:
        """The configuration that says how bad a finding in a file is. Raises ConfigError."""
        return self.policies.of(path, old_path)[0].config

    def _config(self, finding: Finding) -> Config:
        """The configuration that governs the file in which a finding stands."""
        top = self.base.top if self.base is not None and finding.code == "AB112" else Path.cwd()
        path = top / finding.file
        if path not in self._configs:
            self._configs[path] = self._governing(path, path)
        return self._configs[path]

    def _weighed(self, finding: Finding) -> Finding:
        """A finding as bad as the configuration says that governs the file in which it stands."""
        return replace(finding, severity=self._config(finding).severity.get(finding.code, finding.severity))

    def _counts(self, finding: Finding, waiver: Waiver) -> bool:
        """Whether a waiver counts for a finding: one that the change brings, unless the configuration forbids it that
        governs the finding's file."""
        return not waiver.new or self._config(finding).waivers != "base"

    def _waivers(self, here: Config) -> tuple[list[Waiver], list[Waiver]]:
        """The waivers that count, and those that are there. Raises ConfigError."""
        sides = {side.config.folder for side in (*self.now.values(), *self.after.values())} | {here.folder}
        there = _once(waiver for folder in sorted(sides) for waiver in read_waivers(folder))
        base = self.policies.base
        if base is None:
            return there, there
        merged = _once(waiver for folder in sorted(sides) for waiver in read_waivers(folder, base.inside))
        return of_change(merged, there), there


def _put(sides: dict[int, Side], config: Config, pair: Pair, paths: Iterable[Path]) -> None:
    names = tuple(path_from(config.folder, str(path)) for path in paths)
    sides.setdefault(id(config), Side(config, [])).pairs.append(pair._replace(names=names))


def _path(subject: Subject) -> Path:
    """Where a spec lies; standard input in the current folder."""
    file = subject.spec.file
    return Path.cwd() / "<stdin>" if file in ("-", "<stdin>") else Path(file)


def _limits(side: Side) -> Iterator[Limit]:
    """The limits that hold for any of the specs."""
    for budget in side.config.budgets:
        if any(True for pair in side.pairs for _ in pair.cases(budget)):
            yield from budget.limits


def _once(waivers: Iterable[Waiver]) -> list[Waiver]:
    return list({waiver.fingerprint: waiver for waiver in waivers}.values())


def after_merge(finding: Finding, renamed: Container[str]) -> Finding:
    """A finding of the policy that the change brings, which fails nothing yet; waivers of ``renamed`` ones have their
    old names."""
    known, severity = finding.fingerprint, BY_CODE["AB118"].severity
    message = f"after the merge: {finding.message} ({finding.code})"
    again = f"its waiver has the old name: `archspec accept {known} --reason ...` writes it anew"
    hint = again if known in renamed else finding.hint
    return replace(finding, code="AB118", severity=severity, message=message, hint=hint, values=(known,))
