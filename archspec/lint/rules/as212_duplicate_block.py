"""A block that says what another one says.

What:
    Two blocks of a file with the same parameters, inputs, layers and outputs under different names.
Why:
    One of them will be changed and the other forgotten.
Example:
    blocks:
      down:
        layers:
          - conv: {out: 16, kernel: 3, stride: 2, padding: 1, act: relu}
      reduce:
        layers:
          - conv: {out: 16, kernel: 3, stride: 2, padding: 1, act: relu}
    layers:
      - use: down
      - use: reduce
    expect: {params: 2768}
Cure:
    Keep one, and call it in both places.

    blocks:
      down:
        layers:
          - conv: {out: 16, kernel: 3, stride: 2, padding: 1, act: relu}
    layers:
      - use: down
      - use: down
    expect: {params: 2768}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS212", "duplicate-block", "info"
ABOUT = ("summary", "source")


def check(context: Context) -> Iterator[Finding]:
    """Each block that says what one before it says."""
    first: dict[str, str] = {}
    for name, block in context.home.blocks.items():
        said = repr(sorted((key, value) for key, value in block.data.items() if key not in ABOUT))
        other = first.setdefault(said, name)
        if other != name:
            path = ("blocks", name)
            message = f"block `{name}` says what `{other}` says on line {context.span(('blocks', other), True).line}"
            yield context.finding(CODE, message, path=path, key=True, hint=f"call `{other}` in its place")
