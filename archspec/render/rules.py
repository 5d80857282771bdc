"""The rules of lint: as text for a terminal, as Markdown for the docs, as JSON."""

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

FIXES = {"": "-", "safe": "--fix", "unsafe": "--unsafe-fixes"}


def listing(rules: Sequence[Rule], form: str, room: int | None = None) -> str:
    """All rules, one row each; the table is ``room`` columns wide."""
    if form == "json":
        return written(rules_document(rules))
    head = ("code", "allows", "severity", "fix", "what it finds")
    rows = [(rule.code, rule.name, _severity(rule), FIXES[rule.fix], rule.summary) for rule in rules]
    if form == "md":
        linked = [
            (f"[{code}](#{code.lower()}-{name})", f"`{name}`", severity, f"`{fix}`" if fix != "-" else "", text)
            for code, name, severity, fix, text in rows
        ]
        return reference_table(head, linked)
    return wrapped_table([head, *rows], room)


def full(rule: Rule, form: str) -> str:
    """One rule in full."""
    if form == "json":
        return written(rules_document([rule]))
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
