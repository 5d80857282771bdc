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

CODE, NAME, SEVERITY = "AS002", "yaml-reference", "error"
