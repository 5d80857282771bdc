"""No line that tells editors the schema.

What:
    A YAML spec whose first comments have no `# yaml-language-server: $schema=...`.
Why:
    With it an editor completes keys, shows what an argument means and marks errors as they are typed. Off by default:
    an editor can also be told by file names.
Example:
    layers:
      - linear: 10
    expect: {params: 330}
Cure:
    Put the line first. `archspec schema -o archspec.schema.json` writes the schema.

    # yaml-language-server: $schema=archspec.schema.json
    layers:
      - linear: 10
    expect: {params: 330}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.errors import Span
from archspec.lint.context import Context
from archspec.lint.editing import fix, is_json
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX, DEFAULT = "AS005", "missing-modeline", "error", "safe", False
MODELINE = "yaml-language-server:"
SCHEMA = "archspec.schema.json"


def check(context: Context) -> Iterator[Finding]:
    """The first line, where no comment is the editors'."""
    if is_json(context) or any(MODELINE in comment.text for comment in context.comments):
        return
    start = Span(1, 1, 1, 1)
    line = f"# {MODELINE} $schema={SCHEMA}"
    insertion = fix("add the line", Edit(start, line + context.newline), safe=True)
    yield context.finding(CODE, "no line tells editors the schema", span=start, hint=line, fix=insertion)
