"""Every tensor of a network as a checkpoint holds it: PyTorch's name and shape, repeats written out."""

from __future__ import annotations

from archspec.errors import UsageError
from archspec.graph.graph import Body, Graph, Item, Layer, Stored
from archspec.graph.stored import full_name, stored
from archspec.graph.walk import Place
from archspec.kinds.base import Shape
from archspec.memory.owners import Name, owners
from archspec.records import NamedTuple

MAX_TENSORS = 500_000  # of a network with its repeats written out

Held = list[tuple[Item, tuple[Stored, ...]]]  # the items of a body that hold tensors, a layer's own beside it


class Tensor(NamedTuple):
    """A tensor. ``tied_to`` is the name of the one that it is, where another layer owns it."""

    name: str
    shape: Shape
    dtype: str
    layer: str
    buffer: bool
    tied_to: str | None


def tensors(graph: Graph, dtype: str = "float32") -> list[Tensor]:
    """The tensors in the order that their layers run; ``dtype`` is that of those whose kind names none.

    One that several layers share stands once more under each other name, tied to its owner's. Raises UsageError where
    they are too many.
    """
    if not is_listable(graph):
        raise UsageError(f"the network has more than {MAX_TENSORS:,} tensors, too many to list")
    listing = _Listing(graph, dtype)
    listing.below(Place(graph.body))
    return listing.tensors


def is_listable(graph: Graph) -> bool:
    """Whether its tensors are few enough."""
    return _count(graph.body, {}) <= MAX_TENSORS


class _Listing:
    def __init__(self, graph: Graph, dtype: str) -> None:
        self.tensors: list[Tensor] = []
        self.dtype = dtype
        self.known: dict[int, Held] = {}
        self.owners = owners(graph) if _has_ties(graph.body, {}) else {}
        self.names: dict[tuple[Name, str], str] = {}  # of what others may share, of each expert by its numbers
        self.expert = ""  # that is listed, by its numbers

    def below(self, place: Place, prefix: str = "") -> None:
        """List the tensors of a body, whose names begin with ``prefix``."""
        for item, entries in self.held(place.body):
            turns, around = item.repeat, self.expert
            assert type(turns) is int
            for turn in range(turns):
                path = place.name(item, turn)
                for number in experts(item):
                    self.expert = f"{around}{number}"
                    name = prefix + path[len(place.path) :] + number
                    if isinstance(item, Layer):
                        self.layer(path, name, entries)
                    else:
                        self.below(place.below(item, turn), f"{name}.")
            self.expert = around

    def layer(self, path: str, module: str, entries: tuple[Stored, ...]) -> None:
        """List the tensors of a layer, which a checkpoint calls ``module``."""
        for weight, behind, shape, dtype, buffer in entries:
            name, tied = full_name(module, behind), None
            if self.owners:
                owned = self.owners.get(Name(path, weight))
                if owned is None:
                    self.names[Name(path, weight), self.expert] = name
                else:
                    tied = self.names[owned, self.expert]
                    if tied == name:  # a module that is called again, by its one name
                        continue
            self.tensors.append(Tensor(name, shape, dtype or self.dtype, path, buffer, tied))

    def held(self, body: Body) -> Held:
        """What a body holds tensors in."""
        if id(body) not in self.known:
            self.known[id(body)] = [
                (item, entries)
                for item in body.items
                for entries in [stored(item) if isinstance(item, Layer) else ()]
                if entries or (not isinstance(item, Layer) and self.held(item.body))
            ]
        return self.known[id(body)]


def experts(item: Item) -> list[str]:
    """What stands behind a name for each expert that has tensors of its own."""
    copies = item.copies
    if copies is None or copies.stacked:
        return [""]
    assert type(copies.number) is type(copies.first) is type(copies.step) is int
    numbers = range(copies.first, copies.first + copies.number * copies.step, copies.step)
    return [f".{copies.names.replace('*', str(number))}" for number in numbers]


def _has_ties(body: Body, known: dict[int, bool]) -> bool:
    if id(body) not in known:
        known[id(body)] = any(
            item.tie is not None or (not isinstance(item, Layer) and _has_ties(item.body, known)) for item in body.items
        )
    return known[id(body)]


def _held(layer: Layer) -> int:
    """How many tensors a layer has, without making them."""
    return len(layer.traits.weights if layer.stored is None else layer.stored)


def _count(body: Body, known: dict[int, int]) -> int:
    if id(body) not in known:
        total = 0
        for item in body.items:
            assert type(item.repeat) is int
            once = _held(item) if isinstance(item, Layer) else _count(item.body, known)
            copies = 1 if item.copies is None or item.copies.stacked else item.copies.number
            assert type(copies) is int
            total += item.repeat * copies * once
        known[id(body)] = total
    return known[id(body)]
