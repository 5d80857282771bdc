"""The product of two tensors' matrices."""

import math
from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Ids
from archspec.kinds.base import Kind, Shape
from archspec.kinds.broadcasting import broadcast, equal
from archspec.kinds.dtypes import NUMBERS, DtypeRule
from archspec.kinds.strides import Operand, behind_batch, folded, permuted, stretched
from archspec.sizes import Size, prod, require


class Matmul(Kind, kind="matmul", main="of"):
    """Matrix product on the last two axes: [..., m, k] by [..., k, n] to [..., m, n]."""

    of: Ids = None
    """Ids of the two layers, in order; `prev` is the layer before."""
    transpose_a: Flag = False
    """Take the first as [..., k, m]."""
    transpose_b: Flag = False
    """Take the second as [..., n, k]."""
    broadcast: Flag = False
    """Let leading axes of size 1 and missing ones stretch. Without it unequal leading axes are an error."""

    role, sees, memory = "product", "all", "new"
    moves, linear, saves = False, False, ("input",)
    arity = (2, 2)
    dtypes = DtypeRule(NUMBERS, kept=True, alike=True)
    fact_names = {
        "m": "rows of the result",
        "k": "products that are summed for one element of the result",
        "n": "columns of the result",
        "batch_numel": "matrix products: the leading axes of the result multiplied, batch included",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.matmul.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        a, b = inputs
        for shape in inputs:
            if len(shape) < 3:
                raise ShapeError(f"matmul needs two axes or more in each input, got {len(shape) - 1}")
        m, k, n, other = self._sizes(a, b)
        message = "matmul needs equal inner sizes, got {a} and {b}: {k} meets {other}"
        require(k == other, message, a=a, b=b, k=k, other=other)
        lead = broadcast if self.broadcast else equal
        return (*lead("matmul's leading part", a[:-2], b[:-2]), m, n)

    def _sizes(self, a: Shape, b: Shape) -> tuple[Size, Size, Size, Size]:
        """m, k, n, and k as the second input has it."""
        m, k = (a[-1], a[-2]) if self.transpose_a else (a[-2], a[-1])
        other, n = (b[-1], b[-2]) if self.transpose_b else (b[-2], b[-1])
        return m, k, n, other

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """A product of batches of matrices reads all leading axes as one, those that stretch spread out before.

        at::_matmul_impl, aten/src/ATen/native/LinearAlgebra.cpp.
        """
        rank = max(len(taken.shape) for taken in inputs)
        a, b = (behind_batch(taken, rank - len(taken.shape)) for taken in inputs)
        a, b = transposed(a) if self.transpose_a else a, transposed(b) if self.transpose_b else b
        if rank == 3 and a.shape[0] != b.shape[0]:
            # One matrix for all samples, whose gradient would be as large as the batch: the other side is folded.
            if a.shape[0] == 1 and a.needs:
                b = transposed(b)
                return [0, folded(b, (b.shape[0] * b.shape[1], b.shape[2]))]
            if b.shape[0] == 1 and b.needs:
                return [folded(a, (a.shape[0] * a.shape[1], a.shape[2])), 0]
        lead = tuple(map(max, a.shape[:-2], b.shape[:-2]))
        wide = (stretched(taken, (*lead, *taken.shape[-2:])) for taken in (a, b))
        return [folded(taken, (math.prod(lead), *taken.shape[-2:])) for taken in wide]

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        m, k, n, _ = self._sizes(*inputs)
        return {"m": m, "k": k, "n": n, "batch_numel": prod(outputs[0][:-2])}


def transposed(taken: Operand) -> Operand:
    """The last two axes the other way round."""
    rank = len(taken.shape)
    return permuted(taken, (*range(rank - 2), rank - 1, rank - 2))
