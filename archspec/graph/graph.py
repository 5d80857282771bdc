"""What expansion leaves: tensors, the layers that make them, and bodies of layers kept once however often they stand.

A tensor is known by its number within the body it stands in, a body's items by theirs: nothing points along the chain
of layers, so a network of any length is pickled and copied as a list is.
"""

from __future__ import annotations

from typing import Any

from archspec.kinds.base import Shape, Traits
from archspec.language.nodes import LayerNode, Node
from archspec.records import NamedTuple
from archspec.sizes import Size

PORT = -1  # in place of an item's number: the tensor comes into the body from outside


class Tensor(NamedTuple):
    """A tensor of a body: its shape, batch first, its dtype, and the one item that makes it.

    ``port`` says which of that item's outputs it is, and ``turn`` which instance's where the item repeats: None is the
    last one's, which goes on to what comes behind. Of a tensor that comes from outside, ``port`` is the body's input.
    """

    shape: Shape
    dtype: str
    item: int = PORT
    port: int = 0
    turn: Size | None = None


class Tie(NamedTuple):
    """Where the owner of shared weights stands: so many bodies up from the item's own, then down by these names.

    ``up`` is -1 where the names begin at the network, as those of a block whose calls are one module do.
    """

    up: int
    path: tuple[str, ...]


class Stored(NamedTuple):
    """A layer's tensor as a checkpoint holds it: the name of the kind's weight, empty where the tensor is none, and the
    tensor's behind the layer's path.

    ``dtype`` is empty where it is that of the analysis.
    """

    weight: str
    name: str
    shape: Shape
    dtype: str
    buffer: bool


class Copies(NamedTuple):
    """Experts: their number, so often the weights stand, and how many of them a row meets.

    ``stacked``: they are one tensor with an axis more in front. ``names`` holds `*` for the number of one otherwise:
    ``first``, ``first + step``, ...
    """

    number: Size
    active: Size
    stacked: bool = False
    names: str = "*"
    first: Size = 0
    step: Size = 1


class Layer(NamedTuple):
    """One layer; ``repeat`` alike ones in a row, each behind the other. ``shared`` names the weights that its tie owns.

    ``again``: it is the very module of the layer it is tied to, called once more. ``stored`` are its tensors where the
    layer says what a checkpoint calls them.
    """

    name: str
    node: LayerNode
    traits: Traits
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    dtypes: tuple[str, ...]  # of the inputs
    repeat: Size = 1
    first: int | None = None  # the first one's place in a repeat
    tie: Tie | None = None
    shared: frozenset[str] = frozenset()
    again: bool = False
    stored: tuple[Stored, ...] | None = None
    copies: Copies | None = None


class Group(NamedTuple):
    """A body's call: one level of the path. ``label`` says what it is: a block's name, seq, residual, parallel, repeat,
    each.

    Its inputs are those of the body, in order; an output of its is the body's output that the tensor's ``port`` says.
    Where it repeats, the body's first ``given`` inputs are what the instance before put out, as far as it did.
    """

    name: str
    node: Node
    label: str
    body: Body
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    repeat: Size = 1
    first: int | None = None
    tie: Tie | None = None
    copies: Copies | None = None

    @property
    def several(self) -> bool:
        """Whether it holds the instances of a repeat or a family, and is none of them itself."""
        return self.label in ("repeat", "each")

    @property
    def shared(self) -> bool:
        """Whether every weight inside belongs to the group it is tied to."""
        return self.tie is not None


Item = Layer | Group


class Marks:
    """What holds for items of a body by their names and instance (None: any) and for those below: see `sharing`."""

    __slots__ = ("below", "last", "places", "repeated")

    def __init__(self) -> None:
        self.below: dict[tuple[str, Size | None], Marks] = {}
        self.repeated = False  # the module is called again later
        self.last = False  # not after this one
        self.places: Size = 0  # in which the module stands; 0 where nothing is said

    def inside(self, item: Item, turn: Size | None) -> list[Marks]:
        """The marks of an item's instance."""
        return [self.below[key] for key in {(item.name, None), (item.name, turn)} if key in self.below]

    def turns(self, item: Item) -> list[Size]:
        """Instances of a repeated item of which something else holds than of the others."""
        return [turn for name, turn in self.below if name == item.name and turn is not None]


class Sealed(Exception):
    """A body of other graphs too would have to put out more."""


class Body:
    """Items in the order they run, and every tensor between them. Complete once the graph is made."""

    __slots__ = ("given", "inputs", "items", "known", "marks", "outputs", "results", "tensors")

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.items: list[Item] = []
        self.inputs: list[int] = []  # tensors that come from outside: those handed over, then those seen from inside
        self.outputs: list[int] = []  # tensors that go out: its results, then those that others look inside for
        self.given = 0  # inputs that are handed over
        self.results = 0  # outputs that are its results
        self.marks: Marks | None = None  # of modules that are called several times in it
        self.known: dict[Any, Any] | None = None  # of a body kept for other graphs: what was worked out of it

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        """What a copy has of it, which is kept for nobody."""
        return None, {**{name: getattr(self, name) for name in self.__slots__}, "known": None}

    def shapes_in(self) -> tuple[Shape, ...]:
        """Shapes of what is handed over to it."""
        return tuple([self.tensors[number].shape for number in self.inputs[: self.given]])

    def shapes_out(self) -> tuple[Shape, ...]:
        """Shapes of its results."""
        return tuple([self.tensors[number].shape for number in self.outputs[: self.results]])

    def sizes(self, numbers: tuple[int, ...]) -> tuple[Any, ...]:
        """Shapes and dtypes of some tensors."""
        return tuple([self.tensors[number][:2] for number in numbers])

    def port(self, shape: Shape, dtype: str) -> int:
        """A further input; its number."""
        self.inputs.append(len(self.tensors))
        self.tensors.append(Tensor(shape, dtype, PORT, len(self.inputs) - 1))
        return len(self.tensors) - 1

    def tap(self, item: int, port: int, turn: Size | None) -> int:
        """The tensor that an item's instance puts out at a port, added where nothing has asked for it yet."""
        source = self.items[item]
        if type(turn) is int and type(source.repeat) is int and turn == source.repeat - 1:
            turn = None
        for number in source.outputs:
            tensor = self.tensors[number]
            if tensor.port == port and (tensor.turn is turn or (type(turn) is int and tensor.turn == turn)):
                return number
        if isinstance(source, Group):
            made = source.body.tensors[source.body.outputs[port]]
        else:
            made = self.tensors[source.outputs[port]]
        self.change()
        self.tensors.append(Tensor(made.shape, made.dtype, item, port, turn))
        self.items[item] = source._replace(outputs=(*source.outputs, len(self.tensors) - 1))
        return len(self.tensors) - 1

    def flat(self, numbers: dict[int, int]) -> tuple[Any, ...]:
        """All that it is, its groups' bodies by their numbers."""
        items: list[Any] = list(self.items)
        for place, item in enumerate(self.items):
            if isinstance(item, Group):
                items[place] = numbers[id(item.body)], item._replace(body=NONE)
        return self.tensors, self.inputs, self.outputs, self.given, self.results, self.marks, items

    def open(self, number: int) -> int:
        """The output that gives a tensor of its own, added where there is none yet."""
        if number not in self.outputs:
            self.change()
            self.outputs.append(number)
        return self.outputs.index(number)

    def change(self) -> None:
        """Raise Sealed where the body is kept for other graphs."""
        if self.known is not None:
            raise Sealed


NONE = Body()  # in place of a group's while a graph is taken apart


class Graph(NamedTuple):
    """A network with its variables put in: a body whose inputs are named.

    ``plain``: neither column nor symbol stands in it, so that what is worked out of it serves other analyses too.
    """

    inputs: dict[str, Tensor]
    body: Body
    plain: bool

    def __reduce__(self) -> tuple[Any, ...]:
        """Its bodies one after the other: within each other, as they are used, they would go too deep for pickle."""
        found: dict[int, Body] = {}
        _collect(self.body, found)
        numbers = {key: number for number, key in enumerate(found)}
        return _rebuilt, (self.inputs, [body.flat(numbers) for body in found.values()], self.plain)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Its results."""
        return tuple([self.body.tensors[number] for number in self.body.outputs[: self.body.results]])


def _collect(body: Body, found: dict[int, Body]) -> None:
    """Every body, those inside before those around."""
    for item in body.items:
        if isinstance(item, Group) and id(item.body) not in found:
            _collect(item.body, found)
    found[id(body)] = body


def _rebuilt(inputs: dict[str, Tensor], flat: list[tuple[Any, ...]], plain: bool) -> Graph:
    """The graph of bodies that were taken apart."""
    bodies: list[Body] = []
    for *state, items in flat:
        body = Body()
        body.tensors, body.inputs, body.outputs, body.given, body.results, body.marks = state
        for item in items:
            body.items.append(item if isinstance(item, Layer) else item[1]._replace(body=bodies[item[0]]))
        bodies.append(body)
    return Graph(inputs, bodies[-1], plain)
