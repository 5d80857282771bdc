"""Layers that act in training only; in inference the tensor passes as it is."""

from archspec.kinds.args import Flag, Probability
from archspec.kinds.base import Kind, Shape
from archspec.kinds.dtypes import MOVES


class Dropout(Kind, kind="dropout", main="p"):
    """Dropout: in training, y = x * mask / (1 - p), each element kept with probability 1 - p."""

    p: Probability = 0.5
    """Probability that an element becomes zero."""
    inplace: Flag = False
    """Overwrite the input instead of allocating an output."""

    role, sees, memory, layout = "regularisation", "element", "input", "elementwise"
    moves, linear, saves = False, True, ("mask",)
    dtypes = MOVES
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]


class StochasticDepth(Kind, kind="stochastic_depth", main="p"):
    """Stochastic depth: in training, y = x * mask / (1 - p), each sample of the batch kept or dropped whole."""

    p: Probability
    """Probability that a sample becomes zero."""

    role, sees, memory, layout = "regularisation", "element", "input", "elementwise"
    moves, linear, saves = False, True, ("mask",)
    dtypes = MOVES
    source = "https://arxiv.org/abs/1603.09382"

    def out_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]
