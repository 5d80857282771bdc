"""What a training step keeps: weights, gradients, the optimizer's state, and what autograd saves for backward."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.analysis.report import Report
from archspec.kinds.dtypes import DTYPES
from archspec.memory.autograd.saved import saved
from archspec.memory.measured import Measured, Part
from archspec.memory.optimizers import STATE, optimizer, state
from archspec.memory.parameters import Parameter, buffers, multiplied, parameters
from archspec.memory.policies import Policy, policy
from archspec.memory.settings import MemorySettings

OPTIMIZER = "adamw"  # where none is named
TOTAL = "training_total_bytes"
# What it adds up.
_ADDED = (
    "weights_bytes",
    "buffers_bytes",
    "weight_copies_bytes",
    "gradients_bytes",
    "optimizer_bytes",
    "saved_for_backward_bytes",
)


def training(report: Report, settings: MemorySettings, stored: Measured) -> Measured:
    """All that a step keeps; weights as ``stored`` where a format is asked for. Raises ArchspecError."""
    chosen = policy(settings.policy, report.setting.dtype)
    kept = saved(report, settings.autograd, chosen.activations)
    found = parameters(report.graph)
    trained = [each for each in found if each.trained]
    scalars, held = _scalars(found), buffers(report.graph, chosen.weights)
    parts = [
        *(
            [_in("weights", "weights_bytes", scalars, chosen.weights, "parameters", chosen.source)]
            if settings.weights is None
            else [part for part in stored.parts if part.total == "weights_bytes"]
        ),
        Part("buffers", "buffers_bytes", held, f"buffers, each in its dtype, {chosen.weights} where it has none"),
        *_copies(multiplied(report.graph), chosen),
        _in("gradients", "gradients_bytes", _scalars(trained), chosen.gradients, "trained parameters", chosen.source),
        *_masters(trained, chosen),
        *_state(trained, chosen, settings.optimizer or OPTIMIZER),
        *kept.parts,
    ]
    totals = {name: sum(part.value for part in parts if part.total == name) for name in _ADDED}
    totals = {name: value for name, value in totals.items() if any(part.total == name for part in parts)}
    total = Part("training total", TOTAL, sum(totals.values()), " + ".join(totals))
    warnings = (f"policy {settings.policy}: {chosen.assumes}",) if chosen.assumes else ()
    return Measured({**totals, TOTAL: total.value}, (*parts, total), kept.layers, (*warnings, *kept.warnings))


def _copies(count: int, chosen: Policy) -> list[Part]:
    """Of the weights that are multiplied."""
    if chosen.copies is None:
        return []
    what = "parameters of layers that multiply matrices"
    return [_in("copies of weights", "weight_copies_bytes", count, chosen.copies, what, chosen.source)]


def _masters(trained: list[Parameter], chosen: Policy) -> list[Part]:
    """Copies that the optimizer works on."""
    if chosen.masters is None:
        return []
    what = "trained parameters once more"
    return [_in("master weights", STATE, _scalars(trained), chosen.masters, what, chosen.source)]


def _state(trained: list[Parameter], chosen: Policy, name: str) -> list[Part]:
    """What the optimizer keeps beside."""
    kept = optimizer(name)
    parts = [part._replace(name=f"{name}: {part.name}") for part in state(kept, trained, chosen.optimized)]
    return parts or [Part(name, STATE, 0, kept.summary, kept.source)]


def _scalars(of: Iterable[Parameter]) -> int:
    return sum(each.times * each.numel for each in of)


def _in(name: str, total: str, count: int, dtype: str, what: str, source: str = "") -> Part:
    return Part(name, total, count * DTYPES[dtype], f"{count:,} {what} x {DTYPES[dtype]} bytes ({dtype})", source)
