"""An expected figure of few digits, and no exact one beside it.

What:
    A figure under `expect` below four significant digits, in a variant without any exact figure.
Why:
    `25M` stands for all from 24.5 to 25.5 million: a layer more or less stays within it.
Example:
    layers:
      - linear: {out: 1000, act: relu}
      - linear: 10
    expect: {params: 43K}
Cure:
    Write four digits or more, or all of them.

    layers:
      - linear: {out: 1000, act: relu}
      - linear: 10
    expect: {params: 43_010}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.errors import SpecError
from archspec.lint.context import Context
from archspec.lint.editing import is_json
from archspec.policy.expect import figure, parse
from archspec.text.edits import Edit, Fix
from archspec.text.findings import Finding

CODE, NAME, SEVERITY, FIX = "AS502", "coarse-expectation", "warning", "unsafe"
DIGITS = 4


def check(context: Context) -> Iterator[Finding]:
    """The figures of each variant."""
    for run in context.runs:
        figures = context.spec.expect.get(run.variant or "", {})
        path = ("expect", run.variant) if run.variant in context.spec.expect else ("expect",)
        coarse = list(_coarse(figures))
        for name in coarse:
            whole = (*path, name)
            fix = None
            try:
                actual = figure(run.report.totals, name)
                exact = str(actual) if is_json(context) else f"{actual:_}"
                fix = Fix(f"write {exact}", (Edit(context.span(whole), exact),), False)
            except SpecError:
                pass  # an unknown figure, which `archspec check` tells of
            yield context.found(
                CODE,
                f"{figures[name]} has less than {DIGITS} digits, and no figure beside it is exact",
                path=whole,
                run=run,
                values=(name,),
                fix=fix,
            )


def _coarse(figures: Mapping[str, Any]) -> Iterator[str]:
    """Names of the coarse figures, none where one is exact."""
    found = []
    for name, value in figures.items():
        try:
            number, step = parse(value)
        except SpecError:
            continue
        if not step:
            return
        if len(str(int(number / step))) < DIGITS:
            found.append(name)
    yield from found
