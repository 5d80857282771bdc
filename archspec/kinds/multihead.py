"""Attention as one module, its projections inside: torch.nn.MultiheadAttention."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Positive
from archspec.kinds.base import Kind, Shape
from archspec.kinds.formula import WeightRule
from archspec.kinds.strides import Operand, Sizes, contiguous, permuted, rows, steps_first
from archspec.sizes import require


class MultiheadAttention(Kind, kind="multihead_attention", main="heads"):
    """Attention of query [T, embed] on key [S, kdim] and value [S, vdim], its four projections included: [T, embed].

    One input is query, key and value in one. The projections are linear layers of this module; written out as layers of
    their own they are the block `attention`. Key and value of other sizes than the query have a weight each.
    """

    heads: Positive
    """Heads, which divide the query's size."""
    bias: Flag = True
    """Add a learned vector in each projection."""
    need_weights: Flag = False
    """Return the attention weights too, averaged over the heads: a second output [T, S]."""

    role, sees, memory, layout = "attention", "all", "new", "own"
    moves, linear, saves = False, False, ("weight", "other")
    arity = (1, 3)
    fact_names = {
        "embed": "size of a query and of an output",
        "heads": "heads",
        "q_len": "queries, T",
        "k_len": "keys, S",
        "kdim": "size of a key",
        "vdim": "size of a value",
        "bias": "true where the projections have biases",
        "need_weights": "true where the attention weights are returned too",
    }
    weight_rules = (
        WeightRule("q_proj_weight", "embed, embed", when="apart"),
        WeightRule("k_proj_weight", "embed, kdim", when="apart"),
        WeightRule("v_proj_weight", "embed, vdim", when="apart"),
        WeightRule("in_proj_weight", "3 * embed, embed", when="together"),
        WeightRule("in_proj_bias", "3 * embed", when="bias"),
        WeightRule("out_proj.weight", "embed, embed"),
        WeightRule("out_proj.bias", "embed", when="bias"),
    )
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html"

    def out_shape(self, *inputs: Shape) -> Shape | list[Shape]:
        if len(inputs) == 2:
            raise ShapeError("multihead_attention takes 1 input, or 3: query, key and value; got 2")
        for name, shape in zip(("query", "key", "value"), inputs, strict=False):
            if len(shape) != 3:
                raise ShapeError(f"multihead_attention needs its {name} as [T, size], got {len(shape) - 1} axes")
            message = f"attention needs one batch size, got {{batch}} in the query and {{other}} in the {name}"
            require(shape[0] == inputs[0][0], message, batch=inputs[0][0], other=shape[0])
        q, k, v = _three(inputs)
        require(k[1] == v[1], "there are {k} keys and {v} values", k=k[1], v=v[1])
        message = "{heads} heads do not divide size {size}"
        require(q[2] % self.heads == 0, message, argument="heads", heads=self.heads, size=q[2])
        return [q, (*q[:2], k[1])] if self.need_weights else q

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        q, k, v = _three(inputs)
        # Sizes that differ at some design points only would be weights that exist at some only: such a column is Split.
        together = bool(k[2] == q[2]) and bool(v[2] == q[2])
        return {
            "embed": q[2],
            "heads": self.heads,
            "q_len": q[1],
            "k_len": k[1],
            "kdim": k[2],
            "vdim": v[2],
            "bias": self.bias,
            "need_weights": self.need_weights,
            "together": together,
            "apart": not together,
        }

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        return steps_first(output) if output == inputs[0].shape else contiguous(output)

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """Steps come first inside, and the projections read steps and samples as one axis."""
        return [rows(permuted(taken, (1, 0, 2))) for taken in inputs]


def _three(inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    q, k, v = inputs if len(inputs) == 3 else inputs * 3
    return q, k, v
