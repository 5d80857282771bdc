"""What stands in a line where many variants are shown: one of them, or several that changed alike."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.metrics import Figures
from archspec.change.model import Diff, SpecDiff, VariantDiff

STILL = "still broken"
ORDER = ("broken", "changed", "repaired", "added", "removed", STILL)  # in which they are shown
ONE_SIDED = ("broken", "repaired", STILL)  # the other side's figures are not known
Key = tuple[str, str | None]  # a spec's path and a variant


class Row(NamedTuple):
    """Variants of one spec and one status; several that changed have the same change in every figure.

    There are none where the spec cannot be read at all. ``fails`` where one of them breaks a limit.
    """

    spec: SpecDiff
    variants: tuple[VariantDiff, ...]
    status: str
    fails: bool

    @property
    def broken(self) -> bool:
        """Whether there are no figures of the head."""
        return self.status in ("broken", STILL)

    @property
    def weight(self) -> float:
        """How large the largest change is."""
        return max((variant.weight for variant in self.variants), default=0.0)


class Total(NamedTuple):
    """The sums over all rows; what one side lacks counts as nothing there."""

    specs: int
    variants: int
    base: Figures
    head: Figures


def rows_of(diff: Diff, failing: Container[Key] = ()) -> list[Row]:
    """A row for all that is not as it was: what fails first, then what is broken, then what changed most."""
    rows = [row for spec in diff.specs for row in _of_spec(spec, failing)]
    return sorted(rows, key=lambda row: (not row.fails, ORDER.index(row.status), -row.weight))


def _of_spec(spec: SpecDiff, failing: Container[Key]) -> Iterator[Row]:
    if spec.status == "broken" and not spec.variants:
        yield Row(spec, (), STILL if spec.was_broken else "broken", False)
    alike: dict[object, list[VariantDiff]] = {}
    for variant in spec.variants:
        if variant.status != "unchanged":
            figures = tuple(variant.delta.items()) if variant.status == "changed" else None
            alone = variant.variant if variant.status in ("added", "removed") else None
            alike.setdefault((variant.word, figures, alone), []).append(variant)
    for variants in alike.values():
        variants.sort(key=lambda variant: -variant.weight)
        fails = any((spec.path, variant.variant) in failing for variant in variants)
        yield Row(spec, tuple(variants), variants[0].word, fails)


def total_of(rows: Sequence[Row]) -> Total | None:
    """The sums of what can be summed, where several specs changed."""
    summed = [(row.spec.path, variant) for row in rows for variant in row.variants if row.status not in ONE_SIDED]
    specs = {path for path, _ in summed}
    if len(specs) < 2:
        return None
    names = next(iter((variant.head or variant.base or {}) for _, variant in summed))
    base, head = (dict.fromkeys(names, 0) for _ in range(2))
    for _, variant in summed:
        for sums, side in ((base, variant.base), (head, variant.head)):
            for name in names:
                sums[name] += side[name] if side else 0
    return Total(len(specs), len(summed), base, head)
