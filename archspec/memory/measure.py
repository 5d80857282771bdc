"""All that is asked about a network's memory, out of the report of its analysis."""

from __future__ import annotations

from archspec.analysis.report import Report, of_one_point
from archspec.memory.backward.flops import backward
from archspec.memory.estimates.study import estimates
from archspec.memory.inference import inference, schedule
from archspec.memory.kv.cache import kv_cache
from archspec.memory.measured import Measured, Memory, Part
from archspec.memory.order import best
from archspec.memory.program import Program, program
from archspec.memory.settings import MemorySettings
from archspec.memory.storages import place
from archspec.memory.traffic import traffic
from archspec.memory.training.study import training
from archspec.memory.weights import weights


def measure(report: Report, settings: MemorySettings = MemorySettings()) -> Memory:  # noqa: B008 it is frozen
    """What a network needs of memory at the setting of its report. Raises UsageError."""
    of_one_point(report, "memory")
    settings.check()
    evaluation = program(report.graph, training=False)
    storages = place(evaluation, report.setting.dtype)
    found = best(evaluation, storages)
    ran = schedule(evaluation, storages, settings.order, found)
    stored = weights(report, evaluation, settings.weights)
    studies = [
        stored,
        inference(evaluation, storages, ran, found),
        traffic(report, evaluation, storages, settings.weights),
    ]
    if settings.kv:
        studies.append(kv_cache(report, evaluation, settings))
    if settings.train:
        studies += [training(report, settings, stored), backward(report, settings)]
    totals = {name: value for study in studies for name, value in study.totals.items()}
    if settings.estimate:
        studies.append(estimates(report, settings, totals))
    return Memory(
        report=report,
        settings=settings,
        totals=totals,
        parts=restated(studies),
        layers=layers(program(report.graph, training=True) if settings.train else evaluation, studies),
        schedule=ran,
        warnings=tuple(text for study in studies for text in study.warnings),
        beside=tuple(part for study in studies for part in study.beside),
    )


def restated(studies: list[Measured]) -> tuple[Part, ...]:
    """The parts of each total as the last study says it: weights are others in training."""
    last = {name: number for number, study in enumerate(studies) for name in study.totals}
    return tuple(
        part for number, study in enumerate(studies) for part in study.parts if last.get(part.total, number) == number
    )


def layers(ran: Program, studies: list[Measured]) -> tuple[dict[str, object], ...]:
    """The figures of each layer that ran, in order."""
    return tuple(
        {
            "path": operation.path,
            "kind": operation.layer.traits.kind.kind,
            **{name: value for study in studies for name, value in study.layers.get(operation.path, {}).items()},
        }
        for operation in ran.operations
    )
