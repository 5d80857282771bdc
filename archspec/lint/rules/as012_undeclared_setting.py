"""A variant that sets what is not declared.

What:
    A variant names a variable that is neither under `vars` nor under `dims`.
Why:
    Elsewhere a setting that nothing reads is silently without effect; here it does not load.
Example:
    vars: {width: 16}
    variants:
      wide: {widht: 32}
    layers:
      - conv: {out: $width, kernel: 3}
Cure:
    Write the name that is declared, or declare it.

    vars: {width: int}
    variants:
      wide: {width: 32}
    layers:
      - conv: {out: $width, kernel: 3, padding: 1}
    expect:
      wide: {params: 896}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.errors import ArchspecError
from archspec.lint.context import Context
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS012", "undeclared-setting", "error", "unsafe"
_MESSAGE = re.compile(r"variant `.*` sets `.*`, which is no var or dim", re.DOTALL)
_HINT = re.compile(r"did you mean `(\w+)`\?")


def check(context: Context) -> Iterator[Finding]:
    """Nothing: a file with the fault does not load."""
    return iter(())


def claims(error: ArchspecError) -> bool:
    """Whether an error is this fault."""
    return _MESSAGE.fullmatch(error.message) is not None


def mend(error: ArchspecError, context: Context) -> Fix | None:
    """The declared name that is nearest."""
    near = _HINT.match(error.hint or "")
    if near is None or error.span is None:
        return None
    return Fix(f"write {near[1]}", (Edit(error.span, near[1]),), False)
