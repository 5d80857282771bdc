"""One spec before and after: what was edited, what each edit does, and which layers differ, variant by variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from archspec.analysis.report import Report
from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.change import checkpoint, semantic
from archspec.change.causes import causes, parts_of, summed
from archspec.change.figures import minus, total
from archspec.change.layers import align
from archspec.change.model import Place, SpecDiff, Status, VariantDiff
from archspec.change.moves import STILL, Moves
from archspec.change.semantic import Edit
from archspec.change.trials import Allowance, Trials, analysed
from archspec.errors import ArchspecError, UsageError
from archspec.language.load import load_text
from archspec.language.nodes import Spec
from archspec.language.parts import UNREAD, Files
from archspec.text.reader import decoded

if TYPE_CHECKING:
    from archspec.text.findings import Finding

Known = tuple[Subject | None, Subject | None]


def compare_files(
    path: str,
    old_path: str,
    base: bytes | None,
    head: bytes | None,
    at: Setting,
    known: Known = (None, None),
    allowance: Allowance | None = None,
    moves: Moves = STILL,
    files: tuple[Files, Files] = (UNREAD, UNREAD),
) -> SpecDiff:
    """The difference of a spec file's contents; None where it is not there. What cannot be read becomes a finding.

    ``known`` are both sides' specs where they were loaded, and perhaps analysed, before; the ``allowance`` is that of
    all specs of the run, the ``moves`` are what went from one of them to another; ``files`` are the sides' parts.
    """
    allowance = allowance or Allowance()
    allowance.next_spec()
    findings: list[Finding] = []
    before, after = known
    old = before.spec if before else loaded(base, old_path, findings, "base", files[0])
    new = after.spec if after else loaded(head, path, findings, "head", files[1])
    # The variants of a side share what they may cost.
    before, after = (
        side or (Subject(spec, spec.file) if spec else None) for side, spec in ((before, old), (after, new))
    )
    if old is None and new is None:
        gone: Status = "broken" if head is not None else "removed"
        was = base is not None and head is not None
        return SpecDiff(path=path, old_path=old_path, status=gone, findings=tuple(findings), was_broken=was)
    if old is not None and new is not None:
        return Comparison(path, old_path, (old, new), at, (before, after), allowance, moves).result()
    # One side alone: added or removed, or the other side cannot be read.
    there = new or old
    assert there is not None
    status: Status = ("repaired" if findings else "added") if new else "broken" if findings else "removed"
    side = "head" if new else "base"
    come = came(path, new, at, after, findings, allowance, moves) if new else {}
    left = moves.out_of(old_path) if old else frozenset[str | None]()
    variants = [
        come.get(name) or one_sided(there, name, at, status, findings, side, after or before)
        for name in cases(there)
        if name not in left
    ]
    status = "changed" if come and len(come) == len(variants) else status
    return SpecDiff(
        path=path,
        old_path=old_path,
        status=status,
        variants=tuple(variants),
        findings=tuple(findings),
        declared=declared(there),
    )


def loaded(content: bytes | None, path: str, findings: list[Finding], side: str, files: Files) -> Spec | None:
    """The spec in a file; None where there is none, or where it is wrong, which is noted."""
    if content is None:
        return None
    try:
        return load_text(decoded(content), path, files)
    except ArchspecError as error:
        findings.append(noted(error, path, side))
        return None


def noted(error: ArchspecError, path: str, side: str, variant: str | None = None) -> Finding:
    """An error as a finding; the base's is a warning, since this change may be what repairs it."""
    from archspec.text.findings import of_error

    finding = of_error(error, path)
    if side == "head":
        return replace(finding, variant=variant)
    return replace(finding, variant=variant, severity="warning", message=f"in the base: {finding.message}")


def declared(spec: Spec) -> frozenset[str]:
    """The dims and vars of a spec."""
    return frozenset((*spec.dims, *spec.vars))


def one_sided(
    spec: Spec,
    variant: str | None,
    at: Setting,
    status: Status,
    findings: list[Finding],
    side: str,
    known: Subject | None = None,
) -> VariantDiff:
    """A variant that only one side has."""
    try:
        figures = total(analysed(spec, variant, at, known))
    except UsageError:
        raise
    except ArchspecError as error:
        findings.append(noted(error, spec.file, side, variant))
        return VariantDiff(
            variant=variant,
            status="broken" if side == "head" else status,
            was_broken=side == "head" and status == "repaired",
        )
    base, head = (None, figures) if side == "head" else (figures, None)
    return VariantDiff(variant=variant, status=status, base=base, head=head)


def came(
    path: str,
    spec: Spec,
    at: Setting,
    known: Subject | None,
    findings: list[Finding],
    allowance: Allowance,
    moves: Moves,
) -> dict[str | None, VariantDiff]:
    """The variants that a spec has from other files, each against what it was there."""
    comparisons: dict[str, Comparison] = {}
    variants = {}
    for name, (place, subject) in moves.into(path).items():
        if place.path not in comparisons:
            both = (subject.spec, spec)
            comparisons[place.path] = Comparison(path, place.path, both, at, (subject, known), allowance)
        variants[name] = comparisons[place.path].moved(place, name)
    for comparison in comparisons.values():
        findings += comparison.findings
    return variants


class Comparison:
    """Two readable sides of one spec."""

    def __init__(
        self,
        path: str,
        old_path: str,
        sides: tuple[Spec, Spec],
        at: Setting,
        known: Known,
        allowance: Allowance,
        moves: Moves = STILL,
    ) -> None:
        self.path = path
        self.old_path = old_path
        self.old, self.new = sides
        self.at = at
        self.before, self.after = known
        self.allowance = allowance
        self.moves = moves
        self.findings: list[Finding] = []
        self.tree, edits, self.counterparts = semantic.compare(*sides)
        self.edits = tuple(edits)

    def result(self) -> SpecDiff:
        """Every variant of either side."""
        before, after = cases(self.old), cases(self.new)
        left = self.moves.out_of(self.old_path)
        come = came(self.path, self.new, self.at, self.after, self.findings, self.allowance, self.moves)
        names = [*after, *(name for name in before if name not in after and name not in left)]
        variants = {name: come.get(name) or self.variant(name, before, after) for name in names}
        # The run may be limited: first the variant that is shown, the one that changes most.
        for variant in sorted(variants.values(), key=lambda variant: -variant.weight):
            if variant.status == "changed" and not variant.moved_from:
                variants[variant.variant] = self.explained(variant)
        statuses = {variant.status for variant in variants.values()} - {"unchanged"}
        # One that is broken stands for the spec; what was repaired where nothing else changed, too.
        status: Status = "broken" if "broken" in statuses else "changed" if statuses else "unchanged"
        status = "repaired" if statuses == {"repaired"} else status
        return SpecDiff(
            path=self.path,
            old_path=self.old_path,
            status=status,
            edits=self.edits,
            variants=tuple(variants.values()),
            findings=tuple(self.findings),
            declared=declared(self.old) | declared(self.new),
        )

    def variant(self, name: str | None, before: Sequence[str | None], after: Sequence[str | None]) -> VariantDiff:
        """One variant of either side or both."""
        if name not in before:
            return one_sided(self.new, name, self.at, "added", self.findings, "head", self.after)
        if name not in after:
            return one_sided(self.old, name, self.at, "removed", self.findings, "base", self.before)
        return self.pair(name, name)

    def moved(self, place: Place, name: str | None) -> VariantDiff:
        """A variant of the new side, which the old one has at a place; it has no causes where its name is another."""
        variant = self.pair(place.variant, name)
        if variant.status == "changed":
            variant = self.explained(variant) if place.variant == name else replace(variant, interaction={})
        return replace(variant, moved_from=place)

    def pair(self, was: str | None, name: str | None) -> VariantDiff:
        """A variant of both sides, by its name on each."""
        if was == name and not self.edits_of(name) and parts_of(self.old) == parts_of(self.new):
            return VariantDiff(variant=name, status="unchanged")
        old, new = self.report(self.old, was, "base"), self.report(self.new, name, "head")
        if old is None or new is None:
            figures = [None if report is None else total(report) for report in (old, new)]
            status: Status = "broken" if new is None else "repaired"
            return VariantDiff(
                variant=name, status=status, base=figures[0], head=figures[1], was_broken=old is None and new is None
            )
        base, head = total(old), total(new)
        layers = cache(lambda: align(old, new, self.counterparts))
        weights = checkpoint.compare(old.graph, new.graph, self.new.moved)
        fits = weights is None or (weights.loads and not weights.moved)
        # An edit of something that this variant does not use leaves it as it was.
        same = base == head and fits and not layers().changes and not layers().ripples
        return VariantDiff(
            variant=name,
            status="unchanged" if same else "changed",
            base=base,
            head=head,
            interaction=minus(head, base),
            align=layers,
            checkpoint=weights,
        )

    def edits_of(self, variant: str | None) -> list[Edit]:
        """The edits that a variant's figures can depend on."""
        return [edit for edit in self.edits if not edit.text and edit.variant in (None, variant)]

    def explained(self, variant: VariantDiff) -> VariantDiff:
        """A variant that changed, with its causes."""
        assert variant.base
        assert variant.head
        trials = Trials(self.tree, self.old, variant.variant, self.at, self.allowance)
        edits = self.edits_of(variant.variant)
        found = causes(edits, (self.old, self.new), trials, variant.base, variant.head)
        return replace(variant, causes=found, interaction=minus(variant.delta, summed(found, variant.base)))

    def report(self, spec: Spec, variant: str | None, side: str) -> Report | None:
        """One side's analysis; what it fails for is noted."""
        try:
            return analysed(spec, variant, self.at, self.before if side == "base" else self.after)
        except UsageError:  # of --set or --dtype: not the spec's fault
            raise
        except ArchspecError as error:
            self.findings.append(noted(error, spec.file, side, variant))
            return None
