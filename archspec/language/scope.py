"""Names of layers while a list of layers is read: what is defined, what comes later, what may be referred to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from archspec.errors import ArchspecError, Fault, Span, did_you_mean, show
from archspec.language.templates import is_template, pieces, stem
from archspec.language.validate import fail, place, show_name, span_of

ID = re.compile(r"\w[\w-]*(\.\w[\w-]*)*")
NUMBER = re.compile("0|-?[1-9][0-9]{0,17}")  # of an instance or output in an address; `01` is none


class Scope:
    """Names of one list of layers and of the lists around it, as far as they are defined yet."""

    __slots__ = ("all", "counts", "names", "outer")

    def __init__(self, outer: Scope | None, names: Iterable[str] = ()) -> None:
        self.outer = outer
        self.names: dict[str, Span | None] = dict.fromkeys(names)
        self.counts: dict[str, int] = {}
        # Every id written in this list, for `comes later` and for automatic names.
        self.all: dict[str, Span | None] = {}

    def knows(self, name: str) -> bool:
        """Whether the name, or a part of it that ends at a dot, is defined before this place, here or around."""
        parts = name.split(".")
        names = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        scope: Scope | None = self
        while scope is not None:
            if any(one in scope.names for one in names):
                return True
            scope = scope.outer
        return False

    def later(self, name: str) -> Span | None:
        """The position of an id that is written further down, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.all:
                return scope.all[name]
            scope = scope.outer
        return None

    def visible(self) -> list[str]:
        """Names that may be referred to here, nearest first."""
        return list(self.names) + (self.outer.visible() if self.outer else [])

    def unique(self, name: str) -> str:
        """The name, or with an ordinal where this list has it already: shortcut, shortcut2, ..."""
        count = self.counts[name] = self.counts.get(name, 0) + 1
        return name if count == 1 and name not in self.all and name not in self.names else self.automatic(name)

    def automatic(self, stem: str) -> str:
        """``conv1``, ``conv2``, ...: the kind and its ordinal in this list."""
        while True:
            self.counts[stem] = count = self.counts.get(stem, 0) + 1
            name = f"{stem}{count}"
            if name not in self.all and name not in self.names:
                return name


def written_ids(data: Iterable[Any]) -> Iterable[tuple[str, Span | None]]:
    """Every id written in a list of layers, with its place."""
    for item in data:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"], span_of(item, "id")


def new_id(item: Mapping[str, Any], path: str, scope: Scope) -> str | None:
    """The id a layer gives itself: letters, digits, ``_ - .``, no number, not in use. Raises SpecError."""
    name = item.get("id")
    if name is None:
        return None
    if not isinstance(name, str) or not ID.fullmatch(name) or name.isdigit():
        raise fail(f"an id is a word of letters, digits, `_`, `-` and `.`, got {show(name)}", item, "id", path=path)
    if name in ("prev", "in"):
        raise fail(f"`{name}` cannot be an id: it names an input", item, "id", path=path)
    if name in scope.names:
        first = scope.names[name]
        taken = f"id `{name}` is already used on line {first.line}" if first else f"id `{name}` is the name of an input"
        raise fail(taken, item, "id", path=path)
    return name


def references(
    item: Mapping[str, Any], keys: tuple[str, ...], path: str, scope: Scope, *, single: bool = False
) -> tuple[str, ...]:
    """The ids at ``item[keys...]``, one or a list of them, each defined before this place. Raises SpecError."""
    value: Any = item
    for key in keys:
        value = value[key]
    listed = isinstance(value, list) and not single
    if listed and not value:
        raise fail(f"`{keys[-1]}` names no layer", item, *keys, path=path, hint="leave it out for the layer before")
    for index, name in enumerate(value if listed else [value]):
        where: tuple[str | int, ...] = (*keys, index) if listed else keys
        if not isinstance(name, str):
            raise fail(
                f"`{keys[-1]}` takes {'an id' if single else 'ids'}, got {show(name)}",
                item,
                *where,
                path=path,
                hint="layers are named, not numbered: give that layer an `id`",
                fault=Fault("positional-reference", show(name)) if type(name) is int else None,
            )
        known = _constant(name, item, where, path)
        if not known or scope.knows(known) or (name == "prev" and not single):
            continue
        head = name.partition(".")[0]
        later = scope.later(name) or scope.later(head)
        if later is not None:
            raise fail(
                f"`{show_name(name)}` is a layer that comes later, on line {later.line}",
                item,
                *where,
                path=path,
                hint="a layer can use only what comes before it",
                fault=Fault("positional-reference", name),
            )
        hint = did_you_mean(head, scope.visible()) or "give the layer meant an `id`"
        raise fail(f"no layer before this one is called `{show_name(name)}`", item, *where, path=path, hint=hint)
    return tuple(value) if listed else (value,)


def _constant(name: str, item: Mapping[str, Any], where: tuple[str | int, ...], path: str) -> str:
    """What is known of an address before variables have values; empty where that is nothing. Raises SpecError."""
    if not is_template(name):
        return name
    try:
        pieces(name)
    except ArchspecError as error:
        raise place(error, item, where, path) from None
    return stem(name)
