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

CODE, NAME, SEVERITY, FIX = "AS010", "unknown-variable", "error", "unsafe"
