"""The product of two tensors' matrices."""

from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Ids
from archspec.kinds.base import Kind, Shape
from archspec.kinds.broadcasting import broadcast, equal
from archspec.kinds.dtypes import NUMBERS, DtypeRule
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

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        m, k, n, _ = self._sizes(*inputs)
        return {"m": m, "k": k, "n": n, "batch_numel": prod(outputs[0][:-2])}
