"""A wide layer whose width is not a multiple of 8.

What:
    A convolution or linear layer without groups whose channels, 128 or more, are written as a number that is no
    multiple of 8. Narrower layers, widths that are worked out, and the network's results, whose number the task
    gives, are exempt.
Why:
    Tensor cores work on tiles of 8 half-precision numbers: 250 channels take the time of 256.
Example:
    layers:
      - conv: {out: 250, kernel: 3, padding: 1, act: relu}
      - conv: {out: 10, kernel: 1}
    expect: {params: 9510}
Cure:
    Round to a multiple of 8, or say why not.

    layers:
      - conv: {out: 256, kernel: 3, padding: 1, act: relu}
      - conv: {out: 10, kernel: 1}
    expect: {params: 9738}
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.context import Context
from archspec.lint.flow import Use
from archspec.lint.origin import origin
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS201", "uneven-width", "info", "unsafe"
MULTIPLE, LEAST = 8, 128
WIDE = {"conv", "conv_transpose", "linear"}


def check(context: Context) -> Iterator[Finding]:
    """Each wide layer, found where its width is written: those that share one number are one finding."""
    for run, use in context.uses():
        if use.again or use.kind not in WIDE or final(use):
            continue
        width = use.call.traits.kind.out  # type: ignore[attr-defined]
        groups = getattr(use.call.traits.kind, "groups", 1)
        if type(width) is not int or groups != 1 or width < LEAST or width % MULTIPLE == 0:
            continue
        place = origin(context, run, use, "out")
        if place is None or place.value != width:
            continue
        rounded = -(-width // MULTIPLE) * MULTIPLE
        yield context.found(
            CODE, f"{width} channels are no multiple of {MULTIPLE}", use=use, run=run, path=place.path,
            hint=f"{rounded} cost as much", values=(width,),
            fix=Fix(f"write {rounded}", (Edit(place.span, str(rounded)),), False),
        )  # fmt: skip


def final(use: Use) -> bool:
    """Whether a layer gives a result of the network: nothing but activations and reshaping follows."""
    if use.is_output:
        return True
    return bool(use.consumers) and all(
        one.kind not in WIDE and len(one.sources) == 1 and final(one) for one in use.consumers if one is not use
    )
