"""What was edited, in the words of the language: two specs' data as one tree whose leaves say where they part.

The tree can be read back with any choice of the edits made (:func:`merged`): none gives the base, all give the head,
and one alone shows what that one does. Layers of a list are aligned by what they say, then by id, then by kind, so that
an insertion is one edit and not an edit of every layer behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archspec.change.lcs import common, gaps
from archspec.change.names import Path, joined, name_of, names
from archspec.errors import ArchspecError
from archspec.expr import parse
from archspec.kinds import kinds
from archspec.language.keys import LAYER_KEYS
from archspec.language.nodes import Spec

LISTS_OF_LAYERS = ("layers", "seq", "residual", "body", "shortcut")
TEXTS = ("name", "summary", "source", "expect")  # keys of a file that no figure depends on
ORDERED = ("inputs", "dims", "vars", "params", "branches")  # mappings whose order has a meaning


class Absent:
    """Stands for a value that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """One edit. ``op`` is ``~`` changed, ``+`` added, ``-`` removed, ``>`` moved; ``path`` and ``line`` are the head's
    (the base's where it is removed), ``was`` is the base's line of what moved. ``name`` says what was edited by ids.
    ``layer`` is the path of the innermost layer it stands in, ``text`` whether no figure can depend on it."""

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


class Fixed(NamedTuple):
    """Equal on both sides."""

    value: Any


def compare(base: Spec, head: Spec) -> tuple[Any, list[Edit]]:
    """The tree of two specs' data, and its edits in the order of the head."""
    sides = Sides(base, head)
    tree = sides.node(base.document.data, head.document.data, (), (), 0)
    return tree, sides.edits


def merged(tree: Any, chosen: Callable[[Edit], bool]) -> Any:
    """The data with the chosen edits made."""
    if isinstance(tree, Fixed):
        return tree.value
    if isinstance(tree, Leaf):
        return tree.new if chosen(tree.edit) else tree.old
    if isinstance(tree, Items):
        made = [merged(node, chosen) for node in tree.nodes]
        return [value for value in made if value is not ABSENT]
    keys = tree.keys if tree.order is None else merged(tree.order, chosen)
    values = {key: merged(tree.nodes[key], chosen) for key in keys}
    return {key: value for key, value in values.items() if value is not ABSENT}


class Sides:
    """Walks two documents side by side and gathers the edits."""

    def __init__(self, base: Spec, head: Spec) -> None:
        self.base = base
        self.head = head
        self.names = names(base), names(head)
        self.edits: list[Edit] = []

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
            layer=joined(path[:layer]),
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
        ours, theirs = [frozen(item) for item in old], [frozen(item) for item in new]
        nodes: list[Any] = []
        pairs = common(ours, theirs)
        removed: dict[Any, list[int]] = {}
        added: dict[Any, list[int]] = {}
        for index, (left, right) in enumerate(gaps(pairs, len(old), len(new))):
            self.gap(old, new, left, right, at, to, nodes, (removed, added), (ours, theirs))
            if index < len(pairs):
                nodes.append(Fixed(old[pairs[index][0]]))
        for what, places in removed.items():
            for gone, come in zip(places, added.get(what, ()), strict=False):
                self.moved(nodes, gone, come)
        return Items(nodes)

    def gap(
        self,
        old: list[Any],
        new: list[Any],
        left: range,
        right: range,
        at: Path,
        to: Path,
        nodes: list[Any],
        loose: tuple[dict[Any, list[int]], dict[Any, list[int]]],
        hashes: tuple[list[Any], list[Any]],
    ) -> None:
        """Layers between equal ones: paired by id, else by kind, else replaced one by one; the rest come and go."""
        names = [label(old[i]) for i in left], [label(new[j]) for j in right]
        pairs = [(left[x], right[y]) for x, y in common(*names)]
        for index, (before, behind) in enumerate(gaps(pairs, left.stop, right.stop)):
            ours = range(max(before.start, left.start), before.stop)
            theirs = range(max(behind.start, right.start), behind.stop)
            if len(ours) == len(theirs):
                for i, j in zip(ours, theirs, strict=True):
                    nodes.append(self.item(old[i], new[j], (*at, i), (*to, j)))
            else:
                for i in ours:
                    loose[0].setdefault(hashes[0][i], []).append(len(nodes))
                    nodes.append(self.leaf("-", old[i], ABSENT, (*at, i), (*to, i), len(at) + 1))
                for j in theirs:
                    loose[1].setdefault(hashes[1][j], []).append(len(nodes))
                    nodes.append(self.leaf("+", ABSENT, new[j], (*at, j), (*to, j), len(to) + 1))
            if index < len(pairs):
                i, j = pairs[index]
                nodes.append(self.item(old[i], new[j], (*at, i), (*to, j)))

    def item(self, old: Any, new: Any, at: Path, to: Path) -> Any:
        """Two layers that stand for each other: compared key by key where they are of one kind."""
        before, after = opened(old), opened(new)
        if kind_of(before) is None or kind_of(before) != kind_of(after):
            return self.leaf("~", old, new, at, to, len(to))
        return self.node(before, after, at, to, len(to))

    def moved(self, nodes: list[Any], gone: int, come: int) -> None:
        """A layer taken out here and put in there, word for word, is one edit."""
        away, here = nodes[gone], nodes[come]
        edit = replace(here.edit, op=">", was=away.edit.line, old=away.edit.path, new=here.edit.path)
        nodes[gone], nodes[come] = away._replace(edit=edit), here._replace(edit=edit)
        self.edits.remove(away.edit)
        self.edits[self.edits.index(here.edit)] = edit


def same(old: Any, new: Any) -> bool:
    """Whether two values mean the same: of the same types, expressions however they are spaced."""
    if isinstance(old, dict):
        return (
            isinstance(new, dict)
            and list(old) == list(new)
            and all(same(*alike(key, old[key], new[key])) for key in old)
        )
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(same, old, new))
    if type(old) is not type(new):
        return False
    return bool(old == new) or (isinstance(old, str) and same_expression(old, new))


def same_expression(old: str, new: str) -> bool:
    """Whether two texts are one expression."""
    if "$" not in old or "$" not in new:
        return False
    try:
        return parse(old, dollar=True) == parse(new, dollar=True)
    except ArchspecError:
        return False


def alike(key: str, old: Any, new: Any) -> tuple[Any, Any]:
    """Two values of a key in the longer of the spellings that they have: `linear: 10` and `linear: {out: 10}`."""
    if type(old) is type(new):
        return old, new
    kind = kinds().get(key)
    if kind is not None and (isinstance(old, dict) or isinstance(new, dict)):
        if kind.foldable and key in ("norm", "act"):
            return old, new
        spelled = [
            {} if value is None else {kind.main: value} if kind.main and not isinstance(value, dict) else value
            for value in (old, new)
        ]
        return spelled[0], spelled[1]
    if key == "residual":
        spelled = [{"body": value} if isinstance(value, list) else value for value in (old, new)]
        return spelled[0], spelled[1]
    return old, new


def opened(item: Any) -> Any:
    """A layer in its long form: `relu` as `{relu: null}`."""
    return {item: None} if isinstance(item, str) else item


def kind_of(item: Any) -> str | None:
    """The key that says what a layer is."""
    return next((key for key in item if key not in LAYER_KEYS), None) if isinstance(item, dict) else None


def label(item: Any) -> tuple[str, str]:
    """What a layer is known by: its id, else its kind."""
    item = opened(item)
    if isinstance(item, dict) and isinstance(item.get("id"), str):
        return "id", item["id"]
    return "kind", kind_of(item) or ""


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


def frozen(value: Any) -> Any:
    """A value that can be a key; equal where the values mean the same."""
    if isinstance(value, dict):
        return ("map", *((key, frozen(value[key])) for key in sorted(value)))
    if isinstance(value, list):
        return ("list", *map(frozen, value))
    if isinstance(value, str) and "$" in value:
        try:
            return str, str(parse(value, dollar=True))
        except ArchspecError:
            return str, value
    return type(value), value
