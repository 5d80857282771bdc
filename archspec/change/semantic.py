"""What was edited, in the words of the language: two specs' data as one tree whose leaves say where they part.

The tree can be read back with any choice of the edits made (:func:`merged`): none gives the base, all give the head,
and one alone shows what that one does. Layers of a list are aligned by id or, without one, by what they say, then by
kind, so that an insertion is one edit and not an edit of every layer behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archspec.change.lcs import common, gaps
from archspec.change.names import Path, joined, name_of, names
from archspec.change.spelling import alike, frozen, id_of, kind_of, known_by, label, opened, same
from archspec.language.nodes import Spec

LISTS_OF_LAYERS = ("layers", "seq", "residual", "body", "shortcut", "router", "weigh", "shared")
TEXTS = ("name", "summary", "source", "moved", "expect")  # keys of a file that no figure depends on
ABSENT: Any = object()  # in the place of a value that is not there
ORDERED = ("inputs", "dims", "vars", "params", "branches")  # mappings whose order has a meaning


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """One edit. ``op`` is ``~`` changed, ``+`` added, ``-`` removed, ``>`` moved; ``path`` and ``line`` are the head's
    (the base's where it is removed), ``was`` is the base's line of what moved. ``name`` says what was edited by ids.
    ``layer`` is the path of the innermost layer it stands in (behind a ``-`` where the head has none), ``text`` whether
    no figure can depend on it."""

    op: str
    path: str
    name: str
    line: int
    was: int
    old: Any
    new: Any
    layer: str
    text: bool
    variant: str | None  # the only variant it is about


class Leaf(NamedTuple):
    """Where the two sides part."""

    edit: Edit
    old: Any
    new: Any


class Fields(NamedTuple):
    """A mapping on both sides: all keys, in the base's order; ``order`` is the edit that gives them the head's."""

    nodes: dict[str, Any]
    keys: list[str]
    order: Leaf | None


class Items(NamedTuple):
    """A list on both sides, its items in an order that serves both."""

    nodes: list[Any]


class Moved(NamedTuple):
    """A layer that stands at another place of the head: this is where it is there, or where it was."""

    node: Any
    edit: Edit
    there: bool


class Fixed(NamedTuple):
    """Equal on both sides."""

    value: Any


class Counterparts(NamedTuple):
    """Where layers of the base stand in the head's text: its paths by the base's, empty for what is gone; ``moved`` are
    those of what stands at another place."""

    now: dict[str, str]
    moved: set[str]

    def elsewhere(self, place: str) -> bool:
        """Whether what stands at a place of the head was at another, by itself or with the layers around it."""
        return any(place == root or place.startswith(f"{root}.") for root in self.moved)


class Compared(NamedTuple):
    """The tree of two specs' data, its edits in the order of the head, and where the layers went."""

    tree: Any
    edits: list[Edit]
    counterparts: Counterparts


def compare(base: Spec, head: Spec) -> Compared:
    """Two specs side by side."""
    sides = Sides(base, head)
    tree = sides.node(base.document.data, head.document.data, (), (), 0)
    sides.match(0, 0)
    return Compared(tree, sides.edits, sides.counterparts)


def merged(tree: Any, chosen: Callable[[Edit], bool]) -> Any:
    """The data with the chosen edits made."""
    if isinstance(tree, Fixed):
        return tree.value
    if isinstance(tree, Leaf):
        return tree.new if chosen(tree.edit) else tree.old
    if isinstance(tree, Moved):
        return merged(tree.node, chosen) if chosen(tree.edit) == tree.there else ABSENT
    if isinstance(tree, Items):
        made = [merged(node, chosen) for node in tree.nodes]
        return [value for value in made if value is not ABSENT]
    keys = tree.keys if tree.order is None else merged(tree.order, chosen)
    values = {key: merged(tree.nodes[key], chosen) for key in keys}
    return {key: value for key, value in values.items() if value is not ABSENT}


class Lists(NamedTuple):
    """Two lists of layers: their items, their paths, the numbers of those that stand at another place of the other, and
    the nodes that they become."""

    old: list[Any]
    new: list[Any]
    at: Path
    to: Path
    left: frozenset[int]
    come: frozenset[int]
    nodes: list[Any]


class Loose(NamedTuple):
    """An item that one side's list alone has, the number of its node, and what it would be known by elsewhere."""

    lists: Lists
    number: int
    node: int
    known_by: Any


class Sides:
    """Walks two documents side by side and gathers the edits."""

    def __init__(self, base: Spec, head: Spec) -> None:
        self.base = base
        self.head = head
        self.names = names(base), names(head)
        self.edits: list[Edit] = []
        self.counterparts = Counterparts({}, set())
        self.gone: list[Loose] = []
        self.come: list[Loose] = []

    def node(self, old: Any, new: Any, at: Path, to: Path, layer: int) -> Any:
        """The tree of two values, at one path in the base and one in the head; so many steps lead to their layer."""
        if same(old, new):
            return Fixed(old)
        if isinstance(old, dict) and isinstance(new, dict):
            return self.fields(old, new, at, to, layer)
        if isinstance(old, list) and isinstance(new, list) and is_layers(to):
            return self.layers(old, new, at, to)
        return self.leaf("~", old, new, at, to, layer)

    def leaf(self, op: str, old: Any, new: Any, at: Path, to: Path, layer: int) -> Leaf:
        """The end of a branch: what stands here was changed, added or removed as a whole."""
        spec, called, path = (self.base, self.names[0], at) if op == "-" else (self.head, self.names[1], to)
        edit = Edit(
            op=op,
            path=joined(path),
            name=name_of(called, path, layer),
            line=spec.document.locate(path, key=True).line,
            was=0,
            old=old,
            new=new,
            layer=f"-{joined(at)}" if op == "-" and len(at) == layer else joined(to[:layer]),
            text=path[0] in TEXTS or path[-1] in ("note", "summary", "source"),
            variant=str(path[1]) if path[0] == "variants" and len(path) > 1 else None,
        )
        self.edits.append(edit)
        return Leaf(edit, old, new)

    def fields(self, old: Mapping[str, Any], new: Mapping[str, Any], at: Path, to: Path, layer: int) -> Fields:
        """Two mappings key by key."""
        keys = interleaved(list(old), list(new))
        nodes: dict[str, Any] = {}
        for key in keys:
            here, there = (*at, key), (*to, key)
            if key not in new:
                nodes[key] = self.leaf("-", old[key], ABSENT, here, there, layer)
            elif key not in old:
                nodes[key] = self.leaf("+", ABSENT, new[key], here, there, layer)
            else:
                before, after = alike(key, old[key], new[key])
                nodes[key] = self.node(before, after, here, there, layer)
        before, after = [key for key in old if key in new], [key for key in new if key in old]
        order = None
        if to and to[-1] in ORDERED and before != after:
            order = self.leaf("~", before, after, (*at, "order"), (*to, "order"), layer)
            order = order._replace(old=keys, new=interleaved(list(new), list(old)))
        return Fields(nodes, keys, order)

    def layers(self, old: list[Any], new: list[Any], at: Path, to: Path) -> Items:
        """Two lists of layers, aligned."""
        ours, theirs = [id_of(item) or frozen(item) for item in old], [id_of(item) or frozen(item) for item in new]
        pairs = common(ours, theirs)
        lists = Lists(old, new, at, to, *elsewhere(ours, theirs, pairs), [])
        loose = len(self.gone), len(self.come)
        for index, (left, right) in enumerate(gaps(pairs, len(old), len(new))):
            self.gap(lists, left, right)
            if index < len(pairs):
                lists.nodes.append(self.item(lists, *pairs[index]))
        self.match(*loose)
        return Items(lists.nodes)

    def gap(self, lists: Lists, left: range, right: range) -> None:
        """Layers between those of one id or equal: paired by kind, then one by one, where neither is at another place;
        the rest come and go."""
        kinds = [i if i in lists.left else label(lists.old[i]) for i in left]
        pairs = common(kinds, [-j - 1 if j in lists.come else label(lists.new[j]) for j in right])
        for index, (before, behind) in enumerate(gaps(pairs, len(left), len(right))):
            ours = left[before.start : before.stop]
            theirs = right[behind.start : behind.stop]
            here = [i for i in ours if i not in lists.left]
            there = [j for j in theirs if j not in lists.come]
            replaced = list(zip(here, there, strict=True)) if len(here) == len(there) else []
            for number, (i, j) in enumerate([*replaced, (ours.stop, theirs.stop)]):
                first = replaced[number - 1] if number else (ours.start - 1, theirs.start - 1)
                self.come_and_go(lists, range(first[0] + 1, i), range(first[1] + 1, j))
                if number < len(replaced):
                    lists.nodes.append(self.item(lists, i, j))
            if index < len(pairs):
                x, y = pairs[index]
                lists.nodes.append(self.item(lists, left[x], right[y]))

    def come_and_go(self, lists: Lists, left: range, right: range) -> None:
        """Layers of one side alone; perhaps they stand at another place on the other side."""
        for i in left:
            path = (*lists.at, i)
            self.counterparts.now[joined(path)] = ""
            self.gone.append(Loose(lists, i, len(lists.nodes), known_by(lists.old[i], path)))
            lists.nodes.append(self.leaf("-", lists.old[i], ABSENT, path, path, len(path)))
        for j in right:
            path = (*lists.to, j)
            self.come.append(Loose(lists, j, len(lists.nodes), known_by(lists.new[j], path)))
            lists.nodes.append(self.leaf("+", ABSENT, lists.new[j], path, path, len(path)))

    def match(self, gone: int, come: int) -> None:
        """Layers taken out and put in, of one id or word for word, of those from these numbers on: each is moved."""
        places: dict[Any, list[Loose]] = {}
        for here in self.come[come:]:
            places.setdefault(here.known_by, []).append(here)
        moves = [(away, matching.pop(0)) for away in self.gone[gone:] if (matching := places.get(away.known_by))]
        settled = {id(loose) for move in moves for loose in move}
        self.gone = [loose for loose in self.gone if id(loose) not in settled]
        self.come = [loose for loose in self.come if id(loose) not in settled]
        for away, here in moves:
            self.moved(away, here)

    def moved(self, gone: Loose, come: Loose) -> None:
        """A layer taken out here and put in there, and what was changed in it."""
        away, here = gone.lists.nodes[gone.node].edit, come.lists.nodes[come.node].edit
        edit = replace(here, op=">", was=away.line, old=away.path, new=here.path)
        self.edits.remove(away)
        place = self.edits.index(here)
        behind, self.edits = self.edits[place + 1 :], [*self.edits[:place], edit]
        both = gone.lists._replace(new=come.lists.new, to=come.lists.to)
        node = self.item(both, gone.number, come.number)
        self.edits += behind
        self.counterparts.moved.add(here.path)
        gone.lists.nodes[gone.node] = Moved(node, edit, False)
        come.lists.nodes[come.node] = Moved(node, edit, True)

    def item(self, lists: Lists, i: int, j: int) -> Any:
        """Two layers that stand for each other: compared key by key where they are of one kind."""
        old, new, at, to = lists.old[i], lists.new[j], (*lists.at, i), (*lists.to, j)
        self.counterparts.now[joined(at)] = joined(to)
        if same(old, new):
            return Fixed(old)
        before, after = opened(old), opened(new)
        if kind_of(before) is None or kind_of(before) != kind_of(after):
            return self.leaf("~", old, new, at, to, len(to))
        return self.node(before, after, at, to, len(to))


def elsewhere(
    old: Sequence[Hashable], new: Sequence[Hashable], pairs: Iterable[tuple[int, int]]
) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of those in two lists that are equal and in no pair, since they stand at another place."""
    left, right = (set(numbers) for numbers in zip(*pairs, strict=True)) if pairs else (set(), set())
    places: dict[Hashable, list[int]] = {}
    for number, key in enumerate(new):
        if number not in right:
            places.setdefault(key, []).append(number)
    moves = [(i, places[key].pop(0)) for i, key in enumerate(old) if i not in left and places.get(key)]
    return frozenset(i for i, _ in moves), frozenset(j for _, j in moves)


def is_layers(path: Path) -> bool:
    """Whether a list at a path is one of layers."""
    return (
        bool(path) and path[0] in ("layers", "blocks") and (path[-1] in LISTS_OF_LAYERS or path[-2:-1] == ("branches",))
    )


def interleaved(first: list[str], second: list[str]) -> list[str]:
    """All keys in the order of the first list, those of the second alone behind the key they follow there."""
    known, result = set(first), list(first)
    place = 0
    for key in second:
        if key in known:
            place = result.index(key) + 1
        else:
            result.insert(place, key)
            place += 1
    return result
