"""What is saved of the forward pass of a training step, as the settings have it: adapters, dtypes, blocks run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archspec.analysis.report import Report
from archspec.kinds.dtypes import DTYPES
from archspec.memory.autograd.kept import Kept, kept
from archspec.memory.autograd.model import Autograd
from archspec.memory.files import load
from archspec.memory.program import Program, program
from archspec.memory.storages import Storages, place
from archspec.memory.training.autocast import WIDE, autocast, copied
from archspec.memory.training.checkpoints import Checkpointed, blocks, checkpointed
from archspec.memory.training.lora import Lora, adapted, between
from archspec.memory.training.parameters import MULTIPLIES
from archspec.memory.training.policies import Policy
from archspec.memory.training.settings import TrainingSettings
from archspec.records import NamedTuple


class Forward(NamedTuple):
    """A forward pass in training: its layers, where its tensors are, the convention, what is kept of it."""

    program: Program
    storages: Storages
    convention: Autograd
    saved: Checkpointed
    unknown: Mapping[str, tuple[str, ...]]


def forward(report: Report, autograd: str, settings: TrainingSettings, chosen: Policy, adapter: Lora | None) -> Forward:
    """The forward pass of a step. Raises ArchspecError."""
    convention = load("autograd", autograd, Autograd, "convention of autograd")
    ran = program(report.graph, training=True)
    if adapter is not None:
        ran = adapted(ran, adapter)
    dtype = convention.dtype or chosen.activations
    if chosen.autocast:
        ran = autocast(ran, dtype)
    storages = place(ran, dtype)
    found = kept(ran, storages, convention, dtype)
    records: Iterable[Kept] = found.kept
    if chosen.autocast:
        records = copied(ran, records, kept(ran, storages, convention, WIDE).kept, dtype)
    if adapter is not None:
        records = sorted([*records, *between(ran, adapter, dtype)], key=lambda record: record.operation)
    if chosen.multiplied is not None:
        records = cast(ran, records, DTYPES[chosen.multiplied], DTYPES[dtype])
    inside = blocks(report.graph, settings.checkpoint) if settings.checkpoint else {}
    return Forward(ran, storages, convention, checkpointed(ran, storages, records, inside), found.unknown)


def cast(ran: Program, records: Iterable[Kept], wanted: int, size: int) -> Iterable[Kept]:
    """What is kept where the inputs of layers that multiply with a matrix of their own are copied to another dtype."""
    for record in records:
        traits = ran.operations[record.operation].layer.traits
        if record.what == "input" and traits.kind.role in MULTIPLIES and traits.facts["params"]:
            yield record._replace(bytes=record.bytes // size * wanted, storage=None)
        else:
            yield record
