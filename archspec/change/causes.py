"""What each edit causes: f(base with the edits of a cause made) - f(base), for every figure f.

What the causes leave of f(head) - f(base) is their interaction. Edits are one cause where they are of one layer, where
they are of the sizes that make up one input, and where they make a valid spec only together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from archspec.analysis.metrics import Figures
from archspec.change.edited import Words, united
from archspec.change.figures import minus
from archspec.change.model import Cause
from archspec.change.semantic import Edit
from archspec.change.trials import Spent, Trials
from archspec.language.nodes import Spec

Units = frozenset[int]  # numbers of units: edits that are made together in any case


class Bundle(NamedTuple):
    """Units that are one cause, and those without an effect of their own that had to be made first."""

    units: Units
    needs: Units = frozenset()


def causes(
    edits: Sequence[Edit], sides: tuple[Spec, Spec], trials: Trials, base: Figures, head: Figures
) -> tuple[Cause, ...]:
    """The causes of a variant's change in the order of their edits."""
    units = united(edits, sides)
    if len(units) == 1 and parts_of(sides[0]) == parts_of(sides[1]):
        return (Cause(edits=tuple(edits), contribution=minus(head, base)),)
    return Attribution(units, trials, base).causes()


def parts_of(spec: Spec) -> list[str]:
    """What the files of a spec's parts say, whose edits are not told apart: they are left to the interaction."""
    return [part.document.text for part in spec.parts.values()]


class Attribution:
    """The units of edits of one variant, as they are put together to causes."""

    def __init__(self, units: Sequence[tuple[Edit, ...]], trials: Trials, base: Figures) -> None:
        self.units = units
        self.all = frozenset(range(len(units)))
        self.trials = trials
        self.base = base
        self.words = Words(units)
        self.invalid: Units = frozenset()  # those that are no valid spec alone
        self.bundles = [Bundle(frozenset({number})) for number in sorted(self.all)]

    def causes(self) -> tuple[Cause, ...]:
        """Every cause, those without a contribution that were not reached."""
        try:
            alone = [self.effect(bundle.units) for bundle in self.bundles]
            self.invalid = frozenset(number for number, effect in enumerate(alone) if effect is None)
            for number in sorted(self.invalid):
                if number in self.open():
                    self.put_together(frozenset({number}))
        except Spent:
            # What is left is one cause where it is known that it makes a valid spec, if perhaps not with the fewest.
            rest = self.open()
            if self.trials.known.get(self.edits(rest)) is not None:
                self.bundles = [bundle for bundle in self.bundles if not bundle.units & rest] + [Bundle(rest)]
        return tuple(map(self.cause, sorted(self.bundles, key=lambda bundle: min(bundle.units))))

    def open(self) -> Units:
        """The units that are no valid spec alone and are bundled with no other."""
        return frozenset(number for number in self.invalid if Bundle(frozenset({number})) in self.bundles)

    def cause(self, bundle: Bundle) -> Cause:
        """A bundle with its contribution, where that was worked out."""
        figures = self.trials.known.get(self.edits(bundle.units | bundle.needs))
        return Cause(
            edits=tuple(edit for number in sorted(bundle.units) for edit in self.units[number]),
            contribution=figures and minus(figures, self.base),
            needs=tuple(edit for number in sorted(bundle.needs) for edit in self.units[number]),
        )

    def edits(self, units: Units) -> frozenset[Edit]:
        """The edits of units."""
        return frozenset(edit for number in units for edit in self.units[number])

    def effect(self, units: Units) -> Figures | None:
        """What units do alone; None where the base with them is no valid spec. Raises Spent."""
        figures = self.trials.figures(self.edits(units))
        return figures and minus(figures, self.base)

    def put_together(self, units: Units) -> None:
        """Make one bundle of units and the fewest others with which they are a valid spec, and of all that those are
        bundled with. Raises Spent."""
        bundle = Bundle(units)
        while self.effect(bundle.units | bundle.needs) is None:
            bundle = self.parted(self.completed(bundle.units | bundle.needs), bundle.units)
            others = [other for other in self.bundles if other.units & bundle.units]
            whole = bundle.units.union(*(other.units for other in others))
            bundle = Bundle(whole, bundle.needs.union(*(other.needs for other in others)) - whole)
        self.bundles = [other for other in self.bundles if not other.units & bundle.units] + [bundle]

    def parted(self, units: Units, core: Units) -> Bundle:
        """Units as a bundle: what is not of its core and does nothing, a variable declared, is what it needs."""
        idle = frozenset(number for number in units - core if self.idle(frozenset({number})))
        return Bundle(units - idle, idle) if idle and self.idle(idle) else Bundle(units)

    def idle(self, units: Units) -> bool:
        """Whether units are a valid spec and change no figure."""
        effect = self.effect(units)
        return effect is not None and not any(effect.values())

    def completed(self, units: Units) -> Units:
        """Units with the fewest others that make them a valid spec: looked for among those that they name or that name
        them, then among those that are none alone either, then among all, since all together are the head. None of the
        others can be left out. Raises Spent."""
        related = self.words.related(units)
        middle = sum(units) / len(units)
        for wider in (related, units | self.open(), self.all):
            if wider != units and (wider == self.all or self.effect(wider) is not None):
                break
        others = sorted(wider - units, key=lambda number: (number in related, -abs(number - middle)))
        return self.fewest(units, self.reduced(units, others) - units)

    def fewest(self, units: Units, others: Units) -> Units:
        """Units with one or two of the others where these are enough, else with all: what makes a valid spec apart from
        the units may be among them, which cannot be left out in parts. Raises Spent."""
        idle = frozenset(number for number in others if self.idle(frozenset({number})))
        for size in range(1, min(3, len(others - idle))):
            for few in combinations(sorted(others - idle), size):
                if self.effect(units.union(idle, few)) is not None:
                    return self.reduced(units, sorted(idle.union(few)))
        return units | others

    def reduced(self, units: Units, others: list[int]) -> Units:
        """Units with those of the others that cannot be left out, the last ones kept rather than the first.

        Delta debugging (Zeller and Hildebrandt 2002): ever smaller parts are left out while the rest is valid.
        """
        size = max(len(others) // 2, 1)
        while True:
            before, start = len(others), 0
            while start < len(others):
                rest = others[:start] + others[start + size :]
                if self.effect(units.union(rest)) is None:
                    start += size
                else:
                    others = rest
            if size == 1 and len(others) == before:
                return units.union(others)
            size = max(size // 2, 1)


def summed(causes: Iterable[Cause], names: Iterable[str]) -> Figures:
    """The sum of the known contributions, for each name of a figure."""
    sums: Figures = dict.fromkeys(names, 0)
    for cause in causes:
        for name, value in (cause.contribution or {}).items():
            sums[name] += value
    return sums
