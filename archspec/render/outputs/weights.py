"""``archspec.weights/1``: the tensors of a network, a list."""

from __future__ import annotations

from pydantic import ConfigDict, RootModel

from archspec.render.outputs.base import Output, Shape


class TensorEntry(Output):
    """A tensor of a network, by the name that a checkpoint has for it."""

    name: str
    shape: Shape
    dtype: str
    layer: str
    """Path of the layer it belongs to."""
    buffer: bool
    """Stored but not learned."""
    tied_to: str | None
    """Name of the tensor that it is, where another layer owns it: it counts there."""


class WeightsDocument(RootModel[list[TensorEntry]]):
    """The tensors, in the order that their layers run."""

    model_config = ConfigDict(title="archspec weights 1")


FIELDS = tuple(TensorEntry.model_fields)
