"""Rotary position embedding."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Above0, Flag, Positive
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import NUMBERS, DtypeRule
from archspec.kinds.strides import Operand, Sizes, channels_last, contiguous, elementwise, suggests_channels_last
from archspec.sizes import Size, divide, prod, require


class Rope(Kind, kind="rope", main="theta"):
    """Rotary position embedding on [..., T, d]: each pair of features turned by its frequency times the position.

    y1 = x1 * cos - x2 * sin, y2 = x2 * cos + x1 * sin. The cosines and sines depend on positions alone; they are made
    beforehand and shared by layers.
    """

    theta: Above0 = 10000.0
    """Base of the frequencies theta^(-2 i / dim)."""
    dim: Positive | None = None
    """Leading features of the last axis that are turned, an even number; all if left out."""
    interleaved: Flag = False
    """Pairs are neighbours, as in GPT-J; otherwise the first half with the second, as in GPT-NeoX and Llama."""

    role, sees, memory, layout = "arithmetic", "last", "new", "own"
    moves, linear, saves = False, True, ()
    dtypes = DtypeRule(NUMBERS)
    fact_names = {"rotary_dim": "features that are turned", "rotary_numel": "elements that are turned"}
    source = "https://arxiv.org/abs/2104.09864"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 3:
            raise ShapeError(f"rope needs [..., T, d], got {len(shape) - 1} axes")
        divide(self._dim(shape), 2, "rope turns pairs: {dim} features are odd", argument="dim", dim=self._dim(shape))
        message = "rope cannot turn {dim} of {size} features"
        require(self._dim(shape) <= shape[-1], message, argument="dim", dim=self._dim(shape), size=shape[-1])
        return shape

    def _dim(self, shape: Shape) -> Size:
        return shape[-1] if self.dim is None else self.dim

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """A sum of products; what is not turned stands beside it in a new tensor."""
        if self._dim(output) == output[-1]:
            return elementwise(inputs[0])
        return channels_last(output) if suggests_channels_last(inputs[0]) else contiguous(output)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        dim = self._dim(inputs[0])
        return {"rotary_dim": dim, "rotary_numel": prod(inputs[0][:-1]) * dim}
