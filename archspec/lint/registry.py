"""The rules there are: a module of the folder rules is a rule, found by listing the folder.

A rule module has CODE, NAME (of the fault: it reads well behind "allow"), SEVERITY, ``check(context)`` that yields
findings, and a docstring, the manual, of a first line and four headings::

    What:     what is found
    Why:      why it matters
    Example:  a spec that has the fault; `archspec`, `name` and `inputs: {image: [3, 32, 32]}` may be left out
    Cure:     what to do, in words, then the example without the fault

It may have DEFAULT = False (runs only where selected) and FIX = "safe" or "unsafe" (which sort of fix it offers). An
error of loading whose fault has the rule's name is a finding of this rule, which needs no ``check`` where there is no
other way to find it; ``claims(error)`` says of others whether they are this rule's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pkgutil import iter_modules
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.errors import ArchspecError, UsageError, did_you_mean
from archspec.text.findings import Finding, Severity

if TYPE_CHECKING:
    from archspec.lint.context import Context

HEADINGS = ("What", "Why", "Example", "Cure")
_HEADING = re.compile(rf"^({'|'.join(HEADINGS)}):$", re.MULTILINE)


class Manual(NamedTuple):
    """A rule's docstring in its parts; ``example`` and ``fixed`` are specs, but for keys that may be left out."""

    summary: str
    what: str
    why: str
    example: str
    cure: str
    fixed: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One rule."""

    code: str
    name: str
    severity: Severity
    default: bool
    fix: str  # "", "safe" or "unsafe"
    check: Callable[[Context], Iterator[Finding]]
    claims: Callable[[ArchspecError], bool]
    late: bool  # runs behind all others: it looks at what they found
    doc: str

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.doc.partition("\n")[0].rstrip(".")

    def manual(self) -> Manual:
        """The docstring in its parts."""
        parts = _HEADING.split(cleandoc(self.doc))
        summary, sections = parts[0].strip(), dict(zip(parts[1::2], map(dedent, parts[2::2]), strict=True))
        cure, _, fixed = sections["Cure"].partition("\n\n")
        words = {name: " ".join(sections[name].split()) for name in ("What", "Why")}
        return Manual(
            summary,
            words["What"],
            words["Why"],
            dedent(sections["Example"]).strip("\n") + "\n",
            " ".join(cure.split()),
            dedent(fixed).strip("\n") + "\n" if fixed.strip() else "",
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    package = import_module("archspec.lint.rules")
    modules = [_rule(import_module(f"{package.__name__}.{module.name}")) for module in iter_modules(package.__path__)]
    return tuple(sorted(modules, key=lambda rule: rule.code))


@cache
def by_code() -> dict[str, Rule]:
    """The rules by code."""
    return {rule.code: rule for rule in rules()}


@cache
def by_name() -> dict[str, Rule]:
    """The rules by name."""
    return {rule.name: rule for rule in rules()}


def rule_called(name: str) -> Rule:
    """The rule of that code, or name. Raises UsageError."""
    known = {**by_code(), **by_name()}
    if name not in known:
        hint = did_you_mean(name, known) or "`archspec rules` lists them"
        raise UsageError(f"no rule has the code `{name}`", hint=hint)
    return known[name]


def owner(error: ArchspecError) -> Rule | None:
    """The rule that an error of loading a spec belongs to."""
    if error.fault is not None and error.fault.sort in by_name():
        return by_name()[error.fault.sort]
    return next((rule for rule in rules() if rule.claims(error)), None)


def _nothing(context: Context) -> Iterator[Finding]:
    return iter(())


def _rule(module: Any) -> Rule:
    return Rule(
        code=module.CODE,
        name=module.NAME,
        severity=module.SEVERITY,
        default=getattr(module, "DEFAULT", True),
        fix=getattr(module, "FIX", ""),
        check=getattr(module, "check", _nothing),
        claims=getattr(module, "claims", lambda error: False),
        late=getattr(module, "LATE", False),
        doc=module.__doc__,
    )
