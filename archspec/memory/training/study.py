"""What a training step keeps on a device: weights, gradients, the optimizer's state, what is saved for backward."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from archspec.analysis.report import Report
from archspec.errors import UsageError
from archspec.graph.walk import FOLDED, UNROLLED
from archspec.memory.autograd.kept import Kept, Saved
from archspec.memory.autograd.saved import TOTAL as SAVED
from archspec.memory.autograd.saved import summed
from archspec.memory.measured import Measured, Part
from archspec.memory.settings import MemorySettings
from archspec.memory.training.forward import forward
from archspec.memory.training.lora import adapters, lora
from archspec.memory.training.optimizers import optimizer
from archspec.memory.training.parameters import Parameter, borrowed, buffers, multiplied, parameters
from archspec.memory.training.pipeline import Pipeline, pipeline
from archspec.memory.training.policies import policy
from archspec.memory.training.rank import WEIGHTS, Shares, held
from archspec.memory.training.tensor import Split, split, uncut

OPTIMIZER = "adamw"  # where none is named
TOTAL = "training_total_bytes"
AGAIN = "recomputed_bytes"
# What it adds up.
ADDED = (
    "weights_bytes",
    "buffers_bytes",
    "weight_copies_bytes",
    "gradients_bytes",
    "optimizer_bytes",
    SAVED,
    AGAIN,
)


def training(report: Report, settings: MemorySettings, stored: Measured) -> Measured:
    """All that a step keeps on the device that keeps most; frozen weights as ``stored`` where a format is asked for.

    Raises ArchspecError.
    """
    step = _Step(report, settings, stored)
    ranks = [step.rank(stage) for stage in range(settings.pipeline)]
    fullest = max(ranks, key=lambda rank: rank.totals[TOTAL])
    notes = [*step.notes]
    if settings.pipeline > 1:
        notes.append(f"figures are of stage {ranks.index(fullest)} of {settings.pipeline}, which needs most")
    return fullest._replace(warnings=(*notes, *fullest.warnings))


class _Step:
    """A training step, which each of its devices has a part of."""

    def __init__(self, report: Report, settings: MemorySettings, stored: Measured) -> None:
        self.settings = settings
        self.policy = policy(settings.policy, report.setting.dtype)
        self.notes = [f"policy {settings.policy}: {self.policy.assumes}"] if self.policy.assumes else []
        if settings.accumulate is not None:
            whole = settings.accumulate * settings.data_parallel * report.setting.batch
            micro = f"{settings.accumulate:,} micro-batches of {report.setting.batch:,}"
            self.notes.append(f"a step has {whole:,} samples: {micro}, {settings.data_parallel:,} times")
        self.name = OPTIMIZER if settings.optimizer is None else settings.optimizer
        self.optimizer = optimizer(self.name)
        adapter = None if settings.lora is None else lora(settings.lora)
        self.forward = forward(report, settings.autograd, settings, self.policy, adapter)
        visits = UNROLLED if settings.pipeline > 1 else FOLDED
        self.parameters = parameters(report.graph, visits)
        self.copied = multiplied(report.graph, visits)
        self.buffers = buffers(report.graph, self.policy.weights, visits)
        self.adapters: tuple[Parameter, ...] = ()
        if adapter is not None:
            self.adapters = adapters(self.forward.program, adapter)
            self.parameters = tuple(each._replace(trained=False) for each in self.parameters)
        self.stored = None if settings.weights is None else self.formatted(stored)
        self.split: Split | None = None
        if settings.tensor > 1:
            self.split = split(self.forward.program, settings.tensor, settings.sequence)
            whole = uncut(self.forward.program, self.split)
            if whole:
                self.notes.append(f"{len(whole)} linear layers are whole on each device, as {whole[0]}")
        self.pipeline: Pipeline | None = None
        if settings.pipeline > 1:
            self.pipeline = pipeline(report.graph, settings.pipeline, settings.interleave)
            self.borrowed = tuple(borrowed(report.graph))

    def rank(self, stage: int) -> Measured:
        """What a device of a stage keeps."""
        shares = Shares(self.settings.data_parallel, self.settings.zero or 0)
        own = self.of_stage((*self.parameters, *self.adapters), stage)
        if self.pipeline is not None:
            own += self.lent(stage)
        copied = self.of_stage(self.copied, stage)
        cut = [self.split.parameter(each) for each in own] if self.split else own
        copied = [self.split.parameter(each) for each in copied] if self.split else copied
        kept = self.saved(stage)
        buffered = sum(size for path, size in self.buffers.items() if self.here(path, stage))
        parts = [
            *held(cut, copied, self.policy, self.name, self.optimizer, shares),
            Part("buffers", "buffers_bytes", buffered, f"each in its dtype, {self.policy.weights} where it has none"),
            *kept.parts,
        ]
        if self.stored is not None:
            weights = held(self.adapters, (), self.policy, self.name, self.optimizer, shares)[0]
            parts[:1] = [*self.stored, weights._replace(name="adapters")]
        totals = {
            name: sum(part.value for part in parts if part.total == name)
            for name in ADDED
            if name == SAVED or any(part.total == name for part in parts)
        }
        total = Part("training total", TOTAL, sum(totals.values()), " + ".join(totals))
        return Measured({**totals, TOTAL: total.value}, (*parts, total), kept.layers, kept.warnings)

    def formatted(self, stored: Measured) -> list[Part]:
        """The parts of weights that are stored in formats of their own. Raises UsageError."""
        trained = {each.path for each in self.parameters if each.trained}
        if trained:
            hint = "what is stored in a format is frozen: train adapters with --lora, or choose dtypes by --policy"
            raise UsageError(f"--weights in training: {min(trained)} is trained", hint=hint)
        if self.settings.tensor > 1 or self.settings.pipeline > 1 or self.settings.zero == WEIGHTS:
            raise UsageError("--weights: how devices share weights in formats is not known")
        return [part for part in stored.parts if part.total == "weights_bytes"]

    def saved(self, stage: int) -> Measured:
        """What a stage saves for backward, of all micro-batches that are under way in it; what runs again of one."""
        under_way = Fraction(1)
        if self.pipeline is not None:
            under_way = self.pipeline.under_way(stage, self.settings.accumulate)
        pass_ = self.forward
        records = self.of_device(pass_.saved.kept, stage)
        found = summed(Saved(records, pass_.unknown), pass_.storages, pass_.convention)
        parts = [_times(part, under_way) for part in found.parts]
        again = {
            block: sum(record.bytes for record in self.of_device(inside, stage))
            for block, inside in pass_.saved.again.items()
        }
        if again:
            most = max(again, key=again.__getitem__)
            parts.append(Part("recomputed", AGAIN, again[most], f"what {most} keeps while it runs again"))
        return found._replace(parts=tuple(parts))

    def of_device(self, records: Iterable[Kept], stage: int) -> tuple[Kept, ...]:
        """What a device of a stage keeps of them."""
        here = (record for record in records if self.here(record.path, stage))
        if self.split is None:
            return tuple(here)
        return tuple(self.split.kept(record, self.forward.program, self.forward.storages) for record in here)

    def of_stage(self, of: Iterable[Parameter], stage: int) -> list[Parameter]:
        return [each for each in of if self.here(each.path, stage)]

    def here(self, path: str, stage: int) -> bool:
        """Whether a layer belongs to a stage."""
        return self.pipeline is None or self.pipeline.stage_of[path] == stage

    def lent(self, stage: int) -> list[Parameter]:
        """Copies of parameters that layers of a stage share with those of another."""
        found = {
            owner: each
            for each, owner in self.borrowed
            if self.here(each.path, stage) and not self.here(owner.path, stage)
        }
        return [each._replace(trained=False) if self.adapters else each for each in found.values()]


def _times(part: Part, under_way: Fraction) -> Part:
    if under_way == 1:
        return part
    said = f"{part.formula}, of {float(under_way):g} micro-batches under way"
    return part._replace(value=ceil(part.value * under_way), formula=said)
