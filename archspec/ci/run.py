"""`archspec ci`: lint, check and diff in one run, each spec of either side read and analysed once."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.subject import Subjects
from archspec.change.collect import compared
from archspec.change.git import Repository
from archspec.change.model import Diff, Side
from archspec.change.parts import files_of
from archspec.ci.before import Before
from archspec.ci.lines import touched
from archspec.ci.outcome import Outcome
from archspec.ci.scope import Place, based, scope
from archspec.errors import ArchspecError, SpecError
from archspec.lint.engine import Linted, lint
from archspec.lint.settings import LintSettings, settings_of
from archspec.policy.base import Base
from archspec.policy.check import UNREADABLE, check
from archspec.policy.policies import Policies
from archspec.text.findings import of_error, ordered
from archspec.text.reader import text_of


def run(
    names: Sequence[str],
    *,
    base: str | None = None,
    config: str | None = None,
    policy_from: str = "base",
    fetch: bool = False,
    strict: bool = False,
) -> Outcome:
    """Look at what differs among the named specs, files, folders or globs, or all that the configuration includes.

    ``base`` is a ref; the comparison is with the merge base of it and HEAD, without it with that of the default branch.
    ``policy_from`` is `base` or `head`: whose policy holds. ``fetch`` gets a base from the remote that the clone lacks.
    With ``strict`` every spec is looked at, and what the base had too counts.
    Raises UsageError and ConfigError.
    """
    start = based(base, fetch=fetch)
    old = Base(start.sha)
    old.ref = start.name
    policies = Policies(old if policy_from == "base" else None, config)
    here = Place(old, policies)
    policy = policies.here()
    chosen = scope(here, names, strict=strict)
    subjects = old.heads
    before = Before(here, chosen, subjects)
    files = files_of(old.repository, old.commit), files_of(old.repository, None)
    specs = tuple(compared(chosen.pairs, policy.at, before.sides, old.moves, files))
    settings = settings_of(policy)
    linted = [lint_file(file, settings, subjects) for file in chosen.files]
    gone = [pair.old_path for pair in chosen.pairs if pair.head is None]
    checked = check(chosen.files, base=old, policies=policies, everything=chosen.whole, gone=gone)
    findings = [finding for file in linted for finding in file.findings]
    # What cannot be read lint has found, under the rule's own code.
    findings += [finding for finding in checked.findings if finding.code != UNREADABLE]
    new, fixed = before.against(linted, findings, settings)
    return Outcome(
        diff=Diff(base=Side(*start), head=head_of(old.repository), at=policy.at, specs=specs),
        files=chosen.files,
        untouched=chosen.untouched,
        strict=strict,
        findings=ordered(findings),
        verdict=checked.verdict,
        new=new,
        fixed=fixed,
        touched=touched(here, chosen.pairs),
    )


def head_of(repository: Repository) -> Side:
    """What is looked at: HEAD, unless a YAML or JSON file of the working tree is another."""
    head = repository.commit("HEAD")
    return Side("working tree") if repository.changes(head, None, ()) else Side(*head)


def lint_file(file: str, settings: LintSettings, subjects: Subjects) -> Linted:
    """The findings of one file."""
    try:
        text = text_of(file)
    except SpecError as error:
        return Linted(file, [of_error(error, file)], False)
    subject = subjects.of(file)
    return lint(text, file, settings, None if isinstance(subject, ArchspecError) else subject)
