"""An anchor, an alias, a merge key or a tag.

What:
    YAML's own means of reference: `&name`, `*name`, `<<`, `!tag`.
Why:
    A change at the anchor changes places that a diff does not show, and a few lines of aliases expand to gigabytes.
Example:
    layers:
      - conv: &stem {out: 16, kernel: 3}
      - conv: *stem
Cure:
    Say a thing once with `defaults`, `vars`, `blocks` or `repeat`.

    defaults:
      conv: {out: 16, kernel: 3, padding: 1, act: relu}
    layers:
      - conv
      - conv
    expect: {params: 2768}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.errors import ArchspecError
from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS002", "yaml-reference", "error"
_MESSAGE = re.compile(r"an? (anchor|alias|tag|merge key)(: .*)?", re.DOTALL)


def check(context: Context) -> Iterator[Finding]:
    """Nothing: a file with the fault does not load."""
    return iter(())


def claims(error: ArchspecError) -> bool:
    """Whether an error is this fault."""
    return _MESSAGE.fullmatch(error.message) is not None
