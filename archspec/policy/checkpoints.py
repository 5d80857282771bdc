"""Checkpoints that no longer load as findings (AB119), for who asks for them: the diff says it in any case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from archspec.analysis.setting import Setting
from archspec.analysis.subject import Subject
from archspec.change.checkpoint import compare
from archspec.change.checkpoint_words import sentence
from archspec.change.trials import analysed
from archspec.errors import ArchspecError, Span
from archspec.policy.codes import BY_CODE
from archspec.text.findings import Finding, Judged

CODE = "AB119"


class Came(NamedTuple):
    """A variant, and what it was: the spec that had it, and its name there."""

    variant: str | None
    old: Subject
    was: str | None


def broken_checkpoints(new: Subject, variants: Iterable[Came], at: Setting) -> Iterator[Finding]:
    """One finding for each way in which a checkpoint of the base breaks, of the first variant that it breaks for."""
    ways: dict[str, list[str | None]] = {}
    said = {}
    for variant, old, was in variants:
        try:
            before, after = (analysed(side.spec, name, at, side) for side, name in ((old, was), (new, variant)))
        except ArchspecError:  # said elsewhere
            continue
        checkpoint = compare(before.graph, after.graph, new.spec.moved)
        if checkpoint is not None and not checkpoint.loads:
            way = repr(replace(checkpoint, kept=0))
            said[way] = sentence(checkpoint)
            ways.setdefault(way, []).append(variant)
    for way, (first, *others) in ways.items():
        name = new.path if first is None else f"{new.path}@{first}"
        more = f"; likewise in {len(others)} more" if others else ""
        yield Finding(
            code=CODE,
            severity=BY_CODE[CODE].severity,
            message=f"{name}: a checkpoint of the base {said[way]}{more}",
            file=new.spec.file,
            span=Span(1, 1, 1, 1),
            variant=first,
            values=(new.path, first or "", way),
            judged=Judged(new.path),
        )
