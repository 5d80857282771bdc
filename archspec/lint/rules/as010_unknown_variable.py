"""A `$name` that nothing declares.

What:
    An expression refers to a variable that is no var, dim or parameter of the block.
Why:
    A typing error, or a variable that was renamed in one place only.
Example:
    vars: {width: 16}
    layers:
      - conv: {out: $widht, kernel: 3}
Cure:
    Write the name that is declared, or declare it.

    vars: {width: 16}
    layers:
      - conv: {out: $width, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.errors import ArchspecError
from archspec.lint.context import Context
from archspec.text.edits import Edit, Fix, offset
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS010", "unknown-variable", "error", "unsafe"
_MESSAGE = re.compile(r"unknown variable `\$(\w+)`")
_HINT = re.compile(r"did you mean `(\w+)`\?")


def check(context: Context) -> Iterator[Finding]:
    """Nothing: the engine makes the finding of the error."""
    return iter(())


def claims(error: ArchspecError) -> bool:
    """Whether an error is this fault."""
    return _MESSAGE.match(error.message) is not None


def mend(error: ArchspecError, context: Context) -> Fix | None:
    """The name that is nearest, where the error knows one and points into the text."""
    name, near = _MESSAGE.match(error.message), _HINT.match(error.hint or "")
    if name is None or near is None or error.span is None or error.file != context.file:
        return None
    written = f"${name[1]}"
    begin = offset(context.starts, error.span.line, error.span.column)
    if not context.text.startswith(written, begin):
        return None
    span = error.span._replace(end_line=error.span.line, end_column=error.span.column + len(written))
    return Fix(f"write ${near[1]}", (Edit(span, f"${near[1]}"),), False)
