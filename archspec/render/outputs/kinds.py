"""``archspec.kinds/1``: the kinds of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archspec.conventions.loader import convention
from archspec.render.outputs.base import Output
from archspec.studies.catalog import Entry, columns_of


class ArgumentEntry(Output):
    """One argument."""

    name: str
    type: str
    default: str
    """As a spec writes it, or `required`."""
    text: str
    main: bool
    """Whether it can stand alone: `linear: 1000`."""


class WeightEntry(Output):
    """A tensor that the layer owns."""

    name: str
    shape: str
    """Its axes, as formulas over the facts."""
    when: str | None
    """The fact that it depends on."""
    buffer: bool


class FormulaEntry(Output):
    """A rule of shapes."""

    name: str
    formula: str
    source: str


class KindEntry(Output):
    """One kind."""

    name: str
    family: str
    summary: str
    text: str
    inputs: str
    arguments: list[ArgumentEntry]
    weights: list[WeightEntry]
    facts: dict[str, str]
    """What a formula of a convention may name, besides what every layer has."""
    formulas: list[FormulaEntry]
    counted: dict[str, str]
    """archspec's own formula for each figure."""
    source: str


class KindsDocument(Output):
    """Kinds, family by family."""

    schema_: Literal["archspec.kinds/1"]
    kinds: list[KindEntry]


def kinds_document(entries: Sequence[Entry]) -> KindsDocument:
    """The kinds."""
    return KindsDocument(schema_="archspec.kinds/1", kinds=[_kind(entry) for entry in entries])


def _kind(entry: Entry) -> KindEntry:
    counts = columns_of(entry.rule, convention("archspec")) if entry.rule else []
    return KindEntry(
        name=entry.name,
        family=entry.family,
        summary=entry.summary,
        text=entry.text,
        inputs=entry.inputs,
        arguments=[ArgumentEntry(**argument._asdict()) for argument in entry.arguments],
        weights=[
            WeightEntry(name=weight.name, shape=weight.dims, when=weight.when, buffer=weight.buffer)
            for weight in entry.weights
        ],
        facts=dict(entry.facts),
        formulas=[
            FormulaEntry(name=formula.name, formula=str(formula.expr), source=formula.source)
            for formula in entry.formulas
        ],
        counted={name: str(formula) for name, formula, _ in counts},
        source=entry.source,
    )
