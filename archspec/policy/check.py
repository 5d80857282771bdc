"""`archspec check`: every variant analysed, its figures against `expect`, and the specs against budgets and waivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject, Subjects
from archspec.errors import ArchspecError, SpecError
from archspec.policy.base import Base
from archspec.policy.expect import compare, figure
from archspec.policy.policies import Policies
from archspec.policy.review import Review, Verdict
from archspec.text.findings import Finding, of_error

UNREADABLE, WRONG, NO_FIGURE = "AS000", "AE101", "AE102"


class Result(NamedTuple):
    """One variant of one spec: clean where ``problems`` is empty."""

    spec: str
    variant: str | None
    figures: int
    problems: list[str]


class Checked(NamedTuple):
    """What was checked: each variant, what is wrong with the specs, and what the policy says."""

    results: list[Result]
    wrong: list[Finding]
    verdict: Verdict

    @property
    def findings(self) -> list[Finding]:
        """All that was found."""
        return [*self.wrong, *self.verdict.findings]

    @property
    def failed(self) -> bool:
        """Whether something is an error."""
        return any(finding.severity == "error" for finding in self.findings)


class _File(NamedTuple):
    """A spec that loads, under its name on the command line."""

    name: str
    variant: str | None
    subject: Subject


def check(
    names: Sequence[str],
    *,
    base: str | Base | None = None,
    config: str | None = None,
    today: date | None = None,
    everything: bool = False,
    seen: Callable[[str], None] = lambda name: None,
    policies: Policies | None = None,
    gone: Sequence[str] | None = None,
) -> Checked:
    """Check specs: files, names of the zoo, ``FILE@variant``.

    ``base`` is a git ref: the comparison is with the merge base of it and HEAD. ``policies`` say whose limits hold, by
    default the base's. With ``everything`` the names are all specs there are, and a budget or waiver without one is
    idle. ``seen`` is told each name before it is looked at. ``gone``
    are specs that the base alone has, from the top of the repository; by default those that were included.
    Raises ConfigError and UsageError.
    """
    against = Base(base) if isinstance(base, str) else base
    known = against.heads if against else Subjects()
    results: list[Result] = []
    findings: list[Finding] = []
    files: list[_File] = []
    for name in names:
        seen(name)
        file = _load(name, known)
        if isinstance(file, ArchspecError):
            results.append(Result(name, None, 0, [str(file)]))
            findings.append(of_error(file, name, UNREADABLE))
            continue
        files.append(file)
        for variant in [file.variant] if file.variant else cases(file.subject.spec):
            result, wrong = _expectations(file, variant)
            results.append(result)
            findings += wrong
    policies = policies or Policies(against, config)
    review = Review(against, policies)
    for file in files:
        review.add(file.subject, file.variant)
    if gone is None:
        gone = policies.gone() if everything else ()
    verdict = review.verdict(gone, today or date.today(), everything=everything)
    return Checked(results, findings, verdict)


def _load(name: str, subjects: Subjects) -> _File | ArchspecError:
    from archspec.language.find import find

    place = find(name)
    subject = subjects.of(place.file)
    return subject if isinstance(subject, ArchspecError) else _File(name, place.variant, subject)


def _expectations(file: _File, variant: str | None) -> tuple[Result, list[Finding]]:
    """One variant analysed, and each expected figure that it misses."""
    from archspec.language.validate import fail

    spec = file.subject.spec
    expected = spec.expect.get(variant or "", {})
    try:
        report = file.subject.report(Setting(variant))
    except ArchspecError as error:
        failure = replace(of_error(error, spec.file, UNREADABLE), variant=variant)
        return Result(file.name, variant, 0, [str(error)]), [failure]
    data: Any = spec.document.data
    section = data.get("expect") or {}
    around = section.get(variant, section)
    problems: list[Finding] = []
    texts = []
    for key, value in expected.items():
        path = f"expect.{variant}" if variant else "expect"
        code = NO_FIGURE
        try:
            actual = figure(report, key)
            code = WRONG
            if not compare(value, actual):
                raise SpecError(f"expected {key} {value}, is {actual:,}")
        except ArchspecError as error:
            located = fail(error.message, around, key, path=path, hint=error.hint)
            texts.append(str(located.located(file=spec.file)))
            problem = of_error(located, spec.file, code)
            problems.append(replace(problem, variant=variant, values=(str(value), error.message)))
    return Result(file.name, variant, len(expected), texts), problems


def missed(subject: Subject) -> list[Finding]:
    """The expected figures that a spec misses."""
    file = _File(subject.spec.file, None, subject)
    return [finding for variant in cases(subject.spec) for finding in _expectations(file, variant)[1]]


def named(names: Sequence[str], policies: Policies) -> list[str]:
    """What is to be checked: the names, folders and globs among them opened, or all specs that are included.

    Raises UsageError and ConfigError.
    """
    config_here = policies.head(Path.cwd())
    if not names:
        return policies.files() or config_here.files()
    # A name may carry a variant, which a file has not.
    several = [Path(name).is_dir() or ("*" in name and not Path(name).exists()) for name in names]
    opened = [config_here.files([name]) if more else [name] for name, more in zip(names, several, strict=True)]
    return list(dict.fromkeys(name for group in opened for name in group))
