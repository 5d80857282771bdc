"""Tables of learned vectors, and learned tensors by themselves."""

from __future__ import annotations

from typing import Any

from archspec.formula import WeightRule
from archspec.kinds.args import Axes, Flag, Positive
from archspec.kinds.axes import per_axis
from archspec.kinds.base import Kind, Shape
from archspec.sizes import prod


class Embedding(Kind, kind="embedding"):
    """Look up a learned vector for each integer of the input: [T] to [T, dim]."""

    vocab: Positive
    """Rows of the table: the integers run from 0 to vocab - 1."""
    dim: Positive
    """Size of each vector."""

    fact_names = {"vocab": "rows of the table", "dim": "size of each vector", "lookups": "vectors looked up"}
    weight_rules = (WeightRule("weight", "vocab, dim"),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0], self.dim)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"vocab": self.vocab, "dim": self.dim, "lookups": prod(inputs[0])}


class Parameter(Kind, kind="parameter", main="shape"):
    """A learned tensor, the same for every sample: a class token, position embeddings, a layer scale.

    An input, where there is one, gives the batch size only.
    """

    shape: Axes
    """Its sizes without the batch axis."""
    buffer: Flag = False
    """Stored but not learned."""

    arity = (0, 1)
    fact_names = {"buffer": "true where it is not learned"}
    weight_rules = (
        WeightRule("weight", "*shape", when="learned"),
        WeightRule("weight", "*shape", when="buffer", buffer=True),
    )
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        batch = inputs[0][0] if inputs else 1
        return (batch, *self._sizes())

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"buffer": self.buffer, "learned": not self.buffer, "shape": self._sizes()}

    def _sizes(self) -> tuple[Any, ...]:
        return self.shape if isinstance(self.shape, tuple) else (self.shape,)


class RelativePositionBias(Kind, kind="relative_position_bias", main="window"):
    """A learned scalar for each head and each offset between two positions of a window, as attention adds it.

    Its output is [heads, T, T], T = wh * ww; the input gives the batch size only. Two positions of a window lie
    -(wh - 1) to wh - 1 rows apart and likewise in columns, hence (2 wh - 1) * (2 ww - 1) scalars for each head.
    """

    window: Axes
    """Height and width of the window, one number for both or a list."""
    heads: Positive
    """Attention heads."""
    flat: Flag = True
    """Store the index of offsets as one vector [T * T], as torchvision does; false stores a matrix [T, T]."""

    fact_names = {"heads": "attention heads", "positions": "positions of a window"}
    weight_rules = (
        WeightRule("relative_position_bias_table", "(2 * rows - 1) * (2 * columns - 1), heads"),
        WeightRule("relative_position_index", "positions * positions", when="vector", buffer=True),
        WeightRule("relative_position_index", "positions, positions", when="matrix", buffer=True),
    )
    source = "https://arxiv.org/abs/2103.14030"

    def out_shape(self, *inputs: Shape) -> Shape:
        positions = prod(per_axis(self.window, 2, "window"))
        return (inputs[0][0], self.heads, positions, positions)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        rows, columns = per_axis(self.window, 2, "window")
        return {
            "rows": rows,
            "columns": columns,
            "positions": rows * columns,
            "heads": self.heads,
            "vector": self.flat,
            "matrix": not self.flat,
        }
