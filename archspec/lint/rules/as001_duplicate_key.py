"""A key that stands twice in one mapping.

What:
    The same key twice in a mapping.
Why:
    YAML forbids it, yet many readers keep the last value without a word: what is reviewed is not what is run.
Example:
    layers:
      - conv: {out: 16, kernel: 3, stride: 4, stride: 2}
Cure:
    Leave one of them.

    layers:
      - conv: {out: 16, kernel: 3, stride: 2}
    expect: {params: 448}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import ArchspecError
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS001", "duplicate-key", "error"


def check(context: Context) -> Iterator[Finding]:
    """Nothing: a file with the fault does not load."""
    return iter(())


def claims(error: ArchspecError) -> bool:
    """Whether an error is this fault."""
    return error.message.startswith("duplicate key ")
