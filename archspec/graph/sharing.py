"""Modules that are called in several places: which call is the last, and in how many places the module stands.

Worked out once for a graph that has ties, and kept with the body in which a tie and its owner both stand: what is true
within a block holds wherever the block is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from archspec.graph.graph import Body, Group, Item, Marks
from archspec.graph.walk import named
from archspec.records import NamedTuple
from archspec.sizes import Size

Path = tuple[tuple[str, Size | None], ...]  # items by name, and an instance each


class Call(NamedTuple):
    """A module's later call, seen from a body: its way down, the last instance of each item, and its owner's."""

    path: Path
    items: tuple[Item, ...]
    up: int
    owner: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The way down without instances: that of what is kept once."""
        return tuple([item.name for item in self.items])


def mark(body: Body) -> None:
    """Mark in every body below what its ties mean there."""
    marker = _Marker()
    calls = [call for item in body.items for call in marker.below(item)]
    if calls:
        body.marks = _marks(body, calls)


def closed(body: Body) -> bool:
    """Mark what ties mean in a body and below it, and whether none of them leads out of it."""
    return not _Marker().calls(body)


class _Marker:
    def __init__(self) -> None:
        self.known: dict[int, list[Call]] = {}

    def calls(self, body: Body) -> list[Call]:
        """The calls below a body whose owner stands outside it; the others are marked in it."""
        if body.known is not None:  # kept for other graphs: closed, and marked
            return []
        if id(body) not in self.known:
            own: list[Call] = []
            open_ends: list[Call] = []
            for item in body.items:
                for call in self.below(item):
                    (own if call.up == 0 else open_ends).append(call)
            if own:
                body.marks = _marks(body, own)
            self.known[id(body)] = [call._replace(up=max(call.up - 1, -1)) for call in open_ends]
        return self.known[id(body)]

    def below(self, item: Item) -> Iterator[Call]:
        """An item's own call, then those inside it, seen from its body."""
        step = (item.name, item.repeat - 1)
        if item.tie is not None and (isinstance(item, Group) or item.again):
            yield Call((step,), (item,), item.tie.up, item.tie.path)
        if isinstance(item, Group):
            for call in self.calls(item.body):
                yield call._replace(path=(step, *call.path), items=(item, *call.items))


def _marks(body: Body, calls: Iterable[Call]) -> Marks:
    """The marks of a body: for each module its calls but the last, and its places."""
    modules: dict[Path, list[Call]] = {}
    owners: dict[tuple[str, ...], Path] = {}  # of the modules' calls, by their names
    for call in calls:
        owner, _ = _located(body, call.owner)
        owner = owners.get(tuple(name for name, _ in owner), owner)
        owners[call.names] = owner
        modules.setdefault(owner, []).append(call)
    marks = Marks()
    for owner, later in modules.items():
        places = _places(body, owner, modules, owners)
        _at(marks, owner).repeated = True
        _at(marks, owner).places = places
        for call in later:
            everywhere = _at(marks, tuple([(name, None) for name in call.names]))
            everywhere.repeated, everywhere.places = True, places
        _at(marks, later[-1].path).last = True
    return marks


def _places(body: Body, owner: Path, modules: dict[Path, list[Call]], owners: dict[tuple[str, ...], Path]) -> Any:
    """In how many groups a module stands: each once, however often it calls the module, in all places it stands in."""
    parents: dict[Path, Any] = {}
    ways = [_located(body, [_numbered(*step) for step in owner])]
    ways += [(tuple([(item.name, 0) for item in call.items]), call.items) for call in modules[owner]]
    for path, items in ways:
        parent = path[:-1]
        times: Any = 1
        for end in range(len(parent), 0, -1):
            module = owners.get(tuple([item.name for item in items[:end]]))
            if module is not None:  # a group that is another's module: what is inside stands where that one stands
                parent = (*module, *parent[end:])
                break
        for end in range(len(parent), 0, -1):
            if parent[:end] in modules:
                times = _places(body, parent[:end], modules, owners)
                break
        else:
            for item in items[:-1]:
                times = times * item.repeat
        parents[parent] = times
    return sum(parents.values())


def _located(body: Body, names: Iterable[str]) -> tuple[Path, tuple[Item, ...]]:
    """The items that names lead to, an instance of a folded repeat among them."""
    path: list[tuple[str, Size | None]] = []
    items: list[Item] = []
    for name in names:
        item, turn = named(body, name)
        path.append((item.name, turn))
        items.append(item)
        if isinstance(item, Group):
            body = item.body
    return tuple(path), tuple(items)


def _numbered(name: str, turn: Any) -> str:
    return str(int(name) + turn) if turn else name


def _at(marks: Marks, path: Path) -> Marks:
    for step in path:
        marks = marks.below.setdefault(step, Marks())
    return marks
