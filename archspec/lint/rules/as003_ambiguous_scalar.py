"""A plain value that readers of YAML 1.1 and 1.2 take differently.

What:
    `012` (ten or twelve) and `1:30` (ninety or a text), which do not load; and the words `yes`, `no`, `on`, `off`,
    which are texts here and truth values elsewhere.
Why:
    The editor, a script and archspec would not read the same network.
Example:
    vars: {mode: off}
    layers:
      - {conv: {out: 16, kernel: 3, padding: 1}, when: $mode == 'off'}
    expect: {params: 448}
Cure:
    Quote what is text; write numbers without leading zeros.

    vars: {mode: "off"}
    layers:
      - {conv: {out: 16, kernel: 3, padding: 1}, when: $mode == 'off'}
    expect: {params: 448}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archspec.lint.context import Context
from archspec.lint.editing import fix, is_json, written
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS003", "ambiguous-scalar", "error", "safe"
# The words of https://yaml.org/type/bool.html that are no truth values in YAML 1.2; `y` and `n` no reader takes so.
WORDS = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
Path = tuple[str | int, ...]


def check(context: Context) -> Iterator[Finding]:
    """Words without quotes that are truth values to a reader of YAML 1.1."""
    if is_json(context):
        return
    for text, path, key in words(context.document.data):
        span = context.span(path, key)
        if written(context, span) == text:
            yield context.finding(
                CODE,
                f"the {'key' if key else 'value'} `{text}` is a truth value to readers of YAML 1.1",
                span=span,
                path=path,
                key=key,
                hint=f'quote it: "{text}"',
                values=(text,),
                fix=fix(f"quote `{text}`", Edit(span, f'"{text}"'), safe=True),
            )


def words(data: Any, path: Path = ()) -> Iterator[tuple[str, Path, bool]]:
    """Every such word in the data, keys too: itself, its path, whether it is a key."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        if isinstance(step, str) and WORDS.fullmatch(step):
            yield step, (*path, step), True
        if isinstance(value, str):
            if WORDS.fullmatch(value):
                yield value, (*path, step), False
        elif isinstance(value, dict | list):
            yield from words(value, (*path, step))
