"""Activations: functions of each element that have arguments or weights, and those that look along one axis."""

from math import inf
from typing import Annotated, Any, Literal

from archspec.kinds.args import Above0, Axis, Flag, Real
from archspec.kinds.axes import axis_index
from archspec.kinds.base import Kind, Shape
from archspec.kinds.elements import Elementwise, Overwriting
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes, elementwise
from archspec.models.types import Open
from archspec.sizes import divide


class LeakyReLU(Overwriting, kind="leaky_relu"):
    """y = x for x > 0, else slope * x."""

    slope: Real = 0.01
    """Slope on the negative side."""

    saves = ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html"


class ELU(Overwriting, kind="elu"):
    """y = x for x > 0, else alpha * (exp(x) - 1)."""

    alpha: Real = 1.0
    """Scale of the negative side."""

    saves = ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html"


class CELU(Overwriting, kind="celu"):
    """y = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))."""

    alpha: Above0 = 1.0
    """Scale of the negative side."""

    saves = ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html"


class GELU(Elementwise, kind="gelu", main="approximate"):
    """y = x / 2 * (1 + erf(x / sqrt(2)))."""

    approximate: Annotated[Literal["none", "tanh"], Open()] = "none"
    """`tanh`: y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))."""

    saves = ("input",)
    fact_names = {"tanh": "true where the tanh approximation is computed"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html"

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"tanh": self.approximate == "tanh"}


class PReLU(Elementwise, kind="prelu"):
    """y = x for x > 0, else weight * x, the slope learned."""

    per_channel: Flag = False
    """Learn one slope for each channel instead of one for all."""

    saves, layout = ("input", "weight"), "like"
    fact_names = {"slopes": "learned slopes: one, or one for each channel"}
    weight_rules = (WeightRule("weight", "slopes"),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html"

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (shape,) = inputs
        return {"slopes": shape[axis_index(1, shape)] if self.per_channel else 1}


class GLU(Kind, kind="glu", main="axis"):
    """Gated linear unit: y = a * sigmoid(b), a and b the two halves of one axis."""

    axis: Axis = -1
    """Axis that is halved: 1 is the first after the batch, -1 the last."""

    role, sees, memory, layout = "activation", "axis", "new", "own"
    moves, linear, saves = False, False, ("input",)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_index(self.axis, shape)
        message = "glu halves axis {axis}, whose size {size} is odd"
        half = divide(shape[axis], 2, message, argument="axis", axis=axis, size=shape[axis])
        return (*shape[:axis], half, *shape[axis + 1 :])

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return elementwise(*[Operand(output, inputs[0].strides)] * 2)


class OverAxis(Kind):
    """A function of all elements along one axis: the shape stays."""

    axis: Axis = -1
    """Axis whose elements are normalised together: 1 is the first after the batch, -1 the last."""

    role, sees, memory = "activation", "axis", "new"
    moves, linear, saves = False, False, ("output",)
    fact_names = {"axis_size": "size of that axis"}

    def out_shape(self, *inputs: Shape) -> Shape:
        axis_index(self.axis, inputs[0])
        return inputs[0]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"axis_size": inputs[0][axis_index(self.axis, inputs[0])]}


class Softmax(OverAxis, kind="softmax", main="axis"):
    """y = exp(x) / sum of exp(x) along one axis."""

    bounds = (0, 1)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html"


class LogSoftmax(OverAxis, kind="log_softmax", main="axis"):
    """y = x - log(sum of exp(x)) along one axis."""

    bounds = (-inf, 0)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html"
