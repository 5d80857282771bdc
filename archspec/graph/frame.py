"""Names while a spec is expanded: values of variables, and the tensors that ids stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archspec.errors import Fault, ShapeError, SpecError, show, suggestion
from archspec.expr import Expr
from archspec.graph.graph import Item, Value
from archspec.sizes import prod

# Names of the axes after the batch, by rank; `$in.c` is the first, whatever the rank.
AXES = {1: "c", 2: "cl", 3: "chw", 4: "cdhw"}


class Entry(NamedTuple):
    """What an id stands for: the tensors it gives, the item that made them, and the ids inside it."""

    values: tuple[Value, ...]
    item: Item | None = None
    inside: Mapping[str, Entry] | None = None


class Frame:
    """One level of names. A block has no ``outer``: it sees its own ids only."""

    __slots__ = ("env", "here", "ids", "outer")

    def __init__(self, env: dict[str, Any], here: Value, outer: Frame | None = None) -> None:
        self.env = env
        self.here = here  # what `$in` means: the input of the layer at hand
        self.ids: dict[str, Entry] = {}
        self.outer = outer

    def lookup(self, parts: tuple[Any, ...]) -> Any:
        """The value of ``$name.part.part``. Raises SpecError."""
        name = parts[0]
        if name == "in":
            return axis_of(self.here, parts[1:])
        try:
            value = self.env[name]
        except KeyError:
            fault = Fault.of_name("unknown-variable", str(name), [*self.env, "in"])
            hint = "`$index` counts the instances inside a `repeat`" if name == "index" else fault.suggestion
            raise SpecError(f"unknown variable `${name}`", hint=hint, fault=fault) from None
        for depth, part in enumerate(parts[1:], 1):
            shown = "$" + ".".join(map(str, parts[:depth]))
            if not isinstance(value, (list, tuple)):
                raise SpecError(f"`{shown}` is {show(value)}, it has no part `{part}`")
            if not isinstance(part, int):
                raise SpecError(f"`{shown}` is a list, `{part}` is no index of it")
            if not -len(value) <= part < len(value):
                raise SpecError(f"`{shown}` has {len(value)} entries, there is none at {part}")
            value = value[part]
        return value

    def entry(self, name: str) -> Entry:
        """What an id, or ``id.part``, stands for. Raises SpecError."""
        parts = name.split(".")
        frame: Frame | None = self
        while frame is not None:
            # An id may hold dots itself, as those of an expanded spec do: the longest that is known counts.
            for end in range(len(parts), 0, -1):
                head = ".".join(parts[:end])
                if head in frame.ids:
                    return inside(frame.ids[head], head, parts[end:])
            frame = frame.outer
        raise SpecError(f"`{name}` names no layer before this one")


def inside(found: Entry, head: str, rest: list[str]) -> Entry:
    """What the parts behind an id mean: ids inside a group, or the number of an output. Raises SpecError."""
    name = ".".join([head, *rest])
    for part in rest:
        if found.inside is not None and part in found.inside:
            found = found.inside[part]
        elif part.isdigit() and int(part) < len(found.values):
            found = Entry((found.values[int(part)],), found.item)
        elif part.isdigit():
            raise SpecError(f"`{name}`: `{head}` has {len(found.values)} outputs, there is none at {part}")
        else:
            hint = suggestion(part, found.inside) if found.inside else None
            raise SpecError(f"`{name}`: nothing inside is called `{part}`", hint=hint)
    return found


def axis_of(value: Value, parts: tuple[Any, ...]) -> Any:
    """``$in.c``, ``.h``, ``.w``, ``.d``, ``.l``, ``.last``, ``.rank``, ``.numel``, ``.0``: without the batch axis."""
    shape = value.shape[1:]
    if len(parts) != 1:
        raise SpecError("`$in` is a shape; name an axis of it: `$in.c`, `$in.h`, `$in.w`, `$in.last` or `$in.0`")
    (part,) = parts
    if isinstance(part, int) and -len(shape) <= part < len(shape):
        return shape[part]
    if part == "rank":
        return len(shape)
    if part == "numel":
        return prod(shape)
    if shape and part == "last":
        return shape[-1]
    letters = AXES.get(len(shape), "c" if shape else "")
    if isinstance(part, str) and len(part) == 1 and part in letters:
        return shape[letters.index(part)]
    raise ShapeError(f"`$in.{part}`: the input has the axes {show(shape)}, named {', '.join(letters) or 'by number'}")


def resolve(value: Any, frame: Frame) -> Any:
    """A value with every expression in it evaluated; a whole Fraction is an int already.

    A condition must hold for all sizes or for none: Split or Undecided otherwise.
    """
    if isinstance(value, Expr):
        found = value.evaluate(frame.lookup)
        return bool(found) if getattr(found, "is_condition", False) else found
    if isinstance(value, (list, tuple)):
        return [resolve(item, frame) for item in value]
    if isinstance(value, dict):
        return {key: resolve(item, frame) for key, item in value.items()}
    return value
