"""A wide layer whose width is not a multiple of 8.

What:
    A convolution or linear layer without groups whose channels, 128 or more, are no multiple of 8, where they are
    written as a number or worked out from variables alone, which are then named with their lines. Narrower layers are
    exempt, and the network's results, those of heads for training too: the task gives their number.
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
from archspec.lint.origin import Written, origin, rewritten
from archspec.sizes import ceil_div
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS201", "uneven-width", "info", "unsafe"
MULTIPLE, LEAST = 8, 128
MIXING = ("projection", "product", "attention", "recurrent")  # widths behind them are others


def check(context: Context) -> Iterator[Finding]:
    """Each wide layer, found where its width is written: those that share one number are one finding."""
    for run in context.runs:
        ends = results(run.uses)
        for use in run.uses:
            width = use.layer.out if use.layer.role == "projection" and not use.again and use not in ends else 0
            if type(width) is not int or width < LEAST or width % MULTIPLE == 0 or getattr(use.layer, "groups", 1) != 1:
                continue
            place = origin(context, run, use, "out")
            if place is None or (place.value != width and not place.terms):
                continue
            rounded = MULTIPLE * ceil_div(width, MULTIPLE)
            yield context.finding(
                CODE,
                f"{width} channels are no multiple of {MULTIPLE}{terms(place)}",
                use=use,
                run=run,
                path=place.path,
                hint=f"{rounded} cost as much",
                values=(width,),
                fix=rewritten([place], width, rounded),
            )


def terms(place: Written) -> str:
    """What an expression's variables are, and where they are set."""
    each = [f"`{name}` is {term.value}, set on line {term.span.line}" for name, term in place.terms]
    return f": {'; '.join(each)}" if each else ""


def results(uses: list[Use]) -> set[Use]:
    """The layers whose width is that of a result, one that training alone has included: no other weights follow."""
    ends: set[Use] = set()
    for use in reversed(uses):
        if use.is_output or (not use.consumers and use.trains) or any(passes(taker, ends) for taker in use.consumers):
            ends.add(use)
    return ends


def passes(taker: Use, ends: set[Use]) -> bool:
    """Whether a width goes through a layer to a result."""
    return taker in ends and taker.layer.role not in MIXING
