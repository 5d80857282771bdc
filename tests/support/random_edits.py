"""Random edits of a spec's data, each of which can be made alone: what a diff's causes are held against.

A layer is known by a note that only it has, in the base and in the head, and by an id; edits are made on plain data, so
that a base with any of them is had without what is tested.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archspec.language.keys import LAYER_KEYS, STRUCTURES
from archspec.language.load import load_text
from archspec.text.reader import read

LISTS = ("layers", "seq", "residual", "body", "shortcut")
NEW = (
    {"conv": {"out": 16, "kernel": 3, "padding": 1}}, {"linear": 24}, {"relu": None}, {"batchnorm": None},
    {"dropout": 0.1}, {"layernorm": None}, {"conv": {"out": 8, "kernel": 1}}, {"gelu": None},
)  # fmt: skip


@dataclass(frozen=True)
class Atom:
    """What is made or not made as one: ``touches`` are notes of layers and paths of declarations."""

    touches: frozenset[str]
    make: Callable[[Any], None]


def marked(file: Path) -> Any:
    """A zoo spec's data, each layer written as a mapping with a note of its own, and with an id where that adds no
    level to names."""
    data = json.loads(json.dumps(read(file).data))
    data.pop("expect", None)
    for number, (items, index) in enumerate(list(layers(data))):
        item = items[index]
        item = {item: None} if isinstance(item, str) else item
        item["note"] = f"u{number}"
        if "id" not in item and not STRUCTURES & item.keys():
            item["id"] = f"id{number}"
        items[index] = item
    return data


def layers(data: Any) -> Iterator[tuple[list[Any], int]]:
    """Every written layer as its list and its place there, those inside before what follows."""
    todo = [data["layers"], *(block["layers"] for block in data.get("blocks", {}).values())]
    while todo:
        items = todo.pop()
        for index, item in enumerate(items):
            yield items, index
            todo += inner(item)


def inner(item: Any) -> list[list[Any]]:
    """The lists of layers right inside one."""
    if not isinstance(item, dict):
        return []
    residual, parallel = item.get("residual"), item.get("parallel")
    parts = residual if isinstance(residual, dict) else {"body": residual}
    lists = [item.get("seq"), parts.get("body"), parts.get("shortcut"), *(parallel or {}).get("branches", {}).values()]
    return [items for items in lists if items]


def place(data: Any, note: str) -> tuple[list[Any], int]:
    """Where the layer with a note stands."""
    return next((items, index) for items, index in layers(data) if items[index].get("note") == note)


def layer(data: Any, note: str) -> Any:
    """The layer with a note."""
    items, index = place(data, note)
    return items[index]


class Edits:
    """Random edits of one spec; no two meet in one place, so that it does not matter which are made first."""

    def __init__(self, data: Any, chance: random.Random) -> None:
        self.data = data
        self.chance = chance
        self.atoms: list[Atom] = []
        self.taken: set[str] = set()
        self.new = 0

    def add(self, count: int) -> None:
        """Some edits of any sort."""
        sorts = (self.argument, self.argument, self.declaration, self.insertion, self.removal, self.move,
                 self.detour, self.renaming, self.variable, self.size, self.repeat)  # fmt: skip
        for _ in range(count):
            self.chance.choice(sorts)()

    def head(self) -> Any:
        """The data with all edits made."""
        return self.base_with(self.atoms)

    def base_with(self, atoms: list[Atom]) -> Any:
        """The data with some edits made, in the order that they came in."""
        data = copy.deepcopy(self.data)
        for atom in self.atoms:
            if atom in atoms:
                atom.make(data)
        return data

    def note(self, *, plain: bool = True, around: bool = False) -> str | None:
        """A layer that no edit is about yet; with the layers ``around`` it, where it is to come or go."""
        places = [(items, index) for items, index in layers(self.data) if not plain or is_plain(items[index])]
        items, index = self.chance.choice(places)
        notes = {item["note"] for item in (items[max(index - 1, 0) : index + 2] if around else [items[index]])}
        if notes & self.taken:
            return None
        self.taken |= notes
        return str(items[index]["note"])

    def atom(self, touches: set[str], make: Callable[[Any], None]) -> None:
        self.atoms.append(Atom(frozenset(touches), make))

    def other(self, value: Any) -> Any:
        """Another number or expression."""
        if isinstance(value, str):
            return self.chance.choice([f"2*({value})", f"{value} + 1"])
        return self.chance.choice([value + 1, 2 * value, max(value // 2, 1), max(value - 1, 1)])

    def argument(self) -> None:
        """One or two arguments of a layer."""
        note = self.note()
        if note is None:
            return
        item = layer(self.data, note)
        kind = kind_of(item)
        arguments = item[kind]
        changed: dict[str | None, Any] = {}
        if is_number(arguments):
            changed[None] = self.other(arguments)
        elif isinstance(arguments, dict) and (names := [name for name, value in arguments.items() if is_number(value)]):
            for name in self.chance.sample(names, min(len(names), self.chance.choice([1, 2]))):
                changed[name] = self.other(arguments[name])

        def make(data: Any) -> None:
            for name, value in changed.items():
                if name is None:
                    layer(data, note)[kind] = value
                else:
                    layer(data, note)[kind][name] = value

        if any(value != (arguments if name is None else arguments[name]) for name, value in changed.items()):
            self.atom({note}, make)

    def declaration(self) -> None:
        """A variable's default, or its value in a variant."""
        keys = [("vars", name) for name, value in self.data.get("vars", {}).items() if is_number(value)]
        keys += [
            ("variants", variant, name)
            for variant, values in self.data.get("variants", {}).items()
            for name, value in values.items()
            if is_number(value)
        ]
        self.value(keys)

    def size(self) -> None:
        """Every dim of an input."""
        for key in [("dims", name) for name, value in self.data.get("dims", {}).items() if is_number(value)]:
            self.value([key])

    def value(self, keys: list[tuple[str, ...]]) -> None:
        """One of some declared numbers."""
        if not keys or (path := ".".join(key := self.chance.choice(keys))) in self.taken:
            return
        self.taken.add(path)
        *above, last = key
        new = self.other(at(self.data, above)[last])
        if new != at(self.data, above)[last]:
            self.atom({path}, lambda data: at(data, above).__setitem__(last, new))

    def insertion(self) -> None:
        """A new layer behind another."""
        behind = self.note(plain=False, around=True)
        if behind is not None:
            self.inserted(behind, copy.deepcopy(self.chance.choice(NEW)))

    def inserted(self, behind: str, item: Any) -> str:
        self.new += 1
        note = f"new{self.new}"
        item |= {"id": note, "note": note}

        def make(data: Any) -> None:
            items, index = place(data, behind)
            items.insert(index + 1, copy.deepcopy(item))

        self.atom({note}, make)
        return note

    def removal(self) -> None:
        """A layer less."""
        note = self.note(around=True)
        if note is None or len(place(self.data, note)[0]) < 2:
            return

        def make(data: Any) -> None:
            items, index = place(data, note)
            del items[index]

        self.atom({note}, make)

    def move(self) -> None:
        """A layer behind another of its list."""
        note = self.note(around=True)
        if note is None:
            return
        items, index = place(self.data, note)
        other = self.chance.randrange(len(items))
        passed = other - index if other > index else index - other - 1
        behind = items[other]["note"]
        if behind in self.taken or passed < 2:  # of two that change places either has moved
            return
        self.taken.add(behind)

        def make(data: Any) -> None:
            items, index = place(data, note)
            item = items.pop(index)
            items.insert(place(data, behind)[1] + 1, item)

        self.atom({note}, make)

    def detour(self) -> None:
        """A new layer, and another that takes it as its input."""
        behind = self.note(plain=False, around=True)
        if behind is None:
            return
        items, index = place(self.data, behind)
        if index + 1 == len(items) or "from" in items[index + 1] or not is_plain(items[index + 1]):
            return
        to = items[index + 1]["note"]
        new = self.inserted(behind, {"conv": {"out": 8, "kernel": 1}})
        self.atom({to}, lambda data: layer(data, to).__setitem__("from", new))

    def renaming(self) -> None:
        """Another id, and each that names it."""
        note = self.note()
        if note is None or "id" not in layer(self.data, note):
            return
        old, new = layer(self.data, note)["id"], f"renamed{len(self.atoms)}"
        users = [items[index] for items, index in layers(self.data) if items[index].get("from") == old]
        if any(user["note"] in self.taken for user in users):
            return
        self.taken |= {user["note"] for user in users}
        self.atom({note}, lambda data: layer(data, note).__setitem__("id", new))
        for user in [user["note"] for user in users]:
            self.atom({user}, lambda data, user=user: layer(data, user).__setitem__("from", new))

    def variable(self) -> None:
        """A new variable, and a layer that uses it."""
        note = self.note()
        if note is None or "vars" not in self.data or note not in own(self.data):
            return
        kind = kind_of(layer(self.data, note))
        if not is_number(layer(self.data, note)[kind]):
            return
        name = f"v{len(self.atoms)}"
        self.atom({f"vars.{name}"}, lambda data: data["vars"].__setitem__(name, 12))
        self.atom({note}, lambda data: layer(data, note).__setitem__(kind, f"${name}"))

    def repeat(self) -> None:
        """How often a layer or a structure stands in a row."""
        note = self.note(plain=False)
        if note is not None:
            item = layer(self.data, note)
            new = self.other(item["repeat"]) if is_number(item.get("repeat")) else 2
            self.atom({note}, lambda data: layer(data, note).__setitem__("repeat", new))


def at(data: Any, path: Any) -> Any:
    """What stands at a path."""
    for step in path:
        data = data[step]
    return data


def own(data: Any) -> set[str]:
    """The notes of layers that see the file's variables: those of blocks do not."""
    return {items[index]["note"] for items, index in layers({"layers": data["layers"]})}


def kind_of(item: Any) -> str:
    """The key that says what a layer is."""
    return next(key for key in item if key not in LAYER_KEYS)


def is_plain(item: Any) -> bool:
    """Whether a layer holds no others."""
    return not STRUCTURES & item.keys()


def is_number(value: Any) -> bool:
    """Whether a value is a number, or a variable alone."""
    return type(value) is int or (isinstance(value, str) and value.startswith("$") and value[1:].isidentifier())


def written(data: Any) -> str:
    """The data as a file."""
    return json.dumps(data, indent=1)


def figures(data: Any, variant: str | None, names: tuple[str, ...]) -> dict[str, int] | None:
    """The figures of data; None where it is no valid spec."""
    import archspec
    from archspec.errors import ArchspecError

    try:
        totals = archspec.analyze(load_text(written(data), "n.json"), variant=variant).totals
    except ArchspecError:
        return None
    return {name: totals.figure(name) for name in names}
