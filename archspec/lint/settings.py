"""Which rules run, how bad each is, and where one does not apply: chosen by codes and their prefixes, as in ruff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archspec.errors import UsageError, did_you_mean
from archspec.lint.registry import Rule, rules
from archspec.policy.config import Config
from archspec.text.findings import Severity
from archspec.text.globs import matches
from archspec.text.toml_text import Keys
from archspec.text.top import real

ALL = "ALL"


@dataclass(frozen=True, kw_only=True, eq=False)
class LintSettings:
    """Codes or their prefixes (``AS3``, ``ALL``); without ``select`` the rules that are on by default.

    ``per_file_ignores`` is by glob, matched against the path below the configuration file's folder and the name.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    root: str = "."

    def enabled(self, file: str) -> dict[str, Rule]:
        """The rules that run on a file, by code. The longest prefix decides; of two alike, `ignore`."""
        ignore = (*self.ignore, *self._ignored_in(file))
        chosen_rules = {}
        for rule in rules():
            chosen = _longest(rule.code, self.select) if self.select else 0 if rule.default else -1
            if chosen >= 0 and chosen > _longest(rule.code, ignore):
                chosen_rules[rule.code] = rule
        return chosen_rules

    def severity_of(self, code: str, default: Severity) -> Severity:
        """How bad a finding of a code is."""
        longest = max((prefix for prefix in self.severity if _matches(code, prefix)), key=len, default=None)
        return default if longest is None else self.severity[longest]

    def _ignored_in(self, file: str) -> Iterable[str]:
        path = Path(file)
        try:
            below = real(path).relative_to(real(self.root)).as_posix()
        except ValueError:
            below = path.as_posix()
        for pattern, codes in self.per_file_ignores.items():
            if matches(pattern, below) or matches(pattern, path.name):
                yield from codes


def settings_of(config: Config) -> LintSettings:
    """What a configuration says of lint. Raises ConfigError for a code that no rule has."""
    lint = config.lint
    lists: dict[Keys, list[str]] = {("select",): lint.select, ("ignore",): lint.ignore}
    lists |= {("per-file-ignores", glob): codes for glob, codes in lint.per_file_ignores.items()}
    codes: list[tuple[Keys, str]] = [
        ((*keys, at), code) for keys, codes in lists.items() for at, code in enumerate(codes)
    ]
    for keys, code in [*codes, *((("severity", code), code) for code in lint.severity)]:
        try:
            check_code(code)
        except UsageError as error:
            place = (*config.section, "lint", *keys)
            raise config.toml.error(error.message, *place, hint=error.hint, of_key=keys[0] == "severity") from None
    return LintSettings(
        select=tuple(lint.select),
        ignore=tuple(lint.ignore),
        severity=lint.severity,
        per_file_ignores={glob: tuple(codes) for glob, codes in lint.per_file_ignores.items()},
        root=str(config.folder),
    )


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
