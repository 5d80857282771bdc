"""Explanations as text, Markdown with LaTeX, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from archspec.errors import printable
from archspec.render.markdown import code, escaped
from archspec.render.numbers import exact, shape
from archspec.studies.explain import Explanation, Step


def text(explanations: Sequence[Explanation], *, placed: bool = True) -> str:
    """Each layer's formulas one below the other; where ``placed``, with its name and line in the file."""
    return "\n".join(_layer(explanation, placed) for explanation in explanations)


def markdown(explanations: Sequence[Explanation]) -> str:
    """The same with formulas in LaTeX."""
    parts = []
    for explanation in explanations:
        parts.append(f"### {code(explanation.row.path)}\n\n{escaped(_head(explanation))}\n")
        for section, steps in groupby(explanation.steps, key=lambda step: step.section):
            parts.append(f"**{section}**\n")
            parts.extend(_markdown_step(step) for step in steps)
    return "\n".join(parts)


def _head(explanation: Explanation, placed: bool = True) -> str:
    row = explanation.row
    inputs = " ".join(map(shape, row.inputs))
    times = "" if row.repeat == 1 else f", one of {exact(row.repeat)} alike"
    note = f" ({row.note})" if row.note else ""
    line = f"  line {row.line}" if placed else ""
    return f"{row.kind}  {inputs} -> {shape(row.output)}{line}{times}{note}"


def _layer(explanation: Explanation, placed: bool) -> str:
    name = f"{explanation.row.path}  " if placed else ""
    lines = [printable(name + _head(explanation, placed))]
    for section, steps in groupby(explanation.steps, key=lambda step: step.section):
        lines.append(f"  {section}")
        said: set[str] = set()
        for step in steps:
            lines.extend(map(printable, _text_step(step)))
            lines.extend(
                f"      {printable(remark)}" for remark in (step.note, step.source) if remark and remark not in said
            )
            said.update((step.note, step.source))
    return "\n".join(lines) + "\n"


def _text_step(step: Step) -> list[str]:
    result = exact(step.result) if type(step.result) is int else str(step.result)
    unit = f" {step.unit}" if step.unit else ""
    if step.result is None:
        return [f"    {step.name}"]
    if not step.substituted:
        return [f"    {step.name} {step.formula} -> {result}"]
    if step.formula == step.substituted:
        return [f"    {step.name} = {step.formula}{'' if step.formula == result else f' = {result}'}{unit}"]
    pad = " " * (4 + len(step.name))
    return [f"    {step.name} = {step.formula}", f"{pad} = {step.substituted}", f"{pad} = {result}{unit}"]


def _markdown_step(step: Step) -> str:
    result = exact(step.result) if type(step.result) is int else str(step.result)
    formula = f"${step.latex}$" if step.latex else code(step.formula)
    remarks = "".join(f"  \n  {escaped(remark)}" for remark in (step.note, step.source) if remark)
    return f"- {step.name} = {formula} = {code(step.substituted)} = **{result}** {step.unit}{remarks}\n"
