"""The layers of a network in the order they run, and the tensors between them, repeats written out."""

from __future__ import annotations

from typing import Any

from archspec.errors import UsageError
from archspec.graph.graph import Graph, Layer
from archspec.graph.walk import UNROLLED, Place, State, origin, sources, walk, written_out
from archspec.memory.owners import Name, owned, owners
from archspec.records import NamedTuple

MOST_LAYERS = 200_000
OUTSIDE = -1  # in place of an operation's number: the tensor is an input of the network


class Value(NamedTuple):
    """A tensor: which of an operation's outputs it is; of the network's inputs where no operation makes it."""

    shape: tuple[int, ...]
    dtype: str  # empty for the analysis' own
    maker: int
    port: int


class Operation(NamedTuple):
    """One call of a layer; inputs and outputs are numbers of values. ``trained`` names its weights that are not frozen:
    one that it shares is frozen where its owner is.
    """

    path: str
    layer: Layer
    state: State
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    trained: frozenset[str]


class Program(NamedTuple):
    """Operations in the order of the file, which is the schedule that is assumed."""

    operations: tuple[Operation, ...]
    values: tuple[Value, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...]  # of the inputs
    training: bool


def program(graph: Graph, *, training: bool) -> Program:
    """Every operation of one forward pass; what runs in training only is left out of an evaluation.

    Raises UsageError for a network of symbols or columns, and for one of too many layers.
    """
    if not graph.plain:
        raise UsageError("memory over a schedule is worked out of plain numbers", hint="analyse the points one by one")
    if written_out(graph.body) > MOST_LAYERS:
        raise UsageError(f"the network has more than {MOST_LAYERS:,} layers written out, too many for a schedule")
    inputs: Any = graph.inputs
    values = [Value(tensor.shape, tensor.dtype, OUTSIDE, port) for port, tensor in enumerate(inputs.values())]
    numbers: dict[tuple[str, int], int] = {}  # of values, by the path of their layer and the port
    operations: list[Operation] = []
    shared = owners(graph)
    frozen: dict[Name, bool] = {}  # of weights at their owners
    for step in walk(graph, UNROLLED):
        layer = step.item
        if isinstance(layer, Layer):
            frozen.update((Name(step.path, weight.name), step.state.frozen) for weight in owned(step))
        if not isinstance(layer, Layer) or step.state.unused or (step.state.train and not training):
            continue
        taken = []
        for source in sources(step, UNROLLED):
            if source.layer is not None and (source.path, source.port) not in numbers:
                message = f"`{step.path}` takes the output of `{source.path}`, which does not run"
                raise UsageError(message, hint="say train_only, or unused, of both")
            taken.append(source.port if source.layer is None else numbers[source.path, source.port])
        made = []
        shapes: Any = layer.traits.outputs
        for port, shape in enumerate(shapes):
            dtype = step.place.body.tensors[layer.outputs[port]].dtype
            made.append(len(values))
            numbers[step.path, port] = len(values)
            values.append(Value(shape, dtype, len(operations), port))
        names = (Name(step.path, weight.name) for weight in layer.traits.weights if not weight.buffer)
        trained = frozenset(name.weight for name in names if not frozen[shared.get(name, name)])
        operations.append(Operation(step.path, layer, step.state, tuple(taken), tuple(made), trained))
    place = Place(graph.body)
    results = (origin(place, number, UNROLLED) for number in graph.body.outputs[: graph.body.results])
    outputs = [
        result.port if result.layer is None else numbers[result.path, result.port]
        for result in results
        if result.layer is None or (result.path, result.port) in numbers
    ]
    given = tuple(range(len(inputs)))
    return Program(tuple(operations), tuple(values), given, tuple(outputs), tuple(inputs), training)
