"""A `from` by number, or to a layer that comes later.

What:
    A reference that is a number (`from: -1`), or the id of a layer further down.
Why:
    Numbers drift: a layer put in above makes them all mean another one. A layer can use only what comes before it.
Example:
    layers:
      - conv: {out: 16, kernel: 3}
      - {relu: , from: -1}
Cure:
    Give the layer meant an `id` and name it.

    layers:
      - {conv: {out: 16, kernel: 3, padding: 1}, id: stem}
      - {relu: , from: stem}
    expect: {params: 448}
"""

from __future__ import annotations

CODE, NAME, SEVERITY = "AS101", "positional-reference", "error"
