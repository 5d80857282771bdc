"""Figures of memory under the names of metrics: worked out where one is asked for, once for a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from archspec.analysis.metrics import BY_NAME, OfMemory
from archspec.analysis.report import Report, Row
from archspec.errors import UsageError
from archspec.graph.walk import UNROLLED, walk

if TYPE_CHECKING:
    from archspec.memory.measured import Memory

_measured: WeakKeyDictionary[Report, dict[bool, Memory]] = WeakKeyDictionary()


def total(report: Report, name: str) -> Any:
    """The total of a metric of that name. Raises ArchspecError for one of memory that cannot be worked out."""
    source = BY_NAME[name].source
    if not isinstance(source, OfMemory):
        return report.totals.figure(name)
    memory = measured(report, source)
    if name not in memory.totals:
        raise UsageError(f"`{name}` is not known of this network", hint="; ".join(memory.warnings))
    return memory.totals[name]


def measured(report: Report, source: OfMemory) -> Memory:
    """What a figure is read off, without any options but for training. Raises UsageError."""
    from archspec.memory.measure import measure
    from archspec.memory.settings import MemorySettings

    known = _measured.setdefault(report, {})
    if source.train not in known:
        known[source.train] = measure(report, MemorySettings(train=source.train))
    return known[source.train]


class OfRows:
    """A metric of memory for the rows of a report. Raises UsageError where it cannot be worked out."""

    def __init__(self, report: Report, name: str) -> None:
        metric = BY_NAME[name]
        assert isinstance(metric.source, OfMemory)
        self.joined = max if metric.adds == "maximum" else sum
        self.values: dict[str, list[int]] = {}  # of layers, by each path that leads to them
        self.instances: dict[str, list[str]] = {}  # the paths of a folded row's instances, by its own
        of_layers: Mapping[str, int] = {
            layer["path"]: sum(layer.get(key, 0) for key in metric.source.layers)
            for layer in measured(report, metric.source).layers
        }
        for step in walk(report.graph, UNROLLED):
            folded = ".".join([*(group.name for group in step.place.groups), step.item.name])
            self.instances.setdefault(folded, []).append(step.path)
            if step.path in of_layers:
                parts = step.path.split(".")
                for depth in range(1, len(parts) + 1):
                    self.values.setdefault(".".join(parts[:depth]), []).append(of_layers[step.path])

    def of(self, row: Row) -> list[int]:
        """The figure of each instance of a row."""
        paths = [row.path] if type(row.repeat) is int and row.repeat == 1 else self.instances[row.path]
        return [self.joined(self.values.get(path, [0])) for path in paths]

    def whole(self, row: Row) -> int:
        """That of all of them together."""
        return self.joined(self.of(row))
