"""``archspec.compare-layers/1``: the layers that two conventions count differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from archspec.render.json import plain
from archspec.render.outputs.base import Output, Size
from archspec.studies.compare import Difference


class Counted(Output):
    """What one convention counts of a layer, over all its repeats."""

    formula: str
    value: Size


class DifferenceEntry(Output):
    """A layer that the two count differently."""

    path: str
    kind: str
    repeat: Size
    """How many layers alike it stands for."""
    left: Counted
    right: Counted


class CompareLayersDocument(Output):
    """The layers on which two conventions differ."""

    schema_: Literal["archspec.compare-layers/1"]
    between: list[str]
    """The conventions, left and right."""
    layers: list[DifferenceEntry]


def compare_layers_document(differences: Sequence[Difference], left: str, right: str) -> CompareLayersDocument:
    """The differences of two conventions."""
    return CompareLayersDocument(
        schema_="archspec.compare-layers/1",
        between=[left, right],
        layers=[
            DifferenceEntry(
                path=difference.path,
                kind=difference.kind,
                repeat=plain(difference.repeat),
                left=_counted(*difference.left),
                right=_counted(*difference.right),
            )
            for difference in differences
        ],
    )


def _counted(formula: str, value: Any) -> Counted:
    return Counted(formula=formula, value=plain(value))
