"""A suppression without a reason.

What:
    `# archspec: ignore[...]` without `reason="..."`, or in a form that cannot be read. It suppresses nothing.
Why:
    Whoever meets it later must know whether it still holds.
Example:
    layers:
      - conv: {out: 16, kernel: 3}  # archspec: ignore[AS409]
    expect: {params: 448}
Cure:
    Give the reason.

    layers:
      - conv: {out: 16, kernel: 3}  # archspec: ignore[AS409] reason="valid convolutions, as in the paper"
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS503", "unreasoned-suppression", "error"


def check(context: Context) -> Iterator[Finding]:
    """Every suppression of the file."""
    hint = 'write # archspec: ignore[AS204] reason="why it is meant"'
    for mark in context.suppressions:
        if not mark.codes:
            message = "the suppression cannot be read"
        elif not mark.reason:
            message = f"the suppression of {', '.join(mark.codes)} has no reason"
        else:
            continue
        yield context.finding(CODE, message, span=mark.span, hint=hint, values=mark.codes)
