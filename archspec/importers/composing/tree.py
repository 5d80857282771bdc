"""The modules of a network: layers in groups, by the names that weights and nodes have from their source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archspec.importers.composing.layers import MAX_DEPTH, Copied, Layer

PART = re.compile(r"\w[\w-]{,99}")
PATH = re.compile(rf"[A-Za-z_][\w-]{{,99}}(\.{PART.pattern}){{,{MAX_DEPTH}}}")


@dataclass(eq=False)
class Leaf:
    """A layer, and its id where it has one."""

    number: int
    name: str = ""


@dataclass(eq=False)
class Group:
    """Layers and groups under one name."""

    name: str
    children: list[Leaf | Group] = field(default_factory=list)
    copies: dict[str, Any] | None = None  # of experts

    def leaves(self) -> Iterator[Leaf]:
        """Every layer in it, in order."""
        for child in self.children:
            if isinstance(child, Leaf):
                yield child
            else:
                yield from child.leaves()


# A layer, its path, whether that names the layer itself, and which level of it is experts.
Item = tuple[int, tuple[str, ...], bool, Copied | None]


def modules(layers: list[Layer]) -> Group:
    """The tree of a network's modules."""
    return Group("", _children([(number, *path_of(layer), layer.copied) for number, layer in enumerate(layers)], 0))


def path_of(layer: Layer) -> tuple[tuple[str, ...], bool]:
    """Where a layer stands among the modules; of a layer with weights this is what they are called by.

    A module that stands in two places is called by one of them: then the place counts where the layer runs.
    """
    scope = tuple(map(_part, layer.scope))
    if layer.name:
        return (*scope, _part(layer.name)), True
    names = [weight.name for weight in layer.weights.values()]
    if not names or not all(PATH.fullmatch(name) for name in names):
        return scope, False
    owners = {tuple(name.split(".")[:-1]) for name in names}
    owner = owners.pop()
    last = (names[0].rpartition(".")[2],) if layer.kind == "parameter" else ()
    shared = min(len(owner), len(scope))
    if owner[:shared] != scope[:shared]:
        return (*scope, *last), True
    return ((*owner, *last), True) if not owners and (owner or last) else (scope, False)


def _part(name: str) -> str:
    """A name as a part of an id."""
    name = name if PART.fullmatch(name) else re.sub(r"\W", "_", name[:100]) or "_"
    return f"{name}_" if name in ("in", "prev") else name


def _children(items: list[Item], depth: int) -> list[Leaf | Group]:
    """The items of one module, by their next part."""
    children: list[Leaf | Group] = []
    taken: set[str] = set()
    place = 0
    while place < len(items):
        number, path, *_ = items[place]
        if len(path) == depth:
            children.append(Leaf(number))
            place += 1
            continue
        end = place + 1
        while end < len(items) and items[end][1][depth : depth + 1] == path[depth : depth + 1]:
            end += 1
        run = items[place:end]
        place = end
        for child in _module(path[depth], run, depth, taken):
            if child.name and child.name in taken:
                child.name = _free(child.name, taken)
            taken.add(child.name)
            children.append(child)
    return children


def _module(name: str, run: list[Item], depth: int, taken: set[str]) -> list[Leaf | Group]:
    """One module as a group; as a layer where it is one; as several layers where it has weights of its own."""
    copies = next((copied.keys for *_, copied in run if copied is not None and copied.level == depth + 1), None)
    if copies is not None:
        return [Group(name, _children(run, depth + 1), copies)]
    if len(run) == 1:
        return [Leaf(run[0][0], ".".join(run[0][1][depth:]))]
    own = any(named and len(path) == depth + 1 for _, path, named, _ in run)
    if own or name in taken:
        return [
            Leaf(number, ".".join(path[depth:]) if named or len(path) > depth + 1 else "")
            for number, path, named, _ in run
        ]
    return _plain(Group(name, _children(run, depth + 1)))


def _plain(group: Group) -> list[Leaf | Group]:
    """A group of one child as that child; one with numbers for ids, which no layer may have, as its children."""
    if len(group.children) == 1:
        (child,) = group.children
        child.name = f"{group.name}.{child.name}" if child.name else group.name
        return [child]
    return [group]


def flattened(group: Group, kept: set[Group]) -> None:
    """Groups whose children are called by numbers dissolved into the lists they stand in; ``kept`` are repeats."""
    children: list[Leaf | Group] = []
    for child in group.children:
        if isinstance(child, Group):
            flattened(child, kept)
            if group not in kept and child not in kept and any(inner.name.isdigit() for inner in child.children):
                for inner in child.children:
                    inner.name = f"{child.name}.{inner.name}" if inner.name else ""
                    children.append(inner)
                continue
        children.append(child)
    group.children = children
    taken: set[str] = set()
    for child in children:
        if child.name:
            child.name = _free(child.name, taken)
            taken.add(child.name)


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number where a list has it already."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def output_of(child: Leaf | Group) -> int:
    """The layer whose first output a child gives to the one behind it."""
    while isinstance(child, Group):
        child = child.children[-1]
    return child.number
