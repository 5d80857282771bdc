"""Which layer feeds which: the layers of a network as rules look at them."""

from __future__ import annotations

from typing import Any

from archspec.graph.graph import Body, Graph, Group, Item, Layer
from archspec.records import NamedTuple

MAX_TWICE = 2  # repeats inside repeats that are walked a second time, each doubling the work


class Use:
    """One call of a layer in the network. ``sources`` are by input; None is an input of the network.

    ``again``: the second instance of a repeat whose instances are alike, there to see what follows the first; it stands
    for the ``times`` instances behind the first. ``source`` is the layer that its first input comes from, ``giver`` the
    one whose elements that input holds, moved or dropped on the way at most. ``layer`` is the kind with its arguments,
    and its traits, ``kind`` the name of it. ``known`` is what was worked out of layers of a file, by their traits.
    """

    __slots__ = (
        "again", "call", "consumers", "giver", "groups", "is_output", "kind", "known", "layer", "path", "source",
        "sources", "times",
    )  # fmt: skip

    def __init__(
        self, path: str, call: Layer, sources: tuple[Use | None, ...], groups: tuple[Group, ...], times: int,
        again: bool, known: dict[int, Any],
    ) -> None:  # fmt: skip
        self.path = path
        self.call = call
        self.layer: Any = call.traits.kind
        self.kind: str = self.layer.kind
        self.sources = sources
        self.source = source = sources[0] if sources else None
        self.giver: Use | None = source.giver if source is not None and source.hands_on else source
        self.groups = groups
        self.times = times
        self.again = again
        self.known = known
        self.consumers: list[Use] = []
        self.is_output = False

    @property
    def trains(self) -> bool:
        """Whether it runs in training only, or never."""
        return any(node.train or node.unused for node in (*(group.node for group in self.groups), self.call.node))

    @property
    def hands_on(self) -> bool:
        """Whether it gives the elements of its one input, moved or dropped at most."""
        return len(self.sources) == 1 and (self.layer.moves or self.layer.role == "regularisation")


Makers = list[Use | None]


def flow(graph: Graph, known: dict[int, Any] | None = None) -> list[Use]:
    """Every layer in the order of the network, of a repeat the first instance and one for those behind it, so that a
    rule sees what follows what. ``known`` is for the variants of a file together."""
    way = Way({} if known is None else known)
    for maker in way.body(graph.body, [None] * len(graph.body.inputs), Around()):
        if maker is not None:
            maker.is_output = True
    return way.uses


class Around(NamedTuple):
    """What holds for the items of a body: their path up to their names, the groups around, outermost first, how often
    they stand, and how many of the groups are not the first instance of theirs."""

    path: str = ""
    groups: tuple[Group, ...] = ()
    times: int = 1
    later: int = 0


class Way:
    """Once through a network in its order, with the makers of the tensors at hand: looked up from the taker's side, as
    `graph.walk` does for single ones, they took longer to find than all the rest of a rule's work."""

    def __init__(self, known: dict[int, Any]) -> None:
        self.uses: list[Use] = []
        self.known = known

    def body(self, body: Body, given: Makers, around: Around) -> Makers:
        """Go through a body on inputs from ``given``; the makers of its outputs."""
        makers: Makers = [None] * len(body.tensors)
        for number, maker in zip(body.inputs, given, strict=True):
            makers[number] = maker
        for item in body.items:
            sources = [makers[number] for number in item.inputs]
            first = last = self.item(item, item.name, sources, around, 1)
            if item.repeat != 1 and type(item.repeat) is int and around.later < MAX_TWICE:
                behind = f"{(item.first or 0) + 1}"
                handed = first[: item.body.given] if isinstance(item, Group) else first * len(sources)
                last = self.item(item, behind, handed + sources[len(handed) :], around, item.repeat - 1, again=1)
            for number in item.outputs:
                tensor = body.tensors[number]
                port = tensor.port if isinstance(item, Group) else 0
                makers[number] = (last if tensor.turn is None or tensor.turn else first)[port]
        return [makers[number] for number in body.outputs]

    def item(self, item: Item, name: str, sources: Makers, around: Around, stands: int, again: int = 0) -> Makers:
        """Go through one instance of an item, which stands for so many; the makers of what it puts out."""
        path, groups, times, later = around
        if isinstance(item, Group):
            inner = Around(f"{path}{name}.", (*groups, item), times * stands, later + again)
            return self.body(item.body, sources, inner)
        use = Use(path + name, item, tuple(sources), groups, times * stands, later + again > 0, self.known)
        self.uses.append(use)
        for maker in dict.fromkeys(sources):
            if maker is not None:
                maker.consumers.append(use)
        return [use]
