"""Tensors as a checkpoint stores them: what each weight of a layer is called there, and its shape."""

from __future__ import annotations

from archspec.graph.graph import Layer
from archspec.kinds.base import Shape
from archspec.records import NamedTuple

UP = "^"  # before a name: it stands a level higher than its layer


class Stored(NamedTuple):
    """A tensor of a layer: the name of the kind's weight, and the tensor's behind the layer's path.

    ``dtype`` is empty where it is that of the analysis.
    """

    weight: str
    name: str
    shape: Shape
    dtype: str
    buffer: bool


def stored(layer: Layer) -> list[Stored]:
    """The tensors of a layer, those it shares too: PyTorch's names and shapes."""
    bare = layer.traits.kind.bare
    return [
        Stored(weight.name, "" if bare else weight.name, weight.shape, weight.dtype, weight.buffer)
        for weight in layer.traits.weights
    ]


def full_name(path: str, name: str) -> str:
    """A tensor's name: it stands behind its layer's path, each `^` before it takes one level off that.

    An empty one is the path itself.
    """
    while name.startswith(UP):
        path, name = path.rpartition(".")[0], name[1:]
    return f"{path}.{name}" if path and name else path or name


def name_below(path: str, full: str) -> str:
    """The name behind a path that :func:`full_name` makes the full one of."""
    ups = ""
    while path and path != full and not full.startswith(f"{path}."):
        path, ups = path.rpartition(".")[0], ups + UP
    return ups + (full[len(path) + 1 :] if path else full)
