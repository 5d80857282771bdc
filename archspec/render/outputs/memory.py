"""``archspec.memory/1``: what a network needs of memory."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from archspec.memory.measured import FIGURES, OF_LAYERS, RATIOS, Memory
from archspec.memory.settings import MemorySettings
from archspec.render.json import plain, settings
from archspec.render.outputs.base import Output
from archspec.render.outputs.compare import CompareSettings
from archspec.render.outputs.summary import SpecName


def _figures(name: str, base: type[Output], figures: dict[str, str]) -> Any:
    """An object with these keys."""
    fields: dict[str, Any] = {
        key: (float if key in RATIOS else int, Field(0, description=meaning)) for key, meaning in figures.items()
    }
    return create_model(name, __base__=base, __module__=__name__, **fields)


class MemorySetting(CompareSettings, MemorySettings):
    """At what it was worked out: the analysis' setting, and what was asked of memory."""


class PartEntry(Output):
    """A figure with the model that it comes from."""

    name: str
    total: str
    """The total that it is, or is a part of."""
    value: int
    formula: str
    """How it is worked out, with the values put in."""
    source: str


class AliveEntry(Output):
    """A tensor that is alive at the peak."""

    tensor: str
    """The layer that makes it, or the name of an input."""
    bytes: int
    until: str
    """The last layer that uses it, empty for a result."""


class PeakEntry(Output):
    """Where most is alive in an evaluation."""

    path: str
    """The first layer at which it is."""
    bytes: int
    tensors: list[AliveEntry]


class LayerName(Output):
    """Which layer it is."""

    path: str
    kind: str


MemoryTotals: Any = _figures("MemoryTotals", Output, FIGURES)
LayerMemory: Any = _figures("LayerMemory", LayerName, OF_LAYERS)


class MemoryDocument(Output):
    """A network's memory. A figure that was not asked for is absent."""

    schema_: Literal["archspec.memory/1"]
    spec: SpecName
    settings: MemorySetting
    totals: MemoryTotals
    parts: list[PartEntry]
    beside: list[PartEntry]
    """Figures by several models side by side, where several are asked for."""
    peak: PeakEntry
    layers: list[LayerMemory]
    warnings: list[str]


def memory_document(memory: Memory) -> MemoryDocument:
    """A memory as its contract has it."""
    report = memory.report
    at = {name: value for name, value in settings(report.setting).items() if name != "convention"}
    return MemoryDocument(
        schema_="archspec.memory/1",
        spec=SpecName(path=report.spec.file, name=report.spec.name, variant=report.variant),
        settings=MemorySetting(**at, **plain(memory.settings.model_dump(exclude_defaults=True))),
        totals=MemoryTotals(**memory.totals),
        parts=[PartEntry(**part._asdict()) for part in memory.parts],
        beside=[PartEntry(**part._asdict()) for part in memory.beside],
        peak=PeakEntry(
            path=memory.schedule.path,
            bytes=memory.schedule.peak,
            tensors=[AliveEntry(**tensor._asdict()) for tensor in memory.schedule.alive],
        ),
        layers=[LayerMemory(**layer) for layer in memory.layers],
        warnings=list(memory.warnings),
    )
