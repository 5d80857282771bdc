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

CODE, NAME, SEVERITY = "AS001", "duplicate-key", "error"
