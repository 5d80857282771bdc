"""The parameters of a network, one by one: their sizes, which of them are trained, what their layers are there for."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from archspec.graph.graph import Graph, Layer
from archspec.graph.walk import FOLDED, UNROLLED, Folded, Place, Step, origin, owner, walk
from archspec.kinds.base import Weight
from archspec.kinds.dtypes import DTYPES
from archspec.memory.owners import Name, owned, owners
from archspec.records import NamedTuple

MULTIPLIES = frozenset({"projection", "attention", "recurrent", "product"})  # roles of layers that multiply matrices


class Parameter(NamedTuple):
    """A learnable tensor; ``times`` alike ones stand in a row of repeats or in experts, the first at ``path``.

    ``hidden``: it is multiplied with what is inside of the network, and makes none of its results.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    times: int
    trained: bool
    hidden: bool

    @property
    def numel(self) -> int:
        """Its scalars."""
        return prod(self.shape)

    @property
    def facts(self) -> dict[str, int]:
        """What the formula of an optimizer's state may name."""
        matrix = len(self.shape) > 1
        return {
            "numel": self.numel,
            "axes": len(self.shape),
            "rows": self.shape[-2] if matrix else 1,
            "columns": self.shape[-1] if matrix else self.numel,
            "hidden": int(self.hidden),
        }


FACTS = {
    "numel": "scalars of the tensor",
    "axes": "its axes",
    "rows": "the size of its last axis but one",
    "columns": "the size of its last axis",
    "hidden": "1 for a weight of a layer that multiplies matrices and makes no result of the network, else 0",
}


def parameters(graph: Graph, visits: Folded = FOLDED) -> tuple[Parameter, ...]:
    """Every parameter, those with several layers at the one that owns them; ``visits`` may write repeats out."""
    results = _results(graph, visits)
    return tuple(
        _parameter(step, weight, _multiplies(step.item) and step.path not in results)
        for step in _layers(graph, visits)
        for weight in owned(step)
        if not weight.buffer
    )


def buffers(graph: Graph, dtype: str, visits: Folded = FOLDED) -> dict[str, int]:
    """Bytes of the buffers by their layers, ``dtype`` being that of those that name none."""
    return {
        step.path: sum(step.times * _scalars(each) * DTYPES[each.dtype or dtype] for each in owned(step) if each.buffer)
        for step in _layers(graph, visits)
    }


def multiplied(graph: Graph, visits: Folded = FOLDED) -> tuple[Parameter, ...]:
    """The matrices among the parameters that something is multiplied with, each of a module that does so once.

    What autocast and its like keep copies of: also of a weight that an embedding owns and a projection shares. Copies
    of biases are gone when autocast ends, before the backward pass.
    """
    found = []
    for step in _layers(graph, visits):
        layer: Any = step.item
        if step.state.shared or layer.again or not _multiplies(layer):
            continue
        tied = None if layer.tie is None else owner(step.place, layer.tie).item
        copied = layer.shared if isinstance(tied, Layer) and _multiplies(tied) else ()
        own = (weight for weight in layer.traits.weights if not weight.buffer and weight.name not in copied)
        weights = (weight for weight in own if len(weight.shape) > 1)
        found += [_parameter(step, weight, True) for weight in weights]
    return tuple(found)


def borrowed(graph: Graph) -> Iterator[tuple[Parameter, Name]]:
    """Parameters of layers that another one owns, with what they are there; repeats written out."""
    shared = owners(graph)
    for step in _layers(graph, UNROLLED):
        for weight in step.item.traits.weights:  # type: ignore[union-attr]
            there = shared.get(Name(step.path, weight.name))
            if not weight.buffer and there is not None:
                yield _parameter(step, weight, _multiplies(step.item)), there


def _layers(graph: Graph, visits: Folded) -> Iterator[Step]:
    return (step for step in walk(graph, visits) if isinstance(step.item, Layer))


def _parameter(step: Step, weight: Weight, hidden: bool) -> Parameter:
    shape: Any = weight.shape  # of a network of plain numbers
    return Parameter(step.path, weight.name, shape, step.times * weight.copies, not step.state.frozen, hidden)


def _scalars(weight: Weight) -> int:
    scalars: Any = weight.numel
    return scalars  # type: ignore[no-any-return]


def _results(graph: Graph, visits: Folded) -> frozenset[str]:
    """The layers that make the network's results."""
    place = Place(graph.body)
    return frozenset(origin(place, number, visits).path for number in graph.body.outputs[: graph.body.results])


def _multiplies(layer: Any) -> bool:
    return bool(layer.traits.kind.role in MULTIPLIES)
