"""The rules of lint and the findings of the policy: as text for a terminal, as Markdown for the docs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from archspec.render.kinds import WIDTH
from archspec.render.outputs.base import written
from archspec.render.outputs.rules import rules_document
from archspec.render.tables import reference_table, wrapped_table

if TYPE_CHECKING:
    from archspec.lint.registry import Rule
    from archspec.policy.codes import PolicyCode

FIXES = {"": "-", "safe": "--fix", "unsafe": "--unsafe-fixes"}


def listing(rules: Sequence[Rule], codes: Sequence[PolicyCode], form: str, room: int | None = None) -> str:
    """All rules and codes, one row each; the tables are ``room`` columns wide."""
    if form == "json":
        return written(rules_document(rules, codes))
    tables = [rules_table(rules, form, room), codes_table(codes, form, room)]
    return "\n".join(table for table, listed in zip(tables, (rules, codes), strict=True) if listed)


def codes_table(codes: Sequence[PolicyCode], form: str, room: int | None = None) -> str:
    """The findings of the policy, one row each."""
    if form == "md":
        rows = [
            (entry.code, f"`{entry.name}`", entry.severity, entry.summary, entry.cure.replace("FINGERPRINT", "..."))
            for entry in codes
        ]
        return reference_table(("code", "name", "severity", "what it finds", "what to do"), rows)
    plain = [(entry.code, entry.name, entry.severity, entry.summary) for entry in codes]
    return wrapped_table([("code", "of limits and changes", "severity", "what it finds"), *plain], room)


def rules_table(rules: Sequence[Rule], form: str, room: int | None = None) -> str:
    """The rules of lint, one row each."""
    head = ("code", "allows", "severity", "fix", "what it finds")
    rows = [(rule.code, rule.name, _severity(rule), FIXES[rule.fix], rule.summary) for rule in rules]
    if form == "md":
        linked = [
            (f"[{code}](#{code.lower()}-{name})", f"`{name}`", severity, f"`{fix}`" if fix != "-" else "", text)
            for code, name, severity, fix, text in rows
        ]
        return reference_table(head, linked)
    return wrapped_table([head, *rows], room)


def full(rule: Rule | PolicyCode, form: str) -> str:
    """One rule or code in full."""
    from archspec.policy.codes import PolicyCode

    if isinstance(rule, PolicyCode):
        if form == "json":
            return written(rules_document([], [rule]))
        mark = "# " if form == "md" else ""
        told = f"It finds {rule.summary}. What to do: {rule.cure}."
        return f"{mark}{rule.code} {rule.name}  ({rule.severity})\n\n" + "\n".join(wrap(told, WIDTH)) + "\n"
    if form == "json":
        return written(rules_document([rule], []))
    return markdown(rule, "#") if form == "md" else text(rule)


def text(rule: Rule) -> str:
    """One rule for reading in a terminal."""
    manual = rule.manual()
    fix = f", fixed by {FIXES[rule.fix]}" if rule.fix else ""
    parts = [f"{rule.code} {rule.name}  ({_severity(rule)}{fix})", *_wrapped(manual.summary)]
    for title, said in (("what", manual.what), ("why", manual.why)):
        parts += [f"\n  {title}", *_wrapped(said, 4)]
    parts += ["\n  example", indent(manual.example, "    ").rstrip(), "\n  cure", *_wrapped(manual.cure, 4)]
    if manual.fixed:
        parts += ["", indent(manual.fixed, "    ").rstrip()]
    return "\n".join(parts) + "\n"


def markdown(rule: Rule, level: str) -> str:
    """One rule as a section of the docs; ``level`` is the mark of its heading."""
    manual = rule.manual()
    fixed = {"": "No fix.", "safe": "Fixed by `--fix`.", "unsafe": "Fixed by `--unsafe-fixes`."}[rule.fix]
    parts = [
        f"{level} {rule.code} {rule.name}",
        f"{manual.summary} Severity: {_severity(rule)}. {fixed}",
        manual.what,
        f"**Why:** {manual.why}",
        f"```yaml\n{manual.example}```",
        f"**Cure:** {manual.cure}",
    ]
    if manual.fixed:
        parts.append(f"```yaml\n{manual.fixed}```")
    return "\n\n".join(parts) + "\n"


def _severity(rule: Rule) -> str:
    return rule.severity if rule.default else f"{rule.severity}, off by default"


def _wrapped(said: str, by: int = 2) -> list[str]:
    return wrap(said, WIDTH, initial_indent=" " * by, subsequent_indent=" " * by)
