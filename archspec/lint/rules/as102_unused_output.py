"""A layer whose output nothing takes.

What:
    A layer, in a block or before the declared `outputs`, that no other layer takes its input from in any variant.
    Layers that run in training only, and tensors that are kept but not learned (`parameter` with `buffer`), are
    exempt.
Why:
    A lost branch: its weights are counted, its result goes nowhere.
Example:
    blocks:
      unit:
        layers:
          - {conv: {out: 16, kernel: 1}, id: skip}
          - {conv: {out: 16, kernel: 3, padding: 1}, from: in}
    layers:
      - use: unit
    expect: {params: 512}
Cure:
    Use it, or remove it; a result of the network belongs under `outputs`.

    blocks:
      unit:
        layers:
          - {conv: {out: 16, kernel: 1}, id: skip}
          - {conv: {out: 16, kernel: 3, padding: 1}, from: in, id: body}
          - add: [skip, body]
    layers:
      - use: unit
    expect: {params: 512}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.text.findings import Finding

CODE, NAME, SEVERITY = "AS102", "unused-output", "error"


def check(context: Context) -> Iterator[Finding]:
    """Layers of this file that are taken from in no variant and no call of their block."""
    loose = ends(context)
    for run, use in context.uses:
        if use.call.node in loose and (use.groups or context.spec.outputs):
            loose.discard(use.call.node)
            yield context.finding(CODE, f"nothing takes the output of `{use.call.name}`", use=use, run=run)


def ends(context: Context) -> set[object]:
    """The nodes whose output is neither taken nor the network's, in any variant."""
    seen: set[object] = set()
    taken: set[object] = set()
    for _, use in context.uses:
        if context.is_own(use):
            seen.add(use.call.node)
            if use.consumers or use.is_output or exempt(use):
                taken.add(use.call.node)
    return seen - taken


def exempt(use: Use) -> bool:
    """Whether a layer may stand for itself: it runs in training only, or is a buffer, there to be kept."""
    return use.trains or getattr(use.layer, "buffer", False) is True
