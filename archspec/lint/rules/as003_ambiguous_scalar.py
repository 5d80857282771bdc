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

from archspec.errors import Span
from archspec.lint.context import Context
from archspec.lint.editing import fix, is_json, written
from archspec.text.document import Map, Seq
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS003", "ambiguous-scalar", "error", "safe"
# The words of https://yaml.org/type/bool.html that are no truth values in YAML 1.2; `y` and `n` no reader takes so.
WORDS = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
Path = tuple[str | int, ...]
Text = tuple[str, Span, Path, bool]


def check(context: Context) -> Iterator[Finding]:
    """Words without quotes that are truth values to a reader of YAML 1.1."""
    if is_json(context):
        return
    for text, span, path, key in texts(context.document.data):
        if WORDS.fullmatch(text) and written(context, span) == text:
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


def texts(data: Any, path: Path = ()) -> Iterator[Text]:
    """Every text in the data, keys too: itself, its place, its path, whether it is a key."""
    if isinstance(data, Map):
        for key, key_span, value, span in data.entries():
            yield key, key_span, (*path, key), True
            yield from _text(value, span, (*path, key))
    elif isinstance(data, Seq):
        for index, (value, span) in enumerate(zip(data, data.spans, strict=True)):
            yield from _text(value, span, (*path, index))


def _text(value: Any, span: Span, path: Path) -> Iterator[Text]:
    if isinstance(value, str):
        yield value, span, path, False
    else:
        yield from texts(value, path)
