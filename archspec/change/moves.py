"""Variants that a change took out of one file and that another has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.change.checkpoint import Modules, modules
from archspec.change.figures import total
from archspec.change.model import Place
from archspec.change.pairs import ALIKE, Pair
from archspec.errors import ArchspecError
from archspec.graph.stored import full_name


class Origin(NamedTuple):
    """Where a variant was in the base, and the spec there."""

    place: Place
    subject: Subject


class Moves:
    """The variants that moved, with where they were; ``emptied`` are files that are gone and whose variants all did."""

    def __init__(self, origins: dict[Place, Origin], emptied: frozenset[str] = frozenset()) -> None:
        self.origins = origins
        self.left = frozenset(origin.place for origin in origins.values())
        self.emptied = emptied

    def into(self, path: str) -> dict[str | None, Origin]:
        """The variants that a file of the head has from others."""
        return {place.variant: origin for place, origin in self.origins.items() if place.path == path}

    def out_of(self, path: str) -> frozenset[str | None]:
        """The variants of a file of the base that others have now."""
        return frozenset(place.variant for place in self.left if place.path == path)


STILL = Moves({})
Sides = tuple[Subject | None, Subject | None]


class Loose(NamedTuple):
    """A variant that one side of a file alone has; the spec without one where that is ``None``."""

    file: int
    place: Place
    subject: Subject

    @property
    def names(self) -> set[str]:
        """What it may be called elsewhere: a spec without a variant as itself, or as its file."""
        if self.place.variant is not None:
            return {self.place.variant}
        return {self.subject.spec.name, self.place.path.rpartition("/")[2].partition(".")[0]}


def moves(pairs: Sequence[Pair], sides: Callable[[Pair], Sides]) -> Moves:
    """What moved between files that differ: variants of one name and alike networks, where no other could be meant.

    A pair of files of which one cannot be read takes no part. Those whose networks are equal come first.
    """
    gone: list[Loose] = []
    come: list[Loose] = []
    for number, pair in enumerate(pairs):
        before, after = sides(pair)
        if (before is None) == (pair.base is None) and (after is None) == (pair.head is None):
            gone += loose(number, pair.old_path, before, after)
            come += loose(number, pair.path, after, before)
    candidates = [
        (old, new, likeness(old, new))
        for old in gone
        for new in come
        if old.file != new.file and {old.place.variant, new.place.variant} != {None} and old.names & new.names
    ]
    origins: dict[Place, Origin] = {}
    settled: set[Place] = set()
    for least in (1.0, ALIKE):
        left = [
            (old, new)
            for old, new, share in candidates
            if share >= least and new.place not in origins and old.place not in settled
        ]
        ours, theirs = [old.place for old, _ in left], [new.place for _, new in left]
        for old, new in left:
            if ours.count(old.place) == theirs.count(new.place) == 1:
                origins[new.place] = Origin(old.place, old.subject)
                settled.add(old.place)
    removed = {pair.old_path for pair in pairs if pair.head is None}
    stayed = {old.place.path for old in gone if old.place not in settled}
    return Moves(origins, frozenset(place.path for place in settled if place.path in removed - stayed))


def loose(file: int, path: str, here: Subject | None, there: Subject | None) -> Iterator[Loose]:
    """The variants of one side of a file that the other has not."""
    if here is not None:
        others = cases(there.spec) if there else ()
        for variant in cases(here.spec):
            if variant not in others:
                yield Loose(file, Place(path, variant), here)


def likeness(old: Loose, new: Loose) -> float:
    """1 where two networks have equal weights and figures, else the share of weights of one name, which is less."""
    networks = [network(variant) for variant in (old, new)]
    if networks[0] is None or networks[1] is None:
        return 0
    if networks[0] == networks[1]:
        return 1
    ours, theirs = (
        {full_name(path, name) for path, own in weights.items() for name, _ in own}
        for weights, _ in filter(None, networks)
    )
    return min(len(ours & theirs) / max(len(ours | theirs), 1), 0.99)


def network(variant: Loose) -> tuple[Modules, object] | None:
    """The weights of a network, and its figures; None where they cannot be worked out, or are too many."""
    try:
        report = variant.subject.report(Setting(variant.place.variant))
    except ArchspecError:
        return None
    weights = modules(report.graph)
    return None if weights is None else (weights, total(report))
