"""The parameters of a network, one by one: their sizes, which of them are trained, what their layers are there for."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from archspec.graph.graph import Graph, Layer
from archspec.graph.walk import FOLDED, Place, Step, origin, owner, walk
from archspec.kinds.base import Weight
from archspec.kinds.dtypes import DTYPES
from archspec.records import NamedTuple

MULTIPLIES = frozenset({"projection", "attention", "recurrent", "product"})  # roles of layers that multiply matrices


class Parameter(NamedTuple):
    """A learnable tensor; ``times`` alike ones stand in a row of repeats, the first at ``path``.

    ``hidden``: it is multiplied with what is inside of the network, and makes none of its results.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    times: int
    trained: bool
    hidden: bool
    layer: Layer

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


def parameters(graph: Graph) -> tuple[Parameter, ...]:
    """Every parameter, those with several layers at the one that owns them."""
    results = _results(graph)
    return tuple(
        _parameter(step, layer, weight, _multiplies(layer) and step.path not in results)
        for step, layer in _layers(graph)
        for weight in _owned(step, layer)
        if not weight.buffer
    )


def _parameter(step: Step, layer: Layer, weight: Weight, hidden: bool) -> Parameter:
    shape: Any = weight.shape  # of a network of plain numbers
    return Parameter(step.path, weight.name, shape, step.times, not step.state.frozen, hidden, layer)


def buffers(graph: Graph, dtype: str) -> int:
    """Bytes of the buffers, ``dtype`` being that of those that name none."""
    owned = ((step.times, weight) for step, layer in _layers(graph) for weight in _owned(step, layer) if weight.buffer)
    return sum(times * weight.numel * DTYPES[weight.dtype or dtype] for times, weight in owned)


def multiplied(graph: Graph) -> int:
    """Scalars of the parameters that matrices are multiplied with, each of a module that does so once.

    What autocast and its like make copies of: also of a weight that an embedding owns and a projection shares.
    """
    found = 0
    for step, layer in _layers(graph):
        if step.state.shared or layer.again or not _multiplies(layer):
            continue
        found += step.times * sum(weight.numel for weight in layer.traits.weights if not weight.buffer)
        if layer.tie is not None:
            tied: Any = owner(step.place, layer.tie).item
            if isinstance(tied, Layer) and _multiplies(tied):
                shared = (weight for weight in layer.traits.weights if weight.name in layer.shared)
                found -= step.times * sum(weight.numel for weight in shared if not weight.buffer)
    return found


def _layers(graph: Graph) -> Iterator[tuple[Step, Any]]:
    return ((step, step.item) for step in walk(graph, FOLDED) if isinstance(step.item, Layer))


def _owned(step: Step, layer: Layer) -> list[Weight]:
    """The tensors that a layer owns."""
    return [] if step.state.shared else [each for each in layer.traits.weights if each.name not in layer.shared]


def _results(graph: Graph) -> frozenset[str]:
    """The layers that make the network's results."""
    place = Place(graph.body)
    return frozenset(origin(place, number, FOLDED).path for number in graph.body.outputs[: graph.body.results])


def _multiplies(layer: Layer) -> bool:
    return layer.traits.kind.role in MULTIPLIES
