"""Layers on inputs: what follows from their shapes and dtypes, worked out once."""

from __future__ import annotations

from typing import Any

from archspec.kinds.base import Kind, Shape, Traits, bounded_sizes, infer
from archspec.language.building import remembered
from archspec.records import NamedTuple

_traits: dict[tuple[Any, ...], Traits] = {}  # on inputs of plain numbers, for the analyses to come

Inputs = tuple[tuple[Shape, str], ...]


class Call(NamedTuple):
    """A layer on some inputs. The ``layer`` is kept, so that its id is no other's."""

    traits: Traits
    inputs: tuple[str, ...]  # their dtypes
    dtype: str  # of the outputs
    layer: Kind


class Calls:
    """The calls of one expansion; where all its numbers are ``plain``, with those of the expansions before."""

    def __init__(self, *, plain: bool) -> None:
        self.traits = _traits if plain else {}
        self.known: dict[tuple[int, Inputs], Call] = {}

    def of(self, layer: Kind, inputs: Inputs) -> Call:
        """A layer on inputs of these shapes and dtypes. Raises ShapeError."""
        return self.known.get((id(layer), inputs)) or self._made(layer, inputs)

    def _made(self, layer: Kind, inputs: Inputs) -> Call:
        key = layer.key(), tuple([shape for shape, _ in inputs])
        traits = self.traits.get(key)
        if traits is None:
            traits = infer(layer, key[1])
            bounded_sizes(traits)
            remembered(self.traits, key, traits)
        dtypes = tuple([dtype for _, dtype in inputs])
        call = self.known[id(layer), inputs] = Call(traits, dtypes, layer.out_dtype(dtypes), layer)
        return call
