"""What a layout has to know of a language: the order of keys, and what stands on lines of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from archspec.records import NamedTuple

WIDTH = 120
STEP = 2
OTHERS = "*"

# An entry a line, always; where an entry is a mapping; where one line is too short; or one line, wrapped where it is.
Spread = Literal["always", "mappings", "long", "wrapped"]


class Shape(NamedTuple):
    """A sort of mapping, of sequence, or of both.

    ``order`` names keys in their order, ``*`` the rest in the author's; ``members`` and ``others`` name the shapes of
    values, those of a sequence's items too. A ``layer`` with one key stands behind its dash, and what its kind leaves
    out is not spelled ``null``.
    """

    spread: Spread = "wrapped"
    order: tuple[str, ...] = (OTHERS,)
    members: Mapping[str, str] = {}
    others: str = "value"
    layer: bool = False

    def of(self, key: str) -> str:
        """The name of a member's shape."""
        return self.members.get(key, self.others)

    def ordered(self, keys: Iterable[str]) -> list[str]:
        """The keys in their order."""
        if self.order == (OTHERS,):
            return list(keys)
        ranks = {key: rank for rank, key in enumerate(self.order)}
        rest = ranks[OTHERS]
        return sorted(keys, key=lambda key: ranks.get(key, rest))

    def unspelled(self, key: str) -> bool:
        """Whether null is written as nothing."""
        return self.layer and key not in self.order


Shapes = Mapping[str, Shape]
