"""The reference of kinds: as text for a terminal, as Markdown for the docs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from archspec.conventions.loader import convention
from archspec.render.outputs.base import written
from archspec.render.outputs.kinds import kinds_document
from archspec.render.tables import plain_table, reference_table, wrapped_table
from archspec.studies.catalog import Entry, columns_of

if TYPE_CHECKING:
    from archspec.kinds.formula import WeightRule

WIDTH = 100


def listing(entries: Sequence[Entry], form: str, room: int | None = None) -> str:
    """All kinds, one row each: as a table of ``room`` columns, Markdown or JSON (``archspec.kinds/1``)."""
    if form == "json":
        return written(kinds_document(entries))
    rows = [(entry.name, entry.family, _main(entry), entry.summary) for entry in entries]
    head = ("kind", "family", "main argument", "what it is")
    if form == "md":
        cells = [(f"`{name}`", family, main and f"`{main}`", text) for name, family, main, text in rows]
        return reference_table(head, cells)
    return wrapped_table([head, *rows], room)


def full(entry: Entry, form: str) -> str:
    """One kind in full, in the same forms."""
    if form == "json":
        return written(kinds_document([entry]))
    return markdown(entry, "#") if form == "md" else text(entry)


def text(entry: Entry) -> str:
    """One kind for reading in a terminal."""
    head = f"{entry.name}  ({entry.family}, inputs: {entry.inputs})"
    lines = [head, *_indented(entry.summary), *_indented(entry.text)]
    if entry.arguments:
        lines.append("\n  arguments")
    for argument in entry.arguments:
        default = argument.default if argument.default == "required" else f"default {argument.default}"
        main = f"; main: `{entry.name}: ...`" if argument.main else ""
        lines += [f"    {argument.name}: {argument.type}; {default}{main}", *_indented(argument.text, 6)]
    if entry.weights:
        lines.append("\n  weights")
    lines += [f"    {weight.name} [{weight.dims}]{_remark(weight)}" for weight in entry.weights]
    if entry.formulas:
        lines.append("\n  formulas")
    lines += [f"    {formula.name} = {formula.expr}" for formula in entry.formulas]
    if entry.facts:
        lines.append("\n  facts, for conventions")
        lines += [f"    {line}" for line in plain_table([(*fact,) for fact in entry.facts.items()])]
    formulas, note = _counted(entry)
    lines += ["\n  counted by archspec", *(f"    {formula}" for formula in formulas), *_indented(note, 4)]
    return "\n".join([*lines, f"\n  {entry.source}"]) + "\n"


def markdown(entry: Entry, level: str) -> str:
    """One kind as a section of the docs; ``level`` is the mark of its heading."""
    parts = [f"{level} `{entry.name}`", entry.summary, *([entry.text] if entry.text else [])]
    if entry.arguments:
        rows = [
            (
                f"`{argument.name}`{' (main)' * argument.main}",
                argument.type,
                _default(argument.default),
                argument.text,
            )
            for argument in entry.arguments
        ]
        parts.append(reference_table(("argument", "type", "default", "meaning"), rows).rstrip())
    remarks = [f"Inputs: {entry.inputs}."]
    if entry.weights:
        weights = (f"`{weight.name}` [{weight.dims}]{_remark(weight)}" for weight in entry.weights)
        remarks.append(f"Weights: {'; '.join(weights)}.")
    for formula in entry.formulas:
        remarks.append(f"{formula.name.capitalize()}: `{formula.expr}` ([source]({formula.source})).")
    if entry.facts:
        remarks.append("Facts:\n" + "\n".join(f"  - `{name}`: {meaning}" for name, meaning in entry.facts.items()))
    formulas, note = _counted(entry)
    counted = "; ".join([*(f"`{formula}`" for formula in formulas), *([note] if note else [])])
    remarks.append(f"Counted by archspec: {counted}.")
    remarks.append(f"Source: <{entry.source}>")
    return "\n\n".join([*parts, "\n".join(f"- {remark}" for remark in remarks)]) + "\n"


def _default(default: str) -> str:
    return default if default == "required" else f"`{default}`"


def _main(entry: Entry) -> str:
    return next((argument.name for argument in entry.arguments if argument.main), "")


def _remark(weight: WeightRule) -> str:
    return (f" where {weight.when}" if weight.when else "") + (", a buffer" if weight.buffer else "")


def _counted(entry: Entry) -> tuple[list[str], str]:
    """archspec's own rule: its formulas and its note."""
    if entry.rule is None:
        return [], f"as nothing, {entry.free}" if entry.free else "not at all, it has no rule"
    columns = columns_of(entry.rule, convention("archspec"))
    return [f"{name} = {formula} {unit}" for name, formula, unit in columns], entry.rule.note


def _indented(said: str, by: int = 2) -> list[str]:
    return wrap(said, WIDTH, initial_indent=" " * by, subsequent_indent=" " * by) if said else []
