"""``archspec.diff/1``: what changed in the specs, what each edit does, and which layers differ."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archspec.analysis.metrics import DIFFED, OWN, metric_called
from archspec.analysis.metrics import Figures as AnyFigures
from archspec.change.checkpoint import Checkpoint
from archspec.change.checkpoint_words import sentence
from archspec.change.model import Cause, Diff, SpecDiff, Status, VariantDiff
from archspec.change.semantic import ABSENT, Edit
from archspec.conventions.loader import convention
from archspec.render.diff_words import figure, signed
from archspec.render.json import plain
from archspec.render.outputs.base import ARCHSPEC, Count, Output, Tool
from archspec.render.outputs.diff_layers import Figures, LayersEntry, layers_entry
from archspec.render.outputs.findings import FindingEntry, finding_entry

MOST_TENSORS = 100  # of each sort that are listed


class SideEntry(Output):
    """A state of the repository."""

    ref: str
    sha: str | None


class SettingEntry(Output):
    """At what the figures of specs are counted."""

    batch: Annotated[int, Field(ge=1)]
    dtype: str
    set: dict[str, Any]
    """Dims and vars, in the specs that have them."""
    convention: str = OWN
    """The counting convention of the figures, where it is not archspec's own."""


class Meaning(Output):
    """What the figures mean."""

    mac_flops: Literal[2]
    """FLOPs of a MAC."""
    attention: str
    """`full` counts every score, those that a mask hides included."""


class MetricEntry(Output):
    """One figure on both sides; null on a side that has none. The texts are for people."""

    base: int | None
    head: int | None
    delta: int | None
    pct: float | None
    base_text: str | None
    head_text: str | None
    delta_text: str | None


class Change(Output):
    """One edit of the spec."""

    op: str
    path: str
    line: int
    name: str
    """What was edited, by ids: `stem.kernel`."""
    from_: Any
    to: Any
    contribution: Figures | None
    """What it does alone. Edits that are one cause share one contribution, at the first of them."""
    worked_out: bool
    """Whether what its cause does is known: the analyses of a run are limited."""
    with_: list[str]
    """The edits that it was made with."""
    needs: list[str]
    """Edits without an effect of their own that had to be made first."""


class RenameEntry(Output):
    """A tensor under two names."""

    from_: str
    to: str


class ReshapeEntry(Output):
    """A tensor of another shape."""

    name: str
    from_: list[int]
    to: list[int]


class TensorCounts(Output):
    """How many tensors there are of each sort."""

    kept: Count
    renamed: Count
    moved: Count
    reshaped: Count
    new: Count
    gone: Count


class CheckpointEntry(Output):
    """What becomes of a checkpoint of the base: the names and shapes of both state_dicts, of each sort the first
    hundred."""

    loads: bool
    """Whether every tensor finds its place, once names are changed as `moved` says."""
    text: str
    """For people."""
    tensors: TensorCounts
    renamed: list[RenameEntry]
    """What seems to be the same under another name."""
    moved: list[RenameEntry]
    """What `moved` says to be the same under another name."""
    reshaped: list[ReshapeEntry]
    new: list[str]
    gone: list[str]


class SpecEntry(Output):
    """One variant of one spec; without figures where neither side has any."""

    path: str
    old_path: str | None
    """Where it was renamed, or moved from another file."""
    old_variant: str | None = None
    """What it was called there, where it moved."""
    variant: str | None
    status: Status
    metrics: dict[str, MetricEntry] = {}
    """Each figure."""
    changes: list[Change] = []
    """The edits, with what each does."""
    interaction: Figures = {}
    """What the contributions leave of the change."""
    not_worked_out: Count = 0
    """Causes without a contribution; with any, `interaction` holds what they do too."""
    layers: LayersEntry | None = None
    """The layers, where both sides have them."""
    checkpoint: CheckpointEntry | None = None
    """What becomes of a checkpoint of the base, where both sides are there."""
    untold: Count = 0
    """How many edits lie between two networks that are too different for each edit's effect."""


class DiffSummary(Output):
    """How many variants there are of each status."""

    specs: Count
    added: Count
    removed: Count
    changed: Count
    unchanged: Count
    broken: Count
    repaired: Count


class DiffDocument(Output):
    """Everything that changed between two states of the specs. Figures are exact integers that may exceed 2^53: a
    reader of JSON must keep them whole."""

    schema_: Literal["archspec.diff/1"]
    tool: Tool
    base: SideEntry
    head: SideEntry
    settings: SettingEntry
    conventions: Meaning
    units: dict[str, str]
    """The unit of each figure."""
    specs: list[SpecEntry]
    """One entry for each variant."""
    findings: list[FindingEntry]
    """What is wrong with the specs."""
    summary: DiffSummary


def diff_document(diff: Diff) -> DiffDocument:
    """The diff."""
    statuses = [variant.status for spec in diff.specs for variant in spec.variants]
    whose = {"convention": diff.at.convention} if diff.at.convention != OWN else {}
    return DiffDocument(
        schema_="archspec.diff/1",
        tool=ARCHSPEC,
        base=SideEntry(ref=diff.base.name, sha=diff.base.sha),
        head=SideEntry(ref=diff.head.name, sha=diff.head.sha),
        settings=SettingEntry(batch=diff.at.batch, dtype=diff.at.dtype, set=plain(dict(diff.at.values)), **whose),
        conventions=Meaning(mac_flops=2, attention="full"),
        units=_units(diff),
        specs=[_spec(spec, variant) for spec in diff.specs for variant in spec.variants or (None,)],
        findings=[finding_entry(finding) for finding in diff.findings],
        summary=DiffSummary(
            specs=len(diff.specs),
            added=statuses.count("added"),
            removed=statuses.count("removed"),
            changed=statuses.count("changed"),
            unchanged=statuses.count("unchanged"),
            broken=statuses.count("broken"),
            repaired=statuses.count("repaired"),
        ),
    )


def _units(diff: Diff) -> dict[str, str]:
    """The unit of each figure."""
    if diff.at.convention == OWN:
        return {metric.name: metric.unit for metric in DIFFED}
    counts = convention(diff.at.convention)
    return {f"{counts.name}/{name}": count.unit for name, count in counts.columns.items()}


def _spec(spec: SpecDiff, variant: VariantDiff | None) -> SpecEntry:
    """One variant of one spec; one entry without figures for a file that cannot be read."""
    figures: dict[str, Any] = {}
    if variant is not None and (variant.base is not None or variant.head is not None):
        figures["metrics"] = _metrics(variant.base, variant.head)
        figures["changes"] = [change for cause in variant.causes for change in _changes(cause)]
        figures["interaction"] = variant.interaction
        figures["not_worked_out"] = variant.not_worked_out
        if variant.layers is not None:
            figures["layers"] = layers_entry(variant.layers)
        if variant.checkpoint is not None:
            figures["checkpoint"] = _checkpoint(variant.checkpoint)
    place = variant.moved_from if variant else None
    if spec.untold:
        figures["untold"] = spec.untold
    return SpecEntry(
        path=spec.path,
        old_path=place.path if place else spec.old_path if spec.renamed else None,
        old_variant=place.variant if place else None,
        variant=variant.variant if variant else None,
        status=variant.status if variant else spec.status,
        **figures,
    )


def _metrics(base: AnyFigures | None, head: AnyFigures | None) -> dict[str, MetricEntry]:
    entries = {}
    for metric in map(metric_called, head or base or ()):
        old, new = (None if side is None else side[metric.name] for side in (base, head))
        delta = new - old if old is not None and new is not None else None
        entries[metric.name] = MetricEntry(
            base=old,
            head=new,
            delta=delta,
            pct=round(100 * delta / old, 4) if delta is not None and old else None,
            base_text=None if old is None else figure(metric, old),
            head_text=None if new is None else figure(metric, new),
            delta_text=None if delta is None else signed(metric, delta),
        )
    return entries


def _changes(cause: Cause) -> list[Change]:
    first, *others = cause.edits
    needs = [edit.path for edit in cause.needs]
    head = _change(first, cause, contribution=cause.contribution, with_=[edit.path for edit in others], needs=needs)
    return [head, *(_change(edit, cause, contribution=None, with_=[first.path], needs=[]) for edit in others)]


def _change(edit: Edit, cause: Cause, **effect: Any) -> Change:
    old, new = (None if value is ABSENT else plain(value) for value in (edit.old, edit.new))
    return Change(
        op=edit.op,
        path=edit.path,
        line=edit.line,
        name=edit.name,
        from_=old,
        to=new,
        worked_out=cause.worked_out,
        **effect,
    )


def _checkpoint(checkpoint: Checkpoint) -> CheckpointEntry:
    renamed, moved = (
        [RenameEntry(from_=pair.old, to=pair.new) for pair in pairs[:MOST_TENSORS]]
        for pairs in (checkpoint.renamed, checkpoint.moved)
    )
    return CheckpointEntry(
        loads=checkpoint.loads,
        text=sentence(checkpoint),
        tensors=TensorCounts(
            kept=checkpoint.kept,
            renamed=len(checkpoint.renamed),
            moved=len(checkpoint.moved),
            reshaped=len(checkpoint.reshaped),
            new=len(checkpoint.added),
            gone=len(checkpoint.removed),
        ),
        renamed=renamed,
        moved=moved,
        reshaped=[
            ReshapeEntry(name=tensor.name, from_=plain(tensor.old), to=plain(tensor.new))
            for tensor in checkpoint.reshaped[:MOST_TENSORS]
        ],
        new=list(checkpoint.added[:MOST_TENSORS]),
        gone=list(checkpoint.removed[:MOST_TENSORS]),
    )
