"""Checkpoints that no longer load as findings, for who asks for them: the diff says it in any case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.change.checkpoint_words import sentence
from archspec.change.model import SpecDiff
from archspec.ci.scope import Place
from archspec.errors import Span
from archspec.text.findings import Finding, Judged

CODE = "AB119"


def broken_checkpoints(specs: Iterable[SpecDiff], here: Place) -> Iterator[Finding]:
    """One finding for each spec and way to break, where the configuration says how bad that is."""
    severity = here.policies.here().severity.get(CODE)
    for spec in specs if severity else ():
        ways: dict[str, list[str | None]] = {}
        for variant in spec.variants:
            if variant.checkpoint is not None and not variant.checkpoint.loads:
                ways.setdefault(sentence(variant.checkpoint), []).append(variant.variant)
        for said, variants in ways.items():
            first, *others = variants
            name = spec.path if first is None else f"{spec.path}@{first}"
            more = f"; likewise in {len(others)} more" if others else ""
            yield Finding(
                code=CODE,
                severity=severity or "info",
                message=f"{name}: a checkpoint of the base {said}{more}",
                file=here.shown(spec.path),
                span=Span(1, 1, 1, 1),
                variant=first,
                values=(spec.path, first or "", said),
                judged=Judged(spec.path),
            )
