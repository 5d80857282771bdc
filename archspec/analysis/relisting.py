"""What a listing counts twice that gives every call of a shared module the place where the module stands last.

torchinfo lists modules as they are called, each below the groups it stands in. It knows one place of a module: a call
from any other place is listed in that one, which closes the group at hand. What then comes in the group is listed below
a second mention of it, and counts there; and it counts as what the first mention is short of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archspec.graph.graph import Graph, Group, Layer
from archspec.graph.walk import FOLDED, Folded, State, Step, owner, walk
from archspec.records import NamedTuple


class Line(NamedTuple):
    """One line of the listing: a module, how many groups it is listed in, and its scalars where it is no group.

    ``again``: it is listed before, or stands there to show where the next line belongs.
    """

    module: str
    depth: int
    scalars: Any
    again: bool


def relisted(graph: Graph, scalars: Callable[[Layer, State], Any], visits: Folded = FOLDED) -> Any:
    """The scalars that are counted once more, of those that each layer has."""
    modules = Modules(graph, scalars, visits)
    return _short(modules.lines(), modules.held)


class Modules:
    """The modules of a network in the order of their calls; a module is named by the path of its first."""

    def __init__(self, graph: Graph, scalars: Callable[[Layer, State], Any], visits: Folded) -> None:
        self.first: dict[str, str] = {}  # module by the path of a call
        self.group: dict[str, str] = {}  # where a module stands: the last of its places
        self.above: dict[str, set[str]] = {"": set()}  # every group that a module stands in
        self.held: dict[str, Any] = {}  # scalars in each group
        self.calls: list[tuple[str, Any]] = []
        for step in walk(graph, visits):
            item = step.item
            if isinstance(item, Group):
                self.calls.append((self.module(step), None))
            elif item.node.call == "module" and item.traits.inputs:
                self.calls.append((self.module(step), scalars(item, step.state) * step.times))
        for module, own in self.calls:
            for group in self.above[module] if own is not None else ():
                self.held[group] = self.held.get(group, 0) + own

    def module(self, step: Step) -> str:
        """The module of a call; its place is noted."""
        item = step.item
        around = self.first[step.place.path[:-1]] if step.place.path else ""
        module = f"{around}.{step.name}".removeprefix(".")
        if item.tie is not None and (isinstance(item, Group) or item.again):
            path = owner(step.place, item.tie).path
            module = self.first.get(path, path)
        self.first[step.path] = module
        self.group[module] = around
        self.above.setdefault(module, set()).update(self.above[around], [around] if around else [])
        return module

    def around(self, module: str) -> tuple[str, ...]:
        """The groups that a module is listed in, outermost first."""
        group = self.group[module]
        return (*self.around(group), group) if group else ()

    def lines(self) -> Iterator[Line]:
        """Every call, and before it the groups it is listed in where these are not open."""
        opened: tuple[str, ...] = ()
        listed: set[str] = set()
        for module, scalars in self.calls:
            around = self.around(module)
            for depth, group in enumerate(around):
                if opened[depth : depth + 1] != (group,):
                    opened = (*opened[:depth], group)
                    yield Line(group, depth, None, True)
            opened = (*around, module)
            yield Line(module, len(around), scalars, module in listed)
            listed.add(module)


def _short(lines: Iterator[Line], held: dict[str, Any]) -> Any:
    """What the first mentions of groups are short of, all together."""
    total: Any = 0
    opened: list[list[Any]] = []  # depth, what is still to come in the group (None: no first mention)

    def close(depth: int) -> None:
        nonlocal total
        while opened and opened[-1][0] >= depth:
            _, short = opened.pop()
            if short is None or (type(short) is int and short <= 0):
                continue
            total = total + short
            take(short)

    def take(scalars: Any) -> None:
        for group in opened:
            if group[1] is not None:
                group[1] = group[1] - scalars

    for line in lines:
        close(line.depth)
        if line.scalars is None:
            opened.append([line.depth, None if line.again else held.get(line.module, 0)])
        elif not line.again:
            take(line.scalars)
    close(0)
    return total
