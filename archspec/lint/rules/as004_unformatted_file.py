"""A file that is not in the canonical layout.

What:
    The file differs from what `archspec fmt` makes of it.
Why:
    With one layout a diff shows what changed, not who typed it.
Example:
    layers:
    -   linear:   10
    expect: {params: 330}
Cure:
    Run `archspec fmt`, or `archspec lint --fix`.

    layers:
      - linear: 10
    expect: {params: 330}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, zip_longest

from archspec.errors import Span, SpecError
from archspec.lint.context import Context
from archspec.lint.editing import fix
from archspec.text.edits import Edit, line_starts
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS004", "unformatted-file", "error", "safe"


def check(context: Context) -> Iterator[Finding]:
    """The first line that the layout changes."""
    from archspec.language.canonical import format_document

    try:
        after = format_document(context.document, context.comments)
    except SpecError:  # a layout that is not sure of itself leaves the file alone
        return
    if after == context.text:
        return
    old = context.lines
    pairs = enumerate(zip_longest(_with_ends(context.text), _with_ends(after)), 1)
    number = min(next(number for number, (before, behind) in pairs if before != behind), len(old))
    whole = Span(1, 1, len(old), len(old[-1]) + 1)
    yield context.finding(
        CODE,
        "the file is not in the canonical layout, from here on",
        span=Span(number, 1, number, len(old[number - 1]) + 1),
        hint="`archspec fmt` writes it",
        fix=fix("write the canonical layout", Edit(whole, after), safe=True),
    )


def _with_ends(text: str) -> list[str]:
    """The lines, with what ends them."""
    return [text[begin:end] for begin, end in pairwise([*line_starts(text), len(text)])]
