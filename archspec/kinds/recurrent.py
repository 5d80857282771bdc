"""Recurrent layers over [T, D]: plain, long short-term memory, gated recurrent unit.

One layer and direction, with H hidden units, takes each step's input of size I and the state of size R before it:
`gates` matrices H x I and as many H x R. I is D in the first layer and directions * R in the others; R is H, or `proj`
where an lstm projects its state.
"""

from collections.abc import Iterable, Mapping
from operator import index
from typing import Annotated, Any, ClassVar, Literal

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Natural, Positive
from archspec.kinds.base import Kind, Shape, Weight
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes, is_contiguous, permuted, rows, steps_first
from archspec.models.types import Open
from archspec.sizes import Size, require

Biases = Annotated[Literal[2, 1, True, False], Open()]
RECURRENT_FACTS = {
    "steps": "steps of the sequence, T",
    "input_size": "size of the first layer's input at each step, D",
    "hidden": "hidden units of one layer and direction, H",
    "layers": "layers stacked",
    "directions": "2 where it also runs backwards, else 1",
    "gates": "matrices side by side: 1 for rnn, 3 for gru, 4 for lstm",
    "proj": "size of the state that is passed on, R: `hidden` unless an lstm projects it",
    "biases": "bias vectors of a layer and direction, each of gates * hidden: 0, 1 or 2",
    "cells_per_step": "hidden units of all layers and directions",
    "cells": "cells_per_step for every step and sample",
    "input_sum": "sum of the input sizes I of all layers and directions",
    "matrix_numel": "elements of all weight matrices, the projections' too: the multiply-accumulates of one step",
    "bias_numel": "elements of all bias vectors",
}


MAX_LAYERS = 1000  # each has weights of its own


class Recurrent(Kind):
    """Base of the recurrent kinds; their arguments in common."""

    hidden: Positive
    """Hidden units of one layer and direction."""
    layers: Positive = 1
    """Layers, each fed with the output of the one before."""
    bidirectional: Flag = False
    """Also run over the sequence backwards; the two outputs stand side by side."""
    bias: Biases = 2
    """Bias vectors: 2, one beside each matrix, as PyTorch and cuDNN have it (`true` is the same); 1 as Keras has it, or
    false."""
    state: Flag = False
    """Give the last state as further outputs, [layers * directions, size] each: h, and c for an lstm."""

    role, sees, memory, layout = "recurrent", "all", "new", "own"
    moves, linear, saves = False, False, ("weight", "other")
    gates: ClassVar[int]
    fact_names = RECURRENT_FACTS
    weight_rules: ClassVar[tuple[WeightRule, ...]] = (
        WeightRule("weight_ih", "gates * hidden, input_size", when="first"),
        WeightRule("weight_ih", "gates * hidden, directions * proj", when="deeper"),
        WeightRule("weight_hh", "gates * hidden, proj"),
        WeightRule("bias_ih", "gates * hidden", when="two_biases"),
        WeightRule("bias_hh", "gates * hidden", when="two_biases"),
        WeightRule("bias", "gates * hidden", when="one_bias"),
    )

    def out_shape(self, *inputs: Shape) -> Shape | list[Shape]:
        (shape,) = inputs
        if len(shape) != 3:
            raise ShapeError(
                f"{self.kind} needs [T, D], got {len(shape) - 1} {'axes' if len(shape) != 2 else 'axis'}",
                hint="steps come first, then the features of a step",
            )
        if type(self.layers) is int and self.layers > MAX_LAYERS:
            message = f"layers {self.layers} are too many: at most {MAX_LAYERS} are written out"
            raise ShapeError(message, argument="layers")
        batch, steps, _ = shape
        directions = 2 if self.bidirectional else 1
        output = (batch, steps, directions * self.passed_on())
        if not self.state:
            return output
        return [output, *((batch, self.layers * directions, size) for size in self.states())]

    def passed_on(self) -> Size:
        """Size of the state that the next step and the next layer see."""
        return self.hidden

    def states(self) -> list[Size]:
        """Sizes of the states kept from step to step."""
        return [self.passed_on()]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        batch, steps, input_size = inputs[0]
        directions, passed_on = 2 if self.bidirectional else 1, self.passed_on()
        biases = int(self.bias) if type(self.bias) is int else 2 * self.bias
        stacks = self.layers * directions
        units = stacks * self.hidden
        input_sum = directions * (input_size + (self.layers - 1) * directions * passed_on)
        return {
            "steps": steps,
            "input_size": input_size,
            "hidden": self.hidden,
            "layers": self.layers,
            "directions": directions,
            "gates": self.gates,
            "proj": passed_on,
            "biases": biases,
            "one_bias": biases == 1,
            "two_biases": biases == 2,
            "cells_per_step": units,
            "cells": batch * steps * units,
            "input_sum": input_sum,
            "matrix_numel": self.gates * self.hidden * (input_sum + stacks * passed_on),
            "bias_numel": biases * self.gates * units,
        }

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return steps_first(output)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """Steps come first inside, and each direction's matrix reads steps and samples as one axis."""
        return [(2 if self.bidirectional else 1) * rows(permuted(inputs[0], (1, 0, 2)))]

    def weights(self, facts: Mapping[str, Any]) -> Iterable[Weight]:
        for layer in range(index(facts["layers"])):
            stage = {**facts, "first": layer == 0, "deeper": layer > 0}
            for suffix in ("", "_reverse")[: facts["directions"]]:
                for weight in super().weights(stage):
                    yield weight._replace(name=f"{weight.name}_l{layer}{suffix}")


class RNN(Recurrent, kind="rnn", main="hidden"):
    """Plain recurrent layer: h' = f(W x + U h + b)."""

    nonlinearity: Annotated[Literal["tanh", "relu"], Open()] = "tanh"
    """The function f."""

    gates = 1
    fact_names = {**RECURRENT_FACTS, "relu": "true where the nonlinearity is relu, not tanh"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html"

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {**super().facts(inputs, outputs), "relu": self.nonlinearity == "relu"}


class LSTM(Recurrent, kind="lstm", main="hidden"):
    """Long short-term memory: input, forget and output gate, and a cell state."""

    proj: Natural = 0
    """Project the state to this size before it is passed on, smaller than `hidden`; 0 does not."""

    gates = 4
    weight_rules = (*Recurrent.weight_rules, WeightRule("weight_hr", "proj, hidden", when="projected"))
    fact_names = {**RECURRENT_FACTS, "projected": "true where the state is projected"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html"

    def passed_on(self) -> Size:
        if self.proj == 0:
            return self.hidden
        message = "proj {proj} must be smaller than hidden {hidden}"
        require(self.proj < self.hidden, message, argument="proj", proj=self.proj, hidden=self.hidden)
        return self.proj

    def states(self) -> list[Size]:
        return [self.passed_on(), self.hidden]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        facts = super().facts(inputs, outputs)
        projected = bool(self.proj != 0)
        if projected:
            facts["matrix_numel"] += facts["cells_per_step"] * facts["proj"]
        return {**facts, "projected": projected}

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """oneDNN's layer, which both directions share, asks for steps first."""
        if self.proj != 0:
            return super().copies(inputs, learns=learns)
        turned = permuted(inputs[0], (1, 0, 2))
        return [0 if is_contiguous(turned) else turned.numel]


class GRU(Recurrent, kind="gru", main="hidden"):
    """Gated recurrent unit: reset and update gate, and a candidate.

    The candidate is tanh(W x + b + r * (U h + b')) with `reset_after`, where the bias b' beside U is inside the product
    with the reset gate r and cannot be merged with b: two bias vectors or none. Without it, tanh(W x + U (r * h) + b),
    one vector does. Keras' `GRU(reset_after=True)` stores its two as one array [2, 3 * units]: that is `bias: 2`.
    """

    reset_after: Flag = True
    """Apply the reset gate after the matrix of the state, as PyTorch, cuDNN and Keras do; false applies it before, as
    the paper does."""

    gates = 3
    fact_names = {**RECURRENT_FACTS, "reset_after": "true where the reset gate comes after the matrix of the state"}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html"

    def out_shape(self, *inputs: Shape) -> Shape | list[Shape]:
        if self.reset_after and self.bias == 1 and self.bias is not True:
            raise ShapeError(
                "a gru with reset_after cannot have 1 bias vector: the state's is inside the reset gate's product",
                hint="say bias: 2 or false, or reset_after: false",
                argument="bias",
            )
        return super().out_shape(*inputs)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {**super().facts(inputs, outputs), "reset_after": self.reset_after}
