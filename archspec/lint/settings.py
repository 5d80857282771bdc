"""Which rules run, how bad each is, and where one does not apply: chosen by codes and their prefixes, as in ruff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from archspec.errors import UsageError, did_you_mean
from archspec.lint.registry import Rule, rules
from archspec.record import Record
from archspec.text.findings import Severity
from archspec.text.globs import matches

ALL = "ALL"


class LintSettings(Record):
    """Codes or their prefixes (``AS3``, ``ALL``); without ``select`` the rules that are on by default.

    ``per_file_ignores`` is by glob, matched against the path below the configuration file's folder and the name.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = {}
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    root: str = "."

    def enabled(self, file: str) -> dict[str, Rule]:
        """The rules that run on a file, by code. The longest prefix decides; of two alike, `ignore`."""
        ignore = (*self.ignore, *self._ignored_in(file))
        found = {}
        for rule in rules():
            chosen = _longest(rule.code, self.select) if self.select else 0 if rule.default else -1
            if chosen >= 0 and chosen > _longest(rule.code, ignore):
                found[rule.code] = rule
        return found

    def severity_of(self, code: str, default: Severity) -> Severity:
        """How bad a finding of a code is."""
        longest = max((prefix for prefix in self.severity if _matches(code, prefix)), key=len, default=None)
        return default if longest is None else self.severity[longest]

    def _ignored_in(self, file: str) -> Iterable[str]:
        path = Path(file)
        try:
            below = path.resolve().relative_to(Path(self.root).resolve()).as_posix()
        except ValueError:
            below = path.as_posix()
        for pattern, codes in self.per_file_ignores.items():
            if matches(pattern, below) or matches(pattern, path.name):
                yield from codes


def check_code(code: str) -> None:
    """Raise UsageError unless some rule has the code, or one that starts with it."""
    if code != ALL and not any(rule.code.startswith(code) for rule in rules()):
        known = [rule.code for rule in rules()]
        hint = did_you_mean(code, known) or "`archspec rules` lists them"
        raise UsageError(f"no rule has the code `{code}`", hint=hint)


def _matches(code: str, prefix: str) -> bool:
    return prefix == ALL or code.startswith(prefix)


def _longest(code: str, prefixes: Iterable[str]) -> int:
    """Length of the longest prefix that matches, 0 for ALL, -1 where none does."""
    return max((0 if prefix == ALL else len(prefix) for prefix in prefixes if _matches(code, prefix)), default=-1)
