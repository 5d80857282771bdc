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
from archspec.lint.editing import fix, without_lines
from archspec.lint.registry import by_code
from archspec.lint.suppressions import Suppression
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX, LATE = "AS504", "unmatched-suppression", "warning", "safe", True


def check(context: Context) -> Iterator[Finding]:
    """Every suppression with a reason; a code whose rule does not run here is not judged."""
    for mark in context.suppressions:
        idle = [code for code in mark.codes if mark.reason and _idle(context, mark, code)]
        if not idle:
            continue
        unknown = [code for code in idle if code not in by_code()]
        yield context.finding(
            CODE,
            f"no rule has the code {unknown[0]}" if unknown else f"nothing here is found by {', '.join(idle)}",
            span=mark.span,
            hint=did_you_mean(unknown[0], by_code()) if unknown else None,
            values=tuple(idle),
            fix=fix("remove it", _removal(context, mark), safe=True) if len(idle) == len(mark.codes) else None,
        )


def _idle(context: Context, mark: Suppression, code: str) -> bool:
    return code not in by_code() or (code in context.enabled and (mark, code) not in context.matched)


def _removal(context: Context, mark: Suppression) -> Edit:
    """The comment with the spaces before it, or its whole line."""
    number, column, *_ = mark.span
    before = context.lines[number - 1][: column - 1]
    if not before.strip():
        return without_lines(context, number, number)
    kept = before.rstrip(" \t#")
    return Edit(Span(number, len(kept) + 1, number, mark.span.end_column), "")
