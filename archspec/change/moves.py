"""Variants that a change took out of one file and that another has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from archspec.analysis.setting import Setting, cases
from archspec.analysis.subject import Subject
from archspec.change.checkpoint import modules
from archspec.change.figures import total
from archspec.change.model import Place
from archspec.change.pairs import ALIKE, Pair
from archspec.errors import ArchspecError
from archspec.graph.stored import full_name

MAX_UNNAMED = 2500  # pairs of variants of other names that are compared: two dozen files gone and as many new ones


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

    def may_be(self, other: Loose, named: bool) -> bool:
        """Whether it can be looked for in another; the defaults of a spec that has variants are often those of one."""
        both = (self, other)
        alone = all(one.place.variant is not None or not one.subject.spec.variants for one in both)
        return bool(self.names & other.names) if named else alone


class Match(NamedTuple):
    """Two variants that may be one: the share of the weights of one name, and of one name and shape."""

    old: Loose
    new: Loose
    names: float
    shapes: float

    @property
    def elsewhere(self) -> bool:
        """Whether it would be a move: not inside one file, nor of two files without variants."""
        return self.old.file != self.new.file and {self.old.place.variant, self.new.place.variant} != {None}


def moves(pairs: Sequence[Pair], sides: Callable[[Pair], Sides]) -> Moves:
    """What moved between files that differ, where no other could be meant: variants of one name with equal networks,
    then with alike ones; then those under another name, equal and at last alike in the shapes of weights too.

    A pair of files of which one cannot be read takes no part.
    """
    gone: list[Loose] = []
    come: list[Loose] = []
    for number, pair in enumerate(pairs):
        before, after = sides(pair)
        if (before is None) == (pair.base is None) and (after is None) == (pair.head is None):
            gone += loose(number, pair.old_path, before, after)
            come += loose(number, pair.path, after, before)
    origins: dict[Place, Origin] = {}
    settled: set[Place] = set()
    networks: dict[tuple[int, str | None], Network | None] = {}
    for named in (True, False):
        both = [
            (old, new)
            for old in gone
            for new in come
            if old.place not in settled and new.place not in origins and old.may_be(new, named)
        ]
        matches = [match(old, new, networks) for old, new in both] if named or len(both) <= MAX_UNNAMED else []
        for least in (1.0, ALIKE):
            left = [
                one
                for one in matches
                if (one.names if named else one.shapes) >= least
                and one.old.place not in settled
                and one.new.place not in origins
                and (one.elsewhere or not named)  # a new name inside the file is another reading
            ]
            ours, theirs = [one.old.place for one in left], [one.new.place for one in left]
            for one in left:
                if one.elsewhere and ours.count(one.old.place) == theirs.count(one.new.place) == 1:
                    origins[one.new.place] = Origin(one.old.place, one.old.subject)
                    settled.add(one.old.place)
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


def match(old: Loose, new: Loose, networks: dict[tuple[int, str | None], Network | None]) -> Match:
    """How alike two networks are: 1 where weights and figures are equal, else the shares, which are less."""
    both = []
    for variant in (old, new):
        key = id(variant.subject), variant.place.variant
        if key not in networks:
            networks[key] = network(variant)
        both.append(networks[key])
    ours, theirs = both
    if ours is None or theirs is None:
        return Match(old, new, 0, 0)
    if ours == theirs:
        return Match(old, new, 1, 1)
    names = share(set(ours.tensors), set(theirs.tensors))
    return Match(old, new, names, share(set(ours.tensors.items()), set(theirs.tensors.items())))


def share(ours: set[Any], theirs: set[Any]) -> float:
    """The part of two sets that both have; less than 1."""
    return min(len(ours & theirs) / max(len(ours | theirs), 1), 0.99)


class Network(NamedTuple):
    """What two variants are compared by: their weights by full name, and their figures."""

    tensors: dict[str, Any]
    figures: object


def network(variant: Loose) -> Network | None:
    """The weights of a network, and its figures; None where they cannot be worked out, or are too many."""
    try:
        report = variant.subject.report(Setting(variant.place.variant))
    except ArchspecError:
        return None
    weights = modules(report.graph)
    if weights is None:
        return None
    tensors = {full_name(path, name): what for path, own in weights.items() for name, what in own}
    return Network(tensors, total(report))
