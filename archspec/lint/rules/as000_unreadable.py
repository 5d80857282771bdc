"""A file that is no spec.

What:
    The file cannot be read as a spec, or a variant of it cannot be worked out: a wrong key, a wrong type, shapes that
    do not fit. It is one finding at the place of the error; no other rule runs on such a file. It cannot be
    suppressed.
Why:
    Nothing can be said of a network that does not load.
Example:
    layers:
      - conv: {out: 16, kernal: 3}
Cure:
    Follow the error's hint.

    layers:
      - conv: {out: 16, kernel: 3, padding: 1}
    expect: {params: 448}
"""

from __future__ import annotations

CODE, NAME, SEVERITY = "AS000", "unreadable-spec", "error"
