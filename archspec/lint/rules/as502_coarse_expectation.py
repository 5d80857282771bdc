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
from archspec.lint.context import Context, Run
from archspec.lint.editing import fix, is_json
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
        for name in _coarse(figures):
            yield context.finding(
                CODE,
                f"{figures[name]} has less than {DIGITS} digits, and no figure beside it is exact",
                path=(*path, name),
                run=run,
                values=(name,),
                fix=_exact(context, run, (*path, name)),
            )


def _exact(context: Context, run: Run, path: tuple[str, ...]) -> Fix | None:
    """The figure written out; none for an unknown one, which `archspec check` tells of."""
    try:
        actual = figure(run.report, path[-1])
    except SpecError:
        return None
    exact = str(actual) if is_json(context) else f"{actual:_}"
    return fix(f"write {exact}", Edit(context.span(path), exact), safe=False)


def _coarse(figures: Mapping[str, Any]) -> list[str]:
    """Names of the coarse figures, none where one is exact."""
    names = []
    for name, value in figures.items():
        try:
            number, step = parse(value)
        except SpecError:
            continue
        if not step:
            return []
        if len(str(int(number / step))) < DIGITS:
            names.append(name)
    return names
