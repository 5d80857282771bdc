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

CODE, NAME, SEVERITY, FIX = "AS012", "undeclared-setting", "error", "unsafe"
