"""``archspec.explain/1``: the formula behind each figure of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from archspec.render.json import plain
from archspec.render.outputs.base import Output, Shape
from archspec.studies.explain import Explanation


class StepEntry(Output):
    """One formula at work."""

    section: str
    """shape, weights, or the name of a convention."""
    name: str
    formula: str
    substituted: str
    """The formula with its values put in."""
    result: Any
    unit: str
    source: str
    note: str
    """What the formula cannot say."""
    latex: str


class Explained(Output):
    """A layer and the steps to its figures."""

    path: str
    kind: str
    inputs: list[Shape]
    output: Shape
    steps: list[StepEntry]


class ExplainDocument(Output):
    """Layers with the formulas behind their figures."""

    schema_: Literal["archspec.explain/1"]
    layers: list[Explained]


def explain_document(explanations: Sequence[Explanation]) -> ExplainDocument:
    """The explanations."""
    return ExplainDocument(
        schema_="archspec.explain/1",
        layers=[
            Explained(
                path=explanation.row.path,
                kind=explanation.row.kind,
                inputs=plain(explanation.row.inputs),
                output=plain(explanation.row.output),
                steps=[StepEntry(**plain(step._asdict())) for step in explanation.steps],
            )
            for explanation in explanations
        ],
    )
