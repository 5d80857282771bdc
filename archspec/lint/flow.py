"""Which layer feeds which: the layers of a network as rules look at them."""

from __future__ import annotations

from typing import Any

from archspec.graph.graph import Graph, Group, Item, Layer
from archspec.graph.walk import Folded, Origin, Place, Step, origin, sources, walk
from archspec.sizes import Size

MAX_TWICE = 2  # repeats inside repeats that are walked a second time, each doubling the work


class Use:
    """One call of a layer in the network. ``sources`` are by input; None is an input of the network.

    ``again``: the second instance of a repeat whose instances are alike, there to see what follows the first; it stands
    for the ``times`` instances behind the first. ``source`` is the layer that its first input comes from, ``giver`` the
    one whose elements that input holds, moved or dropped on the way at most. ``layer`` is the kind with its arguments,
    and its traits, ``kind`` the name of it. ``windows`` are worked out where a rule asks for them.
    """

    __slots__ = (
        "again", "call", "consumers", "giver", "groups", "is_output", "kind", "layer", "path", "source", "sources",
        "times", "windows",
    )  # fmt: skip

    def __init__(
        self, step: Step, call: Layer, sources: tuple[Use | None, ...], groups: tuple[Group, ...], again: bool
    ) -> None:
        self.call = call
        self.layer: Any = call.traits.kind
        self.kind: str = self.layer.kind
        self.path = step.path
        self.groups = groups
        self.sources = sources
        self.source = source = sources[0] if sources else None
        self.giver: Use | None = source.giver if source is not None and source.hands_on else source
        self.consumers: list[Use] = []
        self.is_output = False
        self.again = again
        self.times = step.times
        self.windows: list[Any] | None = None

    @property
    def trains(self) -> bool:
        """Whether it runs in training only."""
        return any(node.train for node in (*(group.node for group in self.groups), self.call.node))

    @property
    def hands_on(self) -> bool:
        """Whether it gives the elements of its one input, moved or dropped at most."""
        return len(self.sources) == 1 and (self.layer.moves or self.layer.role == "regularisation")


class FirstTwo(Folded):
    """Of a repeated item the first instance and one for those behind it, so that a rule sees what follows what."""

    def turns(self, place: Place, item: Item) -> list[tuple[int, Any]]:
        if type(item.repeat) is int and item.repeat > 1 and place.later < MAX_TWICE:
            return [(0, 1), (1, item.repeat - 1)]
        return [(0, 1)]

    def standing(self, place: Place, item: Item, turn: Size) -> Size:
        return min(turn, 1) if type(turn) is int and turn and place.later < MAX_TWICE else 0


FIRST_TWO = FirstTwo()


def flow(graph: Graph) -> list[Use]:
    """Every layer in the order of the network, each instance of a folded repeat but the first two left out."""
    uses: dict[str, Use] = {}

    def use(made: Origin) -> Use | None:
        return uses.get(made.path)

    place = Place(graph.body)
    groups, again = place.groups, False
    for step in walk(graph, FIRST_TWO):
        if isinstance(step.item, Layer):
            if step.place is not place:
                place, groups, again = step.place, step.place.groups, step.place.later > 0
            makers = tuple(map(use, sources(step, FIRST_TWO)))
            uses[step.path] = taker = Use(step, step.item, makers, groups, again or bool(step.turn))
            for maker in dict.fromkeys(makers):
                if maker is not None:
                    maker.consumers.append(taker)
    for number in graph.body.outputs:
        made = use(origin(Place(graph.body), number, FIRST_TWO))
        if made is not None:
            made.is_output = True
    return list(uses.values())
