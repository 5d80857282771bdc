"""The result of a diff: what renderers and budgets see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from archspec.analysis.metrics import Figures
from archspec.analysis.setting import Setting
from archspec.change.checkpoint import Checkpoint
from archspec.change.figures import minus
from archspec.change.semantic import Edit

if TYPE_CHECKING:
    from archspec.text.findings import Finding

# "broken": the head cannot be read or analysed, whatever the base was; "repaired": the base alone cannot.
Status = Literal["added", "removed", "changed", "unchanged", "broken", "repaired"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Cause:
    """Edits that are one cause: those of one layer, of the sizes of one input, those that make a spec only together.

    ``contribution`` is what they alone do to each figure of the base; None where it was not worked out, since the run
    was at its limit of analyses. ``needs`` are edits without an effect of their own that had to be made first.
    """

    edits: tuple[Edit, ...]
    contribution: Figures | None
    needs: tuple[Edit, ...] = ()

    @property
    def worked_out(self) -> bool:
        """Whether its contribution is known."""
        return self.contribution is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerChange:
    """One layer or group that was added, removed, changed or moved; figures are those of all its ``times``.

    ``what`` are the arguments that differ, with the value before and after; ``old_path`` is where it was.
    """

    op: Literal["+", "-", "~", ">"]
    path: str
    old_path: str
    kind: str
    line: int
    what: tuple[tuple[str, str, str], ...]
    base: Figures
    head: Figures
    base_times: int
    head_times: int


class Follow(NamedTuple):
    """Layers that have their arguments still and follow one before them: how many, and what this adds up to."""

    layers: int
    delta: Figures


class Layers(NamedTuple):
    """The layers of a network against those of the base. Counts are of layers with repeats written out.

    Of those that follow a layer before them, ``inputs`` take another input to which their weights fit (more channels
    make a convolution's weights more), ``shapes`` are other in shape only. ``paths`` are those of layers and groups
    that are elsewhere, now and in the base: what is inside them is not named again.
    """

    changes: tuple[LayerChange, ...]
    unchanged: int
    inputs: Follow
    shapes: Follow
    paths: tuple[tuple[str, ...], ...] = ()

    @property
    def ripples(self) -> int:
        """How many follow, one way or the other."""
        return self.inputs.layers + self.shapes.layers

    @property
    def ripple(self) -> Figures:
        """What all that follow add up to."""
        return {name: value + self.shapes.delta[name] for name, value in self.inputs.delta.items()}


class Place(NamedTuple):
    """Where a variant is: its file, and its name there; None is the spec without one."""

    path: str
    variant: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class VariantDiff:
    """One variant: None is the spec without one. ``interaction`` is what the contributions leave of the change;
    ``checkpoint`` what becomes of one of the base, None where that is not worked out.

    ``base`` and ``head`` are None on a side that is not there or cannot be analysed: no side stands for the other.
    ``was_broken`` where neither could be.
    """

    variant: str | None
    status: Status
    base: Figures | None = None
    head: Figures | None = None
    causes: tuple[Cause, ...] = ()
    interaction: Figures = field(default_factory=dict)
    align: Callable[[], Layers] | None = None
    checkpoint: Checkpoint | None = None
    moved_from: Place | None = None
    was_broken: bool = False

    @property
    def word(self) -> str:
        """What became of it: its status, and whether what is broken was so before."""
        return f"still {self.status}" if self.was_broken else self.status

    @cached_property
    def layers(self) -> Layers | None:
        """The layers that differ, where both sides are there; worked out when asked for."""
        return None if self.align is None else self.align()

    @property
    def not_worked_out(self) -> int:
        """How many causes have no contribution: with any, ``interaction`` is the rest and not an interaction."""
        return sum(not cause.worked_out for cause in self.causes)

    @property
    def delta(self) -> Figures:
        """Head less base; 0 where one of them is missing."""
        if self.base is None or self.head is None:
            return dict.fromkeys(self.head or self.base or (), 0)
        return minus(self.head, self.base)

    @property
    def weight(self) -> float:
        """How large the change is, for showing the largest first: the largest relative one among the figures."""
        shares = (
            [abs(delta) / (self.base[name] or 1) for name, delta in self.delta.items() if delta] if self.base else []
        )
        return max(map(float, shares), default=0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecDiff:
    """One spec file. ``old_path`` is its path in the base where that is another; ``edits`` are all that were made.

    ``findings`` are what is wrong with either side, the base's as warnings; ``declared`` the dims and vars of either.
    ``was_broken`` where neither side can be read.
    ``untold`` is how many edits lie between two networks that are too different for causes; None for two states of one
    spec.
    """

    path: str
    old_path: str
    status: Status
    edits: tuple[Edit, ...] = ()
    variants: tuple[VariantDiff, ...] = ()
    findings: tuple[Finding, ...] = ()
    declared: frozenset[str] = frozenset()
    was_broken: bool = False
    untold: int | None = None

    @property
    def renamed(self) -> bool:
        """Whether the file had another path."""
        return self.old_path != self.path

    @property
    def moved(self) -> bool:
        """Whether a variant was in another file."""
        return any(variant.moved_from for variant in self.variants)

    @property
    def numeric(self) -> bool:
        """Whether a figure of any variant changed."""
        return self.status != "unchanged" and any(
            v.status != "changed" or any(v.delta.values()) for v in self.variants if v.status != "unchanged"
        )


class Side(NamedTuple):
    """One side of the comparison: its name, and its commit where it is one."""

    name: str
    sha: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Diff:
    """Everything that changed between two states of the specs.

    ``memory`` are the tools whose memory figures were asked for.
    """

    base: Side
    head: Side
    at: Setting
    specs: tuple[SpecDiff, ...]
    memory: tuple[str, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the specs of either side."""
        return [finding for spec in self.specs for finding in spec.findings]

    @property
    def broken(self) -> bool:
        """Whether a spec of the head cannot be read or analysed."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def changed(self) -> bool:
        """Whether a network was added, removed, renamed, moved or edited; comments and layout are none of these."""
        return any(spec.status != "unchanged" or spec.renamed or spec.moved for spec in self.specs)
