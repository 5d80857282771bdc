"""A suppression that suppresses nothing.

What:
    `# archspec: ignore[CODE]` at a line where the rule finds nothing, or with a code that no rule has.
Why:
    What it excused is gone; left there, it hides the next fault of that line.
Example:
    layers:
      - conv: {out: 16, kernel: 3, padding: 1}  # archspec: ignore[AS409] reason="valid convolutions"
    expect: {params: 448}
Cure:
    Remove it.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import Span, did_you_mean
from archspec.lint.context import Context
from archspec.lint.registry import by_code
from archspec.lint.suppressions import Suppression
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX, LATE = "AS504", "unmatched-suppression", "warning", "safe", True


def check(context: Context) -> Iterator[Finding]:
    """Every suppression with a reason; a code whose rule does not run here is not judged."""
    for one in context.suppressions:
        if not one.reason:
            continue
        idle = [
            code
            for code in one.codes
            if code not in by_code() or (code in context.enabled and (one, code) not in context.matched)
        ]
        if not idle:
            continue
        unknown = [code for code in idle if code not in by_code()]
        message = f"no rule has the code {unknown[0]}" if unknown else f"nothing here is found by {', '.join(idle)}"
        fix = Fix("remove it", (_removal(context, one),), True) if len(idle) == len(one.codes) else None
        hint = did_you_mean(unknown[0], by_code()) if unknown else None
        yield context.found(CODE, message, span=one.span, hint=hint, values=tuple(idle), fix=fix)


def _removal(context: Context, one: Suppression) -> Edit:
    """The comment with the spaces before it, or its whole line."""
    line = context.lines[one.span.line - 1]
    before = line[: one.span.column - 1]
    if not before.strip():
        return Edit(Span(one.span.line, 1, one.span.line + 1, 1), "")
    kept = before.rstrip(" \t#")
    return Edit(Span(one.span.line, len(kept) + 1, one.span.line, one.span.end_column), "")
