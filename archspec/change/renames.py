"""What `moved` says of the ids of one level of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archspec.graph.graph import Item

INSTANCES = re.compile(r"\[(\d+)[^\]]*\]")


class Renames(NamedTuple):
    """New addresses by old ones. Paths are those of a diff: they end in a dot, and hold ranges of instances."""

    moved: Mapping[str, str]

    def name(self, name: str, at: str, to: str) -> str | None:
        """What an id of the base is called now; None where it keeps its name, or has gone to another level."""
        target, level = self.moved.get(written(at) + name), written(to)
        rest = target.removeprefix(level) if target is not None and target.startswith(level) else "."
        return None if "." in rest else rest

    def ids(self, items: Iterable[Item], at: str, to: str) -> dict[int, str]:
        """The new ids of items of the base."""
        names = {id(item): self.name(item.name, at, to) for item in items} if self.moved else {}
        return {key: name for key, name in names.items() if name is not None}

    def inputs(self, sources: str, at: str, to: str) -> str:
        """The inputs that were written for an item of the base, by the ids that they have now."""
        names = [source.partition(".") for source in sources.split(", ")] if self.moved else []
        return ", ".join((self.name(name, at, to) or name) + dot + rest for name, dot, rest in names) or sources


def written(path: str) -> str:
    """A path as a spec would write it, of the first instance where it stands for several."""
    return INSTANCES.sub(r".\1", path)
