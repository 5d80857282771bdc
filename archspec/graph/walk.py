"""The one walk over a graph: every item with its path, what it inherits, how often it stands; whence a tensor comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.graph.graph import PORT, Body, Graph, Group, Item, Layer, Marks, Tie
from archspec.records import NamedTuple
from archspec.sizes import Size

UNFOLD_LIMIT = 10_000  # layers up to which a network is written out


class State(NamedTuple):
    """What a layer inherits from the groups around it."""

    frozen: bool = False
    shared: bool = False
    train: bool = False
    unused: bool = False
    repeated: bool = False  # its module is called again later
    places: Size = 1  # groups in which its module stands
    marks: tuple[tuple[Marks, Size], ...] = ()  # of bodies around, as far down as here, and their places

    @property
    def idle(self) -> bool:
        """Whether it does not run in evaluation."""
        return self.train or self.unused

    @classmethod
    def of(cls, graph: Graph) -> State:
        """The state of what stands in no group."""
        marks = graph.body.marks
        return TOP if marks is None else cls(marks=((marks, 1),))

    def inside(self, item: Item, turn: Size | None = 0) -> State:
        """The state of an item below, of one instance of it."""
        node = item.node
        shared = isinstance(item, Group) and item.shared
        opened = item.body.marks if isinstance(item, Group) else None
        if not (node.freeze or node.train or node.unused or shared or self.marks or opened):
            return self
        marks = [(mark, base) for below, base in self.marks for mark in below.inside(item, turn)]
        repeated = any(mark.repeated for mark, _ in marks) and not any(mark.last for mark, _ in marks)
        places = next((mark.places * base for mark, base in marks if mark.places), self.places)
        if opened is not None:
            marks.append((opened, places))
        return State(
            self.frozen or node.freeze, self.shared or shared, self.train or node.train, self.unused or node.unused,
            self.repeated or repeated, places, tuple(marks),
        )  # fmt: skip

    def instances(self, item: Item) -> list[tuple[State, Any]]:
        """The states of an item's instances, those alike once, and how many they are."""
        if not self.marks or item.first is None:
            return [(self.inside(item), item.repeat)]
        turns = {turn for marks, _ in self.marks for turn in marks.turns(item)}
        return [*((self.inside(item, turn), 1) for turn in turns), (self.inside(item, None), item.repeat - len(turns))]


TOP = State()


class Place(NamedTuple):
    """Where a body stands: the group that calls it and which instance of that, in the place around it.

    ``path`` is that of the items in it up to their own names.
    """

    body: Body
    path: str = ""
    group: Group | None = None
    turn: Size = 0
    around: Place | None = None

    def name(self, item: Item, turn: Size = 0) -> str:
        """The path of an item's instance."""
        return self.path + (item.name if type(turn) is int and not turn else f"{_first(item) + turn}")

    def below(self, group: Group, turn: Size = 0) -> Place:
        """Where the body of a group in it stands."""
        return Place(group.body, self.name(group, turn) + ".", group, turn, self)

    @property
    def depth(self) -> int:
        """How many groups are around."""
        return 0 if self.around is None else self.around.depth + 1

    @property
    def later(self) -> int:
        """How many of the groups around are not the first instance of theirs."""
        return 0 if self.around is None else self.around.later + bool(self.turn)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups around, outermost first."""
        return () if self.around is None or self.group is None else (*self.around.groups, self.group)


class Step(NamedTuple):
    """One item on the walk. ``times`` is how often it stands in all, for one instance where repeats are written out."""

    path: str
    item: Item
    state: State
    times: Any
    place: Place
    turn: Size
    depth: int

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path[len(self.place.path) :]


class Origin(NamedTuple):
    """Where a tensor comes from: an output of a layer's instance; where there is no layer, an input of the network."""

    place: Place
    layer: Layer | None
    turn: Size
    port: int

    @property
    def path(self) -> str:
        """The path of the layer."""
        return "" if self.layer is None else self.place.name(self.layer, self.turn)


class Folded:
    """Of a repeated item the first instance, which stands for all of them."""

    def turns(self, place: Place, item: Item) -> list[tuple[int, Any]]:
        """The instances that are walked, each with how many it stands for."""
        return [(0, item.repeat)]

    def standing(self, place: Place, item: Item, turn: Size) -> Size:
        """The instance that stands for another one."""
        return 0


class Unrolled(Folded):
    """Every instance; repeats must be plain numbers."""

    def turns(self, place: Place, item: Item) -> list[tuple[int, Any]]:
        return [(turn, 1) for turn in range(item.repeat)]

    def standing(self, place: Place, item: Item, turn: Size) -> Size:
        return turn


FOLDED, UNROLLED = Folded(), Unrolled()


def walk(graph: Graph, visits: Folded = FOLDED) -> Iterator[Step]:
    """Every item, groups before what is in them."""
    return walk_body(Place(graph.body), State.of(graph), 1, 0, visits)


def walk_body(place: Place, state: State, times: Any, depth: int, visits: Folded) -> Iterator[Step]:
    """Every item of a body."""
    for item in place.body.items:
        for turn, stands in visits.turns(place, item):
            inner = state.inside(item, turn)
            yield Step(place.name(item, turn), item, inner, times * stands, place, turn, depth)
            if isinstance(item, Group):
                yield from walk_body(place.below(item, turn), inner, times * stands, depth + 1, visits)


def sources(step: Step, visits: Folded = FOLDED) -> list[Origin]:
    """Where each input of a layer comes from, of those instances that are walked."""
    layer = step.item
    assert isinstance(layer, Layer)
    if step.turn != 0:
        before = visits.standing(step.place, layer, step.turn - 1)
        carried = layer.inputs[: len(layer.traits.outputs)]  # the others are the same for each instance
        handed = [Origin(step.place, layer, before, port) for port in range(len(carried))]
        return handed + [origin(step.place, number, visits) for number in layer.inputs[len(carried) :]]
    return [origin(step.place, number, visits) for number in layer.inputs]


def origin(place: Place, number: int, visits: Folded = FOLDED) -> Origin:
    """Where a tensor of a body comes from: through the groups around and inside, to the layer that makes it."""
    while True:
        tensor = place.body.tensors[number]
        around, group = place.around, place.group
        if tensor.item != PORT:
            item = place.body.items[tensor.item]
            turn = visits.standing(place, item, item.repeat - 1 if tensor.turn is None else tensor.turn)
            if isinstance(item, Layer):
                return Origin(place, item, turn, tensor.port)
            place, number = place.below(item, turn), item.body.outputs[tensor.port]
        elif around is None or group is None:
            return Origin(place, None, 0, tensor.port)
        elif tensor.port < min(place.body.given, place.body.results) and place.turn != 0:
            before = visits.standing(around, group, place.turn - 1)
            place, number = around.below(group, before), place.body.outputs[tensor.port]
        else:
            place, number = around, group.inputs[tensor.port]


class Owner(NamedTuple):
    """What a tie is to: an item's instance, and where it stands."""

    place: Place
    item: Item
    turn: Size

    @property
    def path(self) -> str:
        """Its path."""
        return self.place.name(self.item, self.turn)


def owner(place: Place, tie: Tie) -> Owner:
    """What an item in a body is tied to."""
    up = tie.up if tie.up >= 0 else place.depth
    for _ in range(up):
        assert place.around is not None
        place = place.around
    *groups, last = tie.path
    for name in groups:
        group, turn = named(place.body, name)
        assert isinstance(group, Group)
        place = place.below(group, turn)
    return Owner(place, *named(place.body, last))


def named(body: Body, name: str) -> tuple[Item, Size]:
    """The item of that name in a body, or the instance of that number of a folded repeat."""
    for item in body.items:
        if item.name == name:
            return item, 0
        if item.first is not None and type(item.repeat) is int and name.isdigit():
            turn = int(name) - item.first
            if 0 <= turn < item.repeat:
                return item, turn
    item = body.items[-1]  # the last instance of a repeat whose number is a symbol
    return item, item.repeat - 1


def _first(item: Item) -> Any:
    """The number of a repeated item's first instance."""
    assert item.first is not None
    return item.first


def written_out(body: Body) -> int:
    """Layers with repeats written out; a huge number where a repeat is not a plain number."""
    total = 0
    for item in body.items:
        once = written_out(item.body) if isinstance(item, Group) else 1
        total += once * item.repeat if type(item.repeat) is int else UNFOLD_LIMIT + 1
    return total
