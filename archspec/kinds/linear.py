"""Layers that are one matrix, and weights used by themselves."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Folded, Positive
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, rows
from archspec.sizes import require


class Linear(Kind, kind="linear", main="out"):
    """Fully connected layer on the last axis; every axis before it is kept."""

    out: Positive
    """Output features."""
    bias: Flag = True
    """Add one learned scalar to each output feature."""
    norm: Folded = None
    """Normalisation after it, as a kind or {kind: arguments}; unfolded into a layer of its own."""
    act: Folded = None
    """Activation after that, likewise."""

    role, sees, memory = "projection", "last", "new"
    moves, linear, saves = False, True, ("input", "weight")
    foldable = True
    fact_names = {
        "in_features": "size of the input's last axis",
        "out_features": "size of the output's last axis",
        "bias": "true where a bias is added",
    }
    weight_rules = (WeightRule("weight", "out_features, in_features"), WeightRule("bias", "out_features", when="bias"))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 2:
            raise ShapeError("linear needs at least one axis")
        return (*shape[:-1], self.out)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """A product of matrices reads all axes before the last as one."""
        return [rows(inputs[0]) if len(inputs[0].shape) > 2 else 0]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"in_features": inputs[0][-1], "out_features": self.out, "bias": self.bias}


class Bilinear(Kind, kind="bilinear", main="out"):
    """Bilinear form of two inputs: y = a^T W b + bias on the last axes."""

    out: Positive
    """Output features."""
    bias: Flag = True
    """Add one learned scalar to each output feature."""

    role, sees, memory = "projection", "last", "new"
    moves, linear, saves = False, False, ("input", "weight")
    arity = (2, 2)
    fact_names = {
        "in1_features": "size of the first input's last axis",
        "in2_features": "size of the second input's last axis",
        "out_features": "size of the output's last axis",
        "bias": "true where a bias is added",
    }
    weight_rules = (
        WeightRule("weight", "out_features, in1_features, in2_features"),
        WeightRule("bias", "out_features", when="bias"),
    )
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        a, b = inputs
        require(
            alike(a[:-1], b[:-1]),
            "bilinear needs inputs alike in every axis but the last, got {a} and {b}",
            a=a,
            b=b,
        )
        return (*a[:-1], self.out)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        return list(map(rows, inputs))

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        a, b = inputs
        return {"in1_features": a[-1], "in2_features": b[-1], "out_features": self.out, "bias": self.bias}
