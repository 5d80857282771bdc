"""Counting conventions: as text for a terminal, as Markdown for the docs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.conventions.loader import Convention, Count, Rule
from archspec.models.docstrings import one_line
from archspec.render.outputs.base import written
from archspec.render.outputs.conventions import conventions_document
from archspec.render.tables import plain_table, reference_table, wrapped_table
from archspec.studies.catalog import columns_of


def listing(conventions: Sequence[Convention], form: str, room: int | None = None) -> str:
    """All conventions, one row each: as a table of ``room`` columns, Markdown or JSON (``archspec.conventions/1``)."""
    if form == "json":
        return written(conventions_document(conventions))
    head = ("convention", "version", "columns", "what it is")
    rows = [(entry.name, entry.version, ", ".join(entry.columns), _first_sentence(entry)) for entry in conventions]
    if form == "md":
        return reference_table(head, [(f"`{name}`", version, columns, text) for name, version, columns, text in rows])
    return wrapped_table([head, *rows], room)


def full(convention: Convention, form: str) -> str:
    """One convention in full, in the same forms."""
    if form == "json":
        return written(conventions_document([convention]))
    return markdown(convention) if form == "md" else text(convention)


def text(convention: Convention) -> str:
    """One convention for reading in a terminal."""
    from textwrap import indent, wrap

    summary = wrap(one_line(convention.summary), 100)
    lines = [f"{convention.name} {convention.version}".rstrip(), *(f"  {line}" for line in summary)]
    lines += [f"  source: {convention.source}"] if convention.source else []
    lines += [f"  sees: {convention.sees}; a kind without a rule: {convention.unknown}"]
    for word, remarks in (("assumes", convention.assumes), ("bug", convention.bugs)):
        lines += [f"  {word}: {one_line(remark)}" for remark in remarks]
    rows = [(column.name, column.unit, _what(column)) for column in convention.columns.values()]
    lines += ["", "  columns", *(f"    {line}" for line in plain_table(rows)), "", "  rules"]
    for kind, rule in _rules(convention):
        lines.append(f"    {kind}")
        lines += [f"      {name} = {formula} {unit}" for name, formula, unit in columns_of(rule, convention)]
        lines += [indent("\n".join(wrap(remark, 100)), " " * 8) for remark in _remarks(rule)]
    if convention.free:
        lines += ["", "  free"]
        lines += [f"    {line}" for line in plain_table([(*pair,) for pair in convention.free.items()])]
    return "\n".join(lines) + "\n"


def markdown(convention: Convention) -> str:
    """One convention as a page of the docs."""
    parts = [f"# {convention.name}", f"Version {convention.version}. {one_line(convention.summary)}"]
    facts = [f"Source: {convention.source}"] if convention.source else []
    facts.append(
        "It sees modules only: an operation that the reference implementation writes as a function does not count."
        if convention.sees == "modules"
        else "It sees every operation."
    )
    if convention.repeated == "last call":
        facts.append("Of a module that is called several times it keeps the last call only.")
    if convention.experts == "unknown":
        facts.append("What it says of layers inside `experts` is not known.")
    facts.append(f"A kind without a rule is not counted: {convention.unknown}.")
    facts += [f"Assumes: {one_line(remark)}" for remark in convention.assumes]
    facts += [f"Bug: {one_line(remark)}" for remark in convention.bugs]
    parts.append("\n".join(f"- {fact}" for fact in facts))
    rows = [(f"`{column.name}`", column.unit, _what(column, "`")) for column in convention.columns.values()]
    parts += ["## Columns", reference_table(("column", "unit", "what it counts"), rows).rstrip(), "## Rules"]
    for kind, rule in _rules(convention):
        lines = [f"### `{kind}`", ""]
        lines += [f"- `{name}` = `{formula}` {unit}" for name, formula, unit in columns_of(rule, convention)]
        parts.append("\n".join([*lines, *(f"- {remark}" for remark in _remarks(rule))]))
    if convention.free:
        free = reference_table(("kind", "why"), [(f"`{kind}`", reason) for kind, reason in convention.free.items()])
        parts += ["## Free", "Counted as nothing, on purpose:", free.rstrip()]
    return "\n\n".join(parts) + "\n"


def _rules(convention: Convention) -> list[tuple[str, Rule]]:
    """Kinds and pseudo-kinds with their rules, in the file's order."""
    rules = ((kind, convention.rule(kind)) for kind in convention.kinds())
    return [(kind, rule) for kind, rule in rules if rule is not None]


def _what(column: Count, quote: str = "") -> str:
    """What a column is, the formula that counts where a rule has none, and whether that is for every layer."""
    text = column.summary
    if column.default is not None and not column.default.isdigit():
        text += f"; {quote}{column.default}{quote} unless a rule says otherwise"
    return text + (", of layers that do not run too" if column.of == "weights" else "")


def _remarks(rule: Rule) -> list[str]:
    """What a rule says beside its formulas."""
    where = "" if rule.bites in ("", "1") else f", where {rule.bites}"
    said = (("", rule.note), (f"Bug{where}: ", rule.bug), ("Source: ", rule.source))
    return [word + one_line(remark) for word, remark in said if remark]


def _first_sentence(convention: Convention) -> str:
    sentence, _, _ = one_line(convention.summary).partition(". ")
    return sentence.rstrip(".")
