"""`archspec check`: every variant analysed, its figures against `expect`, and the specs against budgets and waivers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject, Subjects, path_from
from archspec.errors import ArchspecError, SpecError, UsageError
from archspec.policy import budgets
from archspec.policy.base import Base, Policy, policy_of
from archspec.policy.budgets import Headroom, Pair
from archspec.policy.config import Config, closest, load
from archspec.policy.expect import compare, figure
from archspec.policy.waivers import Waiver, apply_waivers, read_waivers
from archspec.text.findings import Finding, of_error

UNREADABLE, WRONG, NO_FIGURE = "AS000", "AE101", "AE102"


class Result(NamedTuple):
    """One variant of one spec: clean where ``problems`` is empty."""

    spec: str
    variant: str | None
    figures: int
    problems: list[str]


class Checked(NamedTuple):
    """What was checked. ``limits`` counts those of budgets, ``relative`` those of them without the base they want.

    ``headroom`` are the figures that keep their `max`, of specs that a change touches.
    """

    results: list[Result]
    findings: list[Finding]
    waived: list[tuple[Finding, Waiver]]
    limits: int
    relative: int
    headroom: list[Headroom]

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
    subjects: Subjects | None = None,
    policy_from: str = "base",
) -> Checked:
    """Check specs: files, names of the zoo, ``FILE@variant``.

    ``base`` is a git ref: relative limits compare with the merge base of it and HEAD, whose policy holds. With
    ``everything`` the names are all specs there are, and a budget or waiver without one is idle. ``seen`` is told each
    name before it is looked at, ``subjects`` knows specs that were read before. ``policy_from`` is
    `base` or `head`.
    Raises ConfigError and UsageError.
    """
    against = Base(base) if isinstance(base, str) else base
    known = Subjects() if subjects is None else subjects
    chosen = load(config) if config is not None else None
    results: list[Result] = []
    findings: list[Finding] = []
    groups: dict[Path, list[_File]] = {}
    for name in names:
        seen(name)
        file = _load(name, known)
        if isinstance(file, ArchspecError):
            results.append(Result(name, None, 0, [str(file)]))
            findings.append(of_error(file, name, UNREADABLE))
            continue
        groups.setdefault(folder_of(file.subject.spec.file), []).append(file)
        for variant in [file.variant] if file.variant else cases(file.subject.spec):
            result, wrong = _expectations(file, variant)
            results.append(result)
            findings += wrong
    waived: list[tuple[Finding, Waiver]] = []
    limits = relative = 0
    headroom: list[Headroom] = []
    for config_here, files in _by_config(groups, chosen):
        policy = policy_of(config_here, against, config_here.folder, policy_from)
        pairs = [_pair(file, policy.config, against) for file in files]
        variants = {
            path_from(policy.config.folder, file.subject.spec.file): file.variant for file in files if file.variant
        }
        kept, gone = _budgets(policy, pairs, variants, against, today or date.today(), everything)
        findings += kept
        waived += gone
        headroom += budgets.headroom(policy.config, pairs) if against is not None else ()
        here = [limit for budget in policy.config.budgets for limit in budget.limits]
        limits += len(here)
        relative += sum(limit.max_increase is not None for limit in here) if against is None else 0
    return Checked(results, findings, waived, limits, relative, headroom)


def folder_of(file: str) -> Path:
    """The folder whose configuration is for a file; for standard input the current one."""
    return Path.cwd() if file in ("-", "<stdin>") else Path(file).resolve().parent


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
        totals = file.subject.report(Setting(variant)).totals
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
            actual = figure(totals, key)
            code = WRONG
            if not compare(value, actual):
                raise SpecError(f"expected {key} {value}, is {actual:,}")
        except SpecError as error:
            located = fail(error.message, around, key, path=path, hint=error.hint)
            texts.append(str(located.located(file=spec.file)))
            problem = of_error(located, spec.file, code)
            problems.append(replace(problem, variant=variant, values=(str(value), error.message)))
    return Result(file.name, variant, len(expected), texts), problems


def _by_config(groups: dict[Path, list[_File]], chosen: Config | None) -> Iterator[tuple[Config, list[_File]]]:
    """The files under each configuration, the closest to them unless one is chosen."""
    if chosen is not None:
        yield chosen, [file for files in groups.values() for file in files]
        return
    by_config: dict[tuple[str, Path], tuple[Config, list[_File]]] = {}
    for folder, files in groups.items():
        config = closest(folder)
        by_config.setdefault((config.file, config.folder), (config, []))[1].extend(files)
    yield from by_config.values()


def _pair(file: _File, config: Config, base: Base | None) -> Pair:
    """A spec with its version in the base."""
    from archspec.language.load import load_text

    subject = file.subject
    subject.path = path_from(config.folder, subject.spec.file)
    path = Path(subject.spec.file)
    if base is None or not config.budgets or not _inside(base, path):
        return Pair(subject)
    if not base.differs(path):
        return Pair(subject, subject)
    try:
        text = base.before(path)
        old = None if text is None else Subject(load_text(text, f"{base.ref}:{subject.path}"), subject.path)
        return Pair(subject, old)
    except UsageError:
        raise
    except ArchspecError as error:
        return Pair(subject, error)


def _inside(base: Base, path: Path) -> bool:
    return base.top in path.resolve().parents


def _budgets(
    policy: Policy, pairs: list[Pair], variants: dict[str, str], base: Base | None, today: date, everything: bool
) -> tuple[list[Finding], list[tuple[Finding, Waiver]]]:
    """The findings of budgets that no waiver takes away, those of waivers, and what they take away."""
    config = policy.config
    findings = [*policy.findings, *budgets.judge(config, pairs, variants)]
    if everything and policy.base is None:
        findings += budgets.idle(config, pairs)
    waivers = read_waivers(config.folder, policy.base.text) if policy.base else read_waivers(config.folder)
    looked_for: Iterable[str] = ()
    if everything:
        looked_for = [code for code in budgets.CODES if base is not None or code not in budgets.RELATIVE]
    applied = apply_waivers(findings, waivers, today, looked_for)
    return applied.findings, applied.waived


def named(names: Sequence[str], config: str | None = None) -> list[str]:
    """What is to be checked: the names, folders and globs among them opened, or all specs of the configuration.

    Raises UsageError and ConfigError.
    """
    config_here = load(config) if config is not None else closest()
    if not names:
        return config_here.files()
    # A name may carry a variant, which a file has not.
    several = [Path(name).is_dir() or ("*" in name and not Path(name).exists()) for name in names]
    opened = [config_here.files([name]) if more else [name] for name, more in zip(names, several, strict=True)]
    return list(dict.fromkeys(name for group in opened for name in group))
