"""Layers put down one behind the other, where a source says sizes channels first: their shapes are worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.errors import ArchspecError
from archspec.importers.composing.layers import MAX_LAYERS, Layer, Output, Weight, traits_of

Fail = Callable[[str], ArchspecError]


class Sheet:
    """The layers so far; inputs are -1, -2, ..."""

    def __init__(self, inputs: list[tuple[int, ...]]) -> None:
        self.inputs = inputs
        self.layers: list[Layer] = []

    def shape(self, source: Output) -> tuple[int, ...]:
        """The shape of an output, without the batch."""
        number, output = source
        return self.inputs[-1 - number] if number < 0 else self.layers[number].shapes[output]

    def put(
        self, fail: Fail, kind: str, sources: list[Output], arguments: dict[str, Any] | None = None, name: str = ""
    ) -> Output:
        """A layer; its first output. Raises what ``fail`` makes of a cause."""
        arguments = arguments or {}
        if len(self.layers) >= MAX_LAYERS:
            raise fail(f"the network has more than {MAX_LAYERS:,} layers")
        traits = traits_of(kind, arguments, tuple([(1, *self.shape(source)) for source in sources]), fail)
        number = len(self.layers)
        weights = {
            weight.name: Weight(f"{number}/{weight.name}", tuple(map(int, weight.shape)), weight.dtype)
            for weight in traits.weights
        }
        shapes: Any = tuple(shape[1:] for shape in traits.outputs)
        self.layers.append(Layer(kind, arguments, sources, (), weights, shapes, name=name))
        return number, 0


def repeated(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries that stand there several times in a row as a repeat; its last instance may have an id, which it gets."""
    made: list[dict[str, Any]] = []
    counts: list[int] = []
    for entry in entries:
        plain = {key: value for key, value in entry.items() if key != "id"}
        if made and plain == made[-1] and "from" not in plain:
            counts[-1] += 1
            made[-1] = entry
        else:
            made.append(entry)
            counts.append(1)
    return [{**entry, "repeat": count} if count > 1 else entry for entry, count in zip(made, counts, strict=True)]
