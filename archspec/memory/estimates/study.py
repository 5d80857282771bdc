"""What published estimates say of a training step, beside archspec's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

from archspec.analysis.report import Report
from archspec.errors import ArchspecError, UsageError
from archspec.memory.estimates.model import OF, Estimate
from archspec.memory.estimates.quantities import Quantities
from archspec.memory.files import load, names
from archspec.memory.measured import Measured, Part
from archspec.memory.settings import MemorySettings

FAMILY = "estimates"
ALL = "all"


def estimates(report: Report, settings: MemorySettings, own: Mapping[str, int]) -> Measured:
    """The figures of each estimate that is asked for, below those that are ``own``. Raises ArchspecError.

    Of all, those of which the network has the quantities.
    """
    quantities = Quantities(report, settings)
    parts: list[Part] = []
    notes: list[str] = []
    for name in names(FAMILY) if ALL in settings.estimate else dict.fromkeys(settings.estimate):
        estimate = load(FAMILY, name, Estimate, "estimate")
        try:
            parts += estimated(estimate, quantities)
        except UsageError as error:
            if ALL not in settings.estimate:
                raise UsageError(f"{estimate.estimate}: {error.message}", hint=error.hint) from None
            notes.append(f"{estimate.estimate}: {error.message}")
            continue
        notes += [f"{estimate.estimate} {estimate.version}: {text}" for text in (*estimate.assumes, *estimate.errata)]
    beside = []
    for figure, added in OF.items():
        theirs = [part for part in parts if part.total == figure]
        if theirs:
            named = [name for name in added if name in own]
            beside += [Part("archspec", figure, sum(own[name] for name in named), " + ".join(named)), *theirs]
    return Measured(beside=tuple(beside), warnings=tuple(notes))


def estimated(estimate: Estimate, quantities: Quantities) -> list[Part]:
    """The figures of one estimate. Raises ArchspecError."""
    values: dict[str, Any] = {}

    def value(path: tuple[str | int, ...]) -> Any:
        name = str(path[0])
        if name not in values:
            values[name] = quantities.value(name)
        return values[name]

    parts = []
    for section in (estimate.terms, estimate.figures):
        for name, term in section.items():
            try:
                values[name] = term.value.evaluate(value)
            except UsageError:
                raise
            except ArchspecError as error:
                raise error.located(path=f"{estimate.estimate}: {name}") from None
            if section is estimate.figures:
                if isinstance(values[name], bool) or values[name] < 0:
                    raise UsageError(f"{name}: `{term.value}` is {values[name]}, no number of bytes")
                how = (
                    f"{term.value} = {term.value.substituted({used: floor(values[used]) for used in term.value.names})}"
                )
                source = ", ".join(filter(None, (estimate.source, term.source)))
                parts.append(Part(estimate.estimate, name, floor(values[name]), how, source))
    return parts
