"""Layers on inputs: what follows from their shapes and dtypes, worked out once."""

from __future__ import annotations

from typing import Any

from archspec.graph.graph import Copies
from archspec.kinds.base import Kind, Shape, Traits, bounded_sizes, infer
from archspec.language.building import remembered
from archspec.records import NamedTuple

_traits: dict[tuple[Any, ...], Traits] = {}  # on inputs of plain numbers, for the analyses to come

Inputs = tuple[tuple[Shape, str], ...]
Experts = tuple[Copies, ...]  # around a layer, outermost first


class Call(NamedTuple):
    """A layer on some inputs. The ``layer`` is kept, so that its id is no other's."""

    traits: Traits
    inputs: tuple[str, ...]  # their dtypes
    dtypes: tuple[str, ...]  # of the outputs
    layer: Kind


class Calls:
    """The calls of one expansion; where all its numbers are ``plain``, with those of the expansions before."""

    def __init__(self, *, plain: bool) -> None:
        self.traits = _traits if plain else {}
        self.known: dict[tuple[int, Inputs, Experts], Call] = {}

    def of(self, layer: Kind, inputs: Inputs, experts: Experts) -> Call:
        """A layer on inputs of these shapes and dtypes, inside of these ``experts``. Raises ShapeError."""
        return self.known.get((id(layer), inputs, experts)) or self._made(layer, inputs, experts)

    def _made(self, layer: Kind, inputs: Inputs, experts: Experts) -> Call:
        key = layer.key(), tuple([shape for shape, _ in inputs]), experts
        traits = self.traits.get(key)
        if traits is None:
            traits = infer(layer, key[1])
            bounded_sizes(traits)
            for copies in reversed(experts):
                weights = [each.copied(copies.number, copies.active, stacked=copies.stacked) for each in traits.weights]
                traits = traits._replace(weights=tuple(weights))
            remembered(self.traits, key, traits)
        dtypes = tuple([dtype for _, dtype in inputs])
        made = layer.out_dtypes(dtypes, len(traits.outputs))
        call = self.known[id(layer), inputs, experts] = Call(traits, dtypes, made, layer)
        return call
