"""``archspec.roofline/1``: the least time that a chip's peaks leave each layer of a network."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from archspec.hardware.roofline import Cost, Roofline
from archspec.render.json import settings
from archspec.render.outputs.base import Count, Output
from archspec.render.outputs.compare import CompareSettings
from archspec.render.outputs.summary import SpecName

Seconds = float


class UtilisationEntry(Output):
    """The parts of its peaks that the chip is taken to reach, an input."""

    compute: float
    bandwidth: float


class RooflineSettings(CompareSettings):
    """At what it was worked out."""

    weights: str | None
    """The format in which the weights are read; the dtype where it is null."""
    utilisation: UtilisationEntry


class PeaksEntry(Output):
    """What the chip can do in a dtype: operations and bytes a second. A rate that is not there is null."""

    chip: str
    mode: str
    dtype: str
    matrix: Count | None
    vector: Count | None
    bandwidth: Count
    ridge: float
    """Operations for each byte above which multiply-accumulates are held up by the arithmetic."""


class CostEntry(Output):
    """What is done and moved, and the seconds that each takes by itself."""

    macs: Count
    flops: Count
    read_bytes: Count
    written_bytes: Count
    arithmetic_intensity: float | None
    """Operations for each byte; null where none is moved."""
    matrix_seconds: Seconds
    """Of the multiply-accumulates, on the matrix unit."""
    vector_seconds: Seconds
    """Of all other operations; of all where there is no matrix unit."""
    bandwidth_seconds: Seconds
    seconds: Seconds
    """Of a layer, the largest of the three; of the network, the sum of its layers'."""


class BoundEntry(CostEntry):
    """A layer."""

    path: str
    kind: str
    bound_by: Literal["compute", "bandwidth", "nothing"]


class RooflineDocument(Output):
    """A network on a chip."""

    schema_: Literal["archspec.roofline/1"]
    spec: SpecName
    settings: RooflineSettings
    peaks: PeaksEntry
    seconds_are: Literal["lower bound", "estimate"]
    """An estimate where the chip is taken to reach less than its peaks."""
    totals: CostEntry
    layers: list[BoundEntry]
    warnings: list[str]


def roofline_document(roofline: Roofline) -> RooflineDocument:
    """A roofline as its contract has it."""
    report, peaks, used = roofline.report, roofline.peaks, roofline.utilisation
    at = {name: value for name, value in settings(report.setting).items() if name != "convention"}
    return RooflineDocument(
        schema_="archspec.roofline/1",
        spec=SpecName(path=report.spec.file, name=report.spec.name, variant=report.variant),
        settings=RooflineSettings(
            **at,
            weights=roofline.weights,
            utilisation=UtilisationEntry(compute=float(used.compute), bandwidth=float(used.bandwidth)),
        ),
        peaks=PeaksEntry(
            chip=roofline.chip.chip,
            mode=roofline.chip.mode,
            dtype=peaks.dtype,
            matrix=peaks.matrix,
            vector=peaks.vector,
            bandwidth=peaks.bandwidth,
            ridge=float(peaks.ridge),
        ),
        seconds_are="lower bound" if roofline.is_bound else "estimate",
        totals=CostEntry(**{**costs(roofline.whole), "seconds": near(roofline.seconds)}),
        layers=[
            BoundEntry(path=layer.path, kind=layer.kind, **costs(layer.cost), bound_by=layer.cost.by)
            for layer in roofline.layers
        ],
        warnings=list(roofline.warnings),
    )


def costs(cost: Cost) -> dict[str, Any]:
    """The figures of a cost; seconds are the floats nearest to them."""
    return {
        "macs": cost.macs,
        "flops": cost.flops,
        "read_bytes": cost.read,
        "written_bytes": cost.written,
        "arithmetic_intensity": None if cost.intensity is None else near(cost.intensity),
        "matrix_seconds": near(cost.matrix),
        "vector_seconds": near(cost.vector),
        "bandwidth_seconds": near(cost.bandwidth),
        "seconds": near(cost.seconds),
    }


def near(value: Fraction) -> float:
    """The float nearest to a value, which is whole beyond all floats."""
    return float(value) if value < 10**300 else int(value)
