"""``archspec.rules/1``: the rules of lint, and what may be said of limits and changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archspec.lint.registry import Rule
from archspec.policy.codes import PolicyCode
from archspec.render.outputs.base import Output
from archspec.text.findings import Severity


class RuleEntry(Output):
    """One rule."""

    code: str
    name: str
    """Of the fault: it reads well behind "allow"."""
    severity: Severity
    default: bool
    """Whether it runs where none is selected."""
    fix: str | None
    """Which sort of fix it offers: safe or unsafe."""
    summary: str
    what: str
    why: str
    example: str
    """A spec that has the fault, but for keys that may be left out."""
    cure: str
    fixed: str
    """The example without the fault."""


class PolicyEntry(Output):
    """What may be said of limits, waivers and what a change takes away."""

    code: str
    name: str
    """Of the fault."""
    severity: Severity
    """Unless `severity` in the configuration says otherwise."""
    summary: str
    cure: str


class RulesDocument(Output):
    """Rules, by code."""

    schema_: Literal["archspec.rules/1"]
    rules: list[RuleEntry]
    policy: list[PolicyEntry]


def rules_document(rules: Sequence[Rule], codes: Sequence[PolicyCode]) -> RulesDocument:
    """The rules and the codes."""
    return RulesDocument(
        schema_="archspec.rules/1",
        rules=[
            RuleEntry(
                code=rule.code,
                name=rule.name,
                severity=rule.severity,
                default=rule.default,
                fix=rule.fix or None,
                **rule.manual()._asdict(),
            )
            for rule in rules
        ],
        policy=[PolicyEntry(**entry._asdict()) for entry in codes],
    )
