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
from archspec.lint.editing import fix
from archspec.lint.flow import Use
from archspec.lint.origin import origin
from archspec.sizes import ceil_div
from archspec.text.edits import Edit
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS201", "uneven-width", "info", "unsafe"
MULTIPLE, LEAST = 8, 128


def check(context: Context) -> Iterator[Finding]:
    """Each wide layer, found where its width is written: those that share one number are one finding."""
    for run, use in context.layers():
        if use.layer.role != "projection" or final(use):
            continue
        width = use.layer.out
        if type(width) is not int or getattr(use.layer, "groups", 1) != 1 or width < LEAST or width % MULTIPLE == 0:
            continue
        place = origin(context, run, use, "out")
        if place is None or place.value != width:
            continue
        rounded = MULTIPLE * ceil_div(width, MULTIPLE)
        yield context.finding(
            CODE,
            f"{width} channels are no multiple of {MULTIPLE}",
            use=use,
            run=run,
            path=place.path,
            hint=f"{rounded} cost as much",
            values=(width,),
            fix=fix(f"write {rounded}", Edit(place.span, str(rounded)), safe=False),
        )


def final(use: Use) -> bool:
    """Whether a layer gives a result of the network: nothing but activations and reshaping follows."""
    takers = [taker for taker in use.consumers if taker is not use]
    return use.is_output or (bool(use.consumers) and all(_passes(taker) and final(taker) for taker in takers))


def _passes(use: Use) -> bool:
    return use.layer.role != "projection" and len(use.sources) == 1
