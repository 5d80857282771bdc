"""``archspec.fits/1``: whether a network fits into a memory."""

from __future__ import annotations

from typing import Literal

from archspec.hardware.fits import Fit
from archspec.render.json import plain, settings
from archspec.render.outputs.base import Count, Output
from archspec.render.outputs.memory import MemorySetting
from archspec.render.outputs.summary import SpecName


class SolvedEntry(Output):
    """A search for the largest number that fits."""

    of: Literal["batch", "length"]
    largest: Count
    """0 where not even 1 fits."""
    next_needed_bytes: Count
    """What the next larger number needs."""


class FitsDocument(Output):
    """What a network needs and what there is; of a search, at the largest number that fits, or at 1."""

    schema_: Literal["archspec.fits/1"]
    spec: SpecName
    settings: MemorySetting
    memory: str
    """The chip whose memory it is, or `memory`."""
    memory_bytes: Count
    reserve_bytes: Count
    """Of these, what is kept for others."""
    needs: dict[str, Count]
    """What is added up: totals of `archspec memory`."""
    needed_bytes: Count
    left_bytes: int
    """What is free less what is needed; below 0 where that is too much."""
    fits: bool
    solved: SolvedEntry | None
    warnings: list[str]


def fits_document(fit: Fit) -> FitsDocument:
    """A fit as its contract has it."""
    memory, solved = fit.memory, fit.solved
    report = memory.report
    at = {name: value for name, value in settings(report.setting).items() if name != "convention"}
    return FitsDocument(
        schema_="archspec.fits/1",
        spec=SpecName(path=report.spec.file, name=report.spec.name, variant=report.variant),
        settings=MemorySetting(**at, **plain(memory.settings.model_dump(exclude_defaults=True))),
        memory=fit.place.name,
        memory_bytes=fit.place.bytes,
        reserve_bytes=fit.place.reserve,
        needs=fit.needs,
        needed_bytes=fit.needed,
        left_bytes=fit.place.free - fit.needed,
        fits=fit.fits,
        solved=SolvedEntry(of=solved.of, largest=solved.number, next_needed_bytes=solved.beyond) if solved else None,
        warnings=list(memory.warnings),
    )
