"""``archspec.summary/1``: a network's figures, layer by layer. `render.json` writes it, as plain data from the start:
a network may have a million layers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from archspec.analysis.metrics import METRICS, OF_LAYERS, Metric
from archspec.render.outputs.base import Line, Output, Shape, Size


def _figures(name: str, metrics: tuple[Metric, ...]) -> Any:
    """An object with the metrics' names as keys."""
    fields: dict[str, Any] = {metric.name: (Size, Field(description=metric.meaning)) for metric in metrics}
    return create_model(name, __base__=Output, __module__=__name__, **fields)


LayerFigures: Any = _figures("LayerFigures", OF_LAYERS)
NetworkFigures: Any = _figures("NetworkFigures", tuple(metric for metric in METRICS if "." not in metric.name))


class SpecName(Output):
    """What was analysed."""

    path: str
    name: str
    variant: str | None


class SettingsEntry(Output):
    """At what it was analysed."""

    batch: Size
    dtype: str
    dims: dict[str, Any]
    """Free sizes that were given."""
    vars: dict[str, Any]
    """Variables that were given."""
    convention: str
    """The counting convention of `columns`."""


class MemoryEntry(Output):
    """Memory as a tool has it."""

    input_bytes: Size
    forward_backward_bytes: Size
    params_bytes: Size
    total_bytes: Size


class LayerEntry(LayerFigures):  # type: ignore[misc]
    """The figures of one layer."""

    path: str
    kind: str
    inputs: list[Shape]
    """Shapes of the inputs, the batch at axis 0."""
    output: Shape
    status: str
    """How the convention has it: counted, free, unknown, not seen, ..."""
    repeat: Size
    """How many layers alike it stands for."""
    line: Line
    """Where the spec says it."""
    columns: dict[str, Size]
    """What the convention counts."""


class Totals(NetworkFigures):  # type: ignore[misc]
    """The figures of the network."""

    memory: dict[str, MemoryEntry]
    """Memory as each of these tools has it."""
    columns: dict[str, Size]
    """What the convention counts."""


class SummaryDocument(Output):
    """A network's figures. They are exact integers that may exceed 2^53: a reader of JSON must keep them whole."""

    schema_: Literal["archspec.summary/1"]
    spec: SpecName
    settings: SettingsEntry
    totals: Totals
    layers: list[LayerEntry]
    warnings: list[str]
