"""Layers that an exporter took apart, put together again: what each rule sees, and the run over all of them.

A rule looks at the last layer of its pattern and back from there. What it puts together is read by nobody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from archspec.importers.composing.layers import Layer, Output, Weight

Rule = Callable[["Rewriting", int], bool]


class Rewriting:
    """The layers while they are rewritten; those that nobody reads any more are left out at the end."""

    def __init__(self, layers: list[Layer], outputs: list[Output]) -> None:
        self.layers = layers
        self.outputs = outputs
        self.same: dict[Output, Output] = {}  # what stands for an output that is gone
        self.joined: dict[tuple[Any, ...], int] = {}  # concats by their axis and inputs
        self.readers: Counter[Output] = Counter(outputs)
        for layer in layers:
            self.readers.update(layer.inputs)

    def run(self, rules: Iterable[Rule]) -> None:
        """Apply the rules to each layer in turn, until none fits it; then again, for what has become a pattern."""
        rules = list(rules)
        changed = True
        while changed:
            changed = False
            for number, layer in enumerate(self.layers):
                layer.inputs = [self.read(source) for source in layer.inputs]
                while self.alive(number) and any(rule(self, number) for rule in rules):
                    changed = True
        self.outputs = [self.read(output) for output in self.outputs]
        self.drop()

    def alive(self, number: int) -> bool:
        """Whether somebody reads the layer."""
        return any(self.readers[(number, output)] for output in range(len(self.layers[number].shapes)))

    def maker(self, source: Output, *kinds: str) -> Layer | None:
        """The layer that makes an output, where it is of one of these kinds and read once."""
        if source[0] < 0 or self.readers[source] != 1:
            return None
        layer = self.layers[source[0]]
        return layer if layer.kind in kinds else None

    def one(self, source: Output, *kinds: str) -> Output | None:
        """What such a layer with one input reads."""
        layer = self.maker(source, *kinds)
        return self.read(layer.inputs[0]) if layer and len(layer.inputs) == 1 else None

    def read(self, source: Output) -> Output:
        """The output that stands for one."""
        while source in self.same:
            source = self.same[source]
        return source

    def become(
        self,
        number: int,
        kind: str,
        inputs: list[Output],
        arguments: Any = None,
        weights: dict[str, Weight] | None = None,
    ) -> bool:
        """The layer made another one; what it read before has a reader less."""
        layer = self.layers[number]
        self.readers.update(inputs)
        before = [self.read(source) for source in layer.inputs]
        layer.kind, layer.inputs, layer.arguments = kind, inputs, arguments or {}
        layer.weights = layer.weights if weights is None else weights
        self.release(before)
        return True

    def release(self, sources: list[Output]) -> None:
        """Sources that are read once less; a layer that nobody reads any more reads nothing."""
        for source in sources:
            self.readers[source] -= 1
            if source[0] >= 0 and not self.alive(source[0]):
                self.release([self.read(before) for before in self.layers[source[0]].inputs])

    def skip(self, number: int, source: Output) -> bool:
        """The layer left out: its one output is ``source``."""
        gone = (number, 0)
        self.readers[source] += self.readers[gone]
        self.readers[gone] = 0
        self.same[gone] = source
        self.release([self.read(before) for before in self.layers[number].inputs])
        return True

    def drop(self) -> None:
        """Leave out what nobody reads, and number the others anew."""
        kept = [number for number in range(len(self.layers)) if self.alive(number)]
        new = {number: place for place, number in enumerate(kept)}

        def renumbered(source: Output) -> Output:
            source = self.read(source)
            return source if source[0] < 0 else (new[source[0]], source[1])

        self.layers = [self.layers[number] for number in kept]
        for layer in self.layers:
            layer.inputs = [renumbered(source) for source in layer.inputs]
        self.outputs = [renumbered(output) for output in self.outputs]
