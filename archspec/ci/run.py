"""`archspec ci`: lint, check and diff of all specs in one run, each spec read and analysed once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from archspec.analysis.subject import Subject, Subjects, path_from
from archspec.change.collect import Pair
from archspec.change.diff import compare_files
from archspec.change.git import Commit, Repository
from archspec.change.model import Diff, Side
from archspec.change.trials import Allowance
from archspec.errors import ArchspecError, Span, SpecError, UsageError
from archspec.language.files import spec_files
from archspec.lint.engine import Linted, lint
from archspec.lint.settings import LintSettings, settings_of
from archspec.policy.base import Base
from archspec.policy.check import UNREADABLE, Checked, check
from archspec.policy.config import Config
from archspec.policy.policies import Policies
from archspec.text.findings import SEVERITIES, Finding, of_error, ordered
from archspec.text.globs import matches
from archspec.text.reader import decoded, text_of

POLICY_CHANGED = "AB109"
MAX_LINES = 20_000  # of a file whose changed lines are looked for; of a longer one all count as changed


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What one run found. ``findings`` are all of them, worst first; ``new`` the fingerprints of those of lint that the
    base had not, ``fixed`` how many of the base's are gone. ``touched`` are the changed lines by file."""

    diff: Diff
    files: list[str]
    findings: list[Finding]
    checked: Checked
    new: frozenset[str]
    fixed: int
    touched: Mapping[str, frozenset[int]]

    @property
    def limits(self) -> list[Finding]:
        """Broken and endangered limits, and what else budgets say."""
        return [finding for finding in self.findings if finding.of_policy]

    @property
    def exceeded(self) -> int:
        """How many limits are broken."""
        return sum(finding.severity == "error" for finding in self.limits)

    @property
    def changed(self) -> bool:
        """Whether a figure changed, or the policy that bounds them."""
        return any(spec.numeric for spec in self.diff.specs) or POLICY_CHANGED in {
            finding.code for finding in self.findings
        }

    def failed(self, fail_on: str) -> bool:
        """Whether there is a finding as bad as ``fail_on``: error, warning, or never."""
        if fail_on == "never":
            return False
        worst = SEVERITIES.index("error" if fail_on == "error" else "warning")
        return any(SEVERITIES.index(finding.severity) <= worst for finding in self.findings)

    def annotated(self) -> list[Finding]:
        """The findings worth a note in the code, most important first: worst, then those on changed lines."""
        worth = [finding for finding in self.findings if finding.severity != "info" or finding.fingerprint in self.new]
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


class Place(NamedTuple):
    """Where the run takes place: the repository, the commit compared with, and the configuration of the folder."""

    repository: Repository
    base: Commit
    config: Config


def run(
    names: Sequence[str],
    *,
    base: str | None = None,
    config: str | None = None,
    policy_from: str = "base",
    fetch: bool = False,
) -> Outcome:
    """Look at the named specs, files, folders or globs, or at all that the configuration includes.

    ``base`` is a ref; the comparison is with the merge base of it and HEAD, without it with that of the default branch.
    ``policy_from`` is `base` or `head`: whose policy holds. ``fetch`` gets a base from the remote that the clone lacks.
    Raises UsageError and ConfigError.
    """
    repository, start = based(base, fetch=fetch)
    old = Base(start.sha)
    old.ref = start.name
    policies = Policies(old if policy_from == "base" else None, config)
    here = Place(repository, start, policies.head(Path.cwd()))
    policy = policies.here()
    settings = settings_of(policy)
    pairs = changed(old, policies, names)
    files = looked_at(here, policies, names, bool(pairs))
    subjects = Subjects()
    allowance = Allowance(len(pairs))
    specs = tuple(compare_files(*pair, policy.at, read_before(here, pair, subjects), allowance) for pair in pairs)
    linted = [lint_file(file, settings, subjects) for file in files]
    gone_specs = [pair.old_path for pair in pairs if pair.head is None]
    checked = check(files, base=old, policies=policies, everything=not names, subjects=subjects, gone=gone_specs)
    findings = [finding for file in linted for finding in file.findings]
    # What cannot be read lint has found, under the rule's own code.
    findings += [finding for finding in checked.findings if finding.code != UNREADABLE]
    findings += [finding for spec in specs for finding in spec.findings if finding.severity != "error"]  # of the base
    new, fixed = against_base(here, pairs, linted, settings)
    return Outcome(
        diff=Diff(base=Side(*here.base), head=head_of(here.repository), at=policy.at, specs=specs),
        files=files,
        findings=ordered(findings),
        checked=checked,
        new=new,
        fixed=fixed,
        touched=touched(here, pairs, old),
    )


def head_of(repository: Repository) -> Side:
    """What is looked at: HEAD, unless a YAML or JSON file of the working tree is another."""
    head = repository.commit("HEAD")
    return Side("working tree") if repository.changes(head, None, ()) else Side(*head)


def based(name: str | None, *, fetch: bool) -> tuple[Repository, Commit]:
    """The repository and the merge base with a ref. Raises UsageError."""
    try:
        return _based(name)
    except UsageError as error:
        repository = Repository()  # fails again where there is none
        if not fetch:
            error.hint = error.hint or "--fetch gets it from the remote"
            raise
    return _based(name, repository.fetch(name))


def _based(name: str | None, tip: Commit | None = None) -> tuple[Repository, Commit]:
    repository = Repository()
    tip = tip or (repository.commit(name) if name else repository.upstream())
    return repository, repository.into(repository.merge_base(tip))


def looked_at(here: Place, policies: Policies, names: Sequence[str], some: bool) -> list[str]:
    """The files to look at, none where ``some`` were and are gone. Raises UsageError where there never were any."""
    if names:
        files = [file for name in names if not gone(here, name) for file in spec_files([name])]
    else:
        files = policies.files()
    if not files and not some:
        raise UsageError("no spec is here", hint="name the files, or list them under `include` in archspec.toml")
    return list(dict.fromkeys(files))


def gone(here: Place, name: str) -> bool:
    """Whether a name is that of a file which only the base has."""
    if Path(name).exists() or {"*", "?"} & set(name):
        return False
    try:
        return here.repository.blob(here.base, here.repository.relative(name)) is not None
    except UsageError:
        return False


def changed(base: Base, policies: Policies, names: Sequence[str]) -> list[Pair]:
    """Both sides of the specs that differ from the base: those named, else those that are included, or were."""
    patterns = [_from_top(name, Path.cwd(), base.top) for name in names]

    def chosen(path: str) -> bool:
        if names:
            return any(path == pattern or matches(pattern, path) for pattern in patterns)
        return policies.included(base.top / path)

    return [pair for pair in base.pairs if chosen(pair.path) or chosen(pair.old_path)]


def _from_top(pattern: str, folder: Path, top: Path) -> str:
    """A name or glob as a glob from the top of the repository."""
    full = Path(os.path.abspath(folder / pattern))
    path = Path(os.path.relpath(full, top)).as_posix()
    return f"{path}/**" if full.is_dir() and path != "." else "**" if path == "." else path


def lint_file(file: str, settings: LintSettings, subjects: Subjects) -> Linted:
    """The findings of one file."""
    try:
        text = text_of(file)
    except SpecError as error:
        return Linted(file, [of_error(error, file)], False)
    subject = subjects.of(file)
    return lint(text, file, settings, None if isinstance(subject, ArchspecError) else subject)


def read_before(here: Place, pair: Pair, subjects: Subjects) -> Subject | None:
    """The head of a pair, read once for all; not from a folder below the top, where its path is another."""
    file = _shown(here, pair.path)
    subject = subjects.of(file) if pair.head is not None and file == pair.path else None
    return subject if isinstance(subject, Subject) else None


def against_base(
    here: Place, pairs: Sequence[Pair], linted: Sequence[Linted], settings: LintSettings
) -> tuple[frozenset[str], int]:
    """The fingerprints of lint's findings that the base had not, and how many of the base's are gone."""
    by_file = {result.file: {finding.fingerprint for finding in result.findings} for result in linted}
    new: set[str] = set()
    fixed = 0
    for pair in pairs:
        file = _shown(here, pair.path)
        now = by_file.get(file, set())
        before: set[str] = set()
        if pair.base is not None:
            try:
                before = {finding.fingerprint for finding in lint(decoded(pair.base), file, settings).findings}
            except SpecError:  # not UTF-8
                before = set()
        new |= now - before
        fixed += len(before - now) if pair.head is not None else 0
    return frozenset(new), fixed


def touched(here: Place, pairs: Sequence[Pair], base: Base) -> dict[str, frozenset[int]]:
    """The lines that are new or changed, of each changed spec and of the configuration."""
    lines = {_shown(here, pair.path): changed_lines(pair.base, pair.head) for pair in pairs if pair.head is not None}
    config = here.config
    if config.file and Path(config.file).is_file() and base.top in Path(config.file).resolve().parents:
        old = base.text(Path(config.file))
        lines[config.file] = changed_lines(None if old is None else old.encode(), Path(config.file).read_bytes())
    return lines


def changed_lines(old: bytes | None, new: bytes) -> frozenset[int]:
    """Numbers, from 1, of the lines of ``new`` that are not in ``old``."""
    after = new.split(b"\n")
    before = (old or b"").split(b"\n")
    if old is None or max(len(before), len(after)) > MAX_LINES:
        return frozenset(range(1, len(after) + 1))
    from difflib import SequenceMatcher

    steps = SequenceMatcher(None, before, after, autojunk=True).get_opcodes()
    return frozenset(line + 1 for tag, _, _, start, end in steps if tag != "equal" for line in range(start, end))


def _shown(here: Place, path: str) -> str:
    """A path from the top of the repository as findings name it: from the current folder."""
    return path_from(Path.cwd(), str(here.repository.tree().resolve() / path))
