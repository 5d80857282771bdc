"""One spec before and after: what was edited, what each edit does, and which layers differ, variant by variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from archspec.analysis.metrics import Figures
from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.change import checkpoint, semantic
from archspec.change.layers import align, nothing, total
from archspec.change.model import Cause, SpecDiff, Status, VariantDiff
from archspec.change.semantic import Edit
from archspec.errors import ArchspecError, UsageError
from archspec.language.load import load_text, spec_of
from archspec.language.nodes import Spec
from archspec.text.document import Document
from archspec.text.reader import decoded

if TYPE_CHECKING:
    from archspec.analysis.subject import Subject
    from archspec.text.findings import Finding

MAX_ANALYSES = 200  # for telling edits apart in one spec: about a second


def compare_files(
    path: str, old_path: str, base: bytes | None, head: bytes | None, at: Setting, known: Subject | None = None
) -> SpecDiff:
    """The difference of a spec file's contents; None where it is not there. What cannot be read becomes a finding.

    ``known`` is the head's spec where it was loaded, and perhaps analysed, before.
    """
    findings: list[Finding] = []
    old = loaded(base, old_path, findings, "base")
    new = known.spec if known else loaded(head, path, findings, "head")
    if old is None and new is None:
        gone: Status = "broken" if head is not None else "removed"
        return SpecDiff(path=path, old_path=old_path, status=gone, findings=tuple(findings))
    if old is not None and new is not None:
        return Comparison(path, old_path, old, new, at, known).result()
    # One side alone: added or removed, or the other side cannot be read.
    there = new or old
    assert there is not None
    status: Status = ("repaired" if findings else "added") if new else "broken" if findings else "removed"
    side = "head" if new else "base"
    variants = [one_sided(there, name, at, status, findings, side, known) for name in cases(there)]
    return SpecDiff(
        path=path,
        old_path=old_path,
        status=status,
        variants=tuple(variants),
        findings=tuple(findings),
        declared=declared(there),
    )


def loaded(content: bytes | None, path: str, findings: list[Finding], side: str) -> Spec | None:
    """The spec in a file; None where there is none, or where it is wrong, which is noted."""
    if content is None:
        return None
    try:
        return load_text(decoded(content), path)
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


def analysed(spec: Spec, variant: str | None, at: Setting, known: Subject | None = None) -> Report:
    """A report at the setting, which gives those values that the spec has a dim or var for. Raises ArchspecError."""
    setting = at.for_spec(spec, variant, declared=True)
    return known.report(setting) if known is not None and spec is known.spec else run(spec, setting)


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
        return VariantDiff(variant=variant, status="broken" if side == "head" else status)
    base, head = (None, figures) if side == "head" else (figures, None)
    return VariantDiff(variant=variant, status=status, base=base, head=head)


class Comparison:
    """Two readable sides of one spec."""

    def __init__(
        self, path: str, old_path: str, old: Spec, new: Spec, at: Setting, known: Subject | None = None
    ) -> None:
        self.path = path
        self.old_path = old_path
        self.old = old
        self.new = new
        self.at = at
        self.known = known
        self.findings: list[Finding] = []
        self.tree, edits = semantic.compare(old, new)
        self.edits = tuple(edits)
        self.specs: dict[frozenset[Edit], Spec | None] = {}
        self.analyses = 0

    def result(self) -> SpecDiff:
        """Every variant of either side."""
        before, after = cases(self.old), cases(self.new)
        variants = [
            self.variant(name, before, after) for name in [*after, *(name for name in before if name not in after)]
        ]
        statuses = {variant.status for variant in variants} - {"unchanged"}
        # One that is broken stands for the spec; what was repaired where nothing else changed, too.
        status: Status = "broken" if "broken" in statuses else "changed" if statuses else "unchanged"
        status = "repaired" if statuses == {"repaired"} else status
        return SpecDiff(
            path=self.path,
            old_path=self.old_path,
            status=status,
            edits=self.edits,
            variants=tuple(variants),
            findings=tuple(self.findings),
            declared=declared(self.old) | declared(self.new),
        )

    def variant(self, name: str | None, before: Sequence[str | None], after: Sequence[str | None]) -> VariantDiff:
        """One variant of either side or both."""
        if name not in before:
            return one_sided(self.new, name, self.at, "added", self.findings, "head", self.known)
        if name not in after:
            return one_sided(self.old, name, self.at, "removed", self.findings, "base")
        edits = [edit for edit in self.edits if not edit.text and edit.variant in (None, name)]
        if not edits:
            return VariantDiff(variant=name, status="unchanged")
        old, new = self.report(self.old, name, "base"), self.report(self.new, name, "head")
        if old is None or new is None:
            figures = [None if report is None else total(report) for report in (old, new)]
            status: Status = "broken" if new is None else "repaired"
            return VariantDiff(variant=name, status=status, base=figures[0], head=figures[1])
        base, head = total(old), total(new)
        layers = cache(lambda: align(old, new))
        weights = checkpoint.compare(old.graph, new.graph, {})
        fits = weights is None or (weights.loads and not weights.moved)
        same = base == head and fits and not layers().changes and not layers().ripples
        causes = self.causes(name, edits, base, head)
        rest = minus(minus(head, base), summed(causes))
        # An edit of something that this variant does not use leaves it as it was.
        return VariantDiff(
            variant=name,
            status="unchanged" if same else "changed",
            base=base,
            head=head,
            causes=() if same else causes,
            interaction=rest,
            align=layers,
            checkpoint=weights,
        )

    def report(self, spec: Spec, variant: str | None, side: str) -> Report | None:
        """One side's analysis; what it fails for is noted."""
        try:
            return analysed(spec, variant, self.at, self.known)
        except UsageError:  # of --set or --dtype: not the spec's fault
            raise
        except ArchspecError as error:
            self.findings.append(noted(error, spec.file, side, variant))
            return None

    def causes(self, variant: str | None, edits: list[Edit], base: Figures, head: Figures) -> tuple[Cause, ...]:
        """What each edit alone does. Edits that make no valid spec alone are taken with those of the same layer, then
        with those that do nothing alone (a variable declared), then all together."""
        if len(edits) == 1:
            return (Cause(edits=tuple(edits), contribution=minus(head, base)),)

        def effect(chosen: Iterable[Edit]) -> Figures | None:
            figures = self.made(frozenset(chosen), variant)
            return figures and minus(figures, base)

        effects: dict[tuple[Edit, ...], Figures | None] = {(edit,): effect([edit]) for edit in edits}
        ground = [bundle[0] for bundle, figures in effects.items() if figures is not None and not any(figures.values())]
        needs: dict[tuple[Edit, ...], tuple[Edit, ...]] = {}
        alone = [bundle[0] for bundle, figures in effects.items() if figures is None]
        for bundle in bundles(alone, edits, lambda edit: edit.layer or edit.path):
            figures = effect(bundle)
            if figures is None and ground:
                figures = effect([*bundle, *ground])
                needs[bundle] = tuple(ground)
            if figures is not None:
                for edit in bundle:
                    effects.pop((edit,))
                effects[bundle] = figures
        together = tuple(edit for bundle, figures in effects.items() if figures is None for edit in bundle)
        if together:
            rest = minus(head, base)
            for bundle, figures in list(effects.items()):
                if figures is None:
                    effects.pop(bundle)
                else:
                    rest = minus(rest, figures)
            effects[together] = rest
        order = {edit: index for index, edit in enumerate(edits)}
        return tuple(
            Cause(
                edits=bundle,
                contribution=figures,
                needs=tuple(edit for edit in needs.get(bundle, ()) if edit not in bundle),
            )
            for bundle, figures in sorted(effects.items(), key=lambda pair: order[pair[0][0]])
        )

    def made(self, chosen: frozenset[Edit], variant: str | None) -> Figures | None:
        """The figures of the base with some edits made; None where that is no valid spec, or too much work."""
        if self.analyses >= MAX_ANALYSES:
            return None
        self.analyses += 1
        if chosen not in self.specs:
            self.specs[chosen] = self.spec(chosen)
        spec = self.specs[chosen]
        if spec is None or (variant is not None and variant not in spec.variants):
            return None
        try:
            return total(analysed(spec, variant, self.at))
        except ArchspecError:
            return None

    def spec(self, chosen: frozenset[Edit]) -> Spec | None:
        """The base with some edits made; None where that is no valid spec."""
        data = semantic.merged(self.tree, lambda edit: edit in chosen)
        data.pop("expect", None)  # it may name variants that are not there
        try:
            return spec_of(Document(self.path, "", data, self.old.document.span))
        except ArchspecError:
            return None


def bundles(alone: list[Edit], edits: list[Edit], place: Callable[[Edit], str]) -> list[tuple[Edit, ...]]:
    """Edits that do not stand alone, with all others of the same place."""
    places = dict.fromkeys(map(place, alone))
    return [tuple(edit for edit in edits if place(edit) == wanted) for wanted in places]


def minus(figures: Figures, others: Figures) -> Figures:
    """The difference of each figure."""
    return {name: value - others[name] for name, value in figures.items()}


def summed(causes: Iterable[Cause]) -> Figures:
    """The sum of the known contributions."""
    sums = nothing()
    for cause in causes:
        if cause.contribution is not None:
            for name, value in cause.contribution.items():
                sums[name] += value
    return sums
