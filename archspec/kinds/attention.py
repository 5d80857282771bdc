"""Attention: softmax(q k^T * scale + bias) v for each head.

The projections before and after it are layers of their own.
"""

import math
from typing import Any

from archspec.errors import ShapeError
from archspec.kinds.args import Flag, Positive, Real
from archspec.kinds.base import Kind, Shape, alike
from archspec.kinds.dtypes import DtypeRule
from archspec.kinds.formula import Formula
from archspec.kinds.strides import Operand, Sizes, contiguous, elementwise, folded, is_dense
from archspec.sizes import Size, prod, require

# The last query stands at the last key: query i sees keys - queries + i + 1 of them, summed over i = 0 .. queries - 1.
CAUSAL_PAIRS = Formula(
    "allowed pairs",
    "queries keys",
    "queries * (keys - queries) + queries * (queries + 1) // 2",
    source="https://arxiv.org/abs/2307.08691",
)
# The sum of min(position, window) over positions 1 .. positions: growing up to the window, level after it.
SEEN_UP_TO = Formula(
    "pairs up to a position",
    "positions window",
    "min(positions, window) * (min(positions, window) + 1) // 2 + max(positions - window, 0) * window",
    source="https://arxiv.org/abs/2310.06825",
)
# Every query sees 2 * reach + 1 keys, less what hangs over at both ends: twice 1 + 2 + ... + reach.
CENTRED_PAIRS = Formula(
    "allowed pairs",
    "positions reach",
    "positions * (2 * min(reach, positions - 1) + 1) - min(reach, positions - 1) * (min(reach, positions - 1) + 1)",
    source="https://arxiv.org/abs/2004.05150",
)


class ScaledDotProductAttention(Kind, kind="scaled_dot_product_attention"):
    """Attention on query [heads, T, d], key [kv_heads, S, d] and value [kv_heads, S, dv]: [heads, T, dv].

    Axes in front of the heads, the same for all three, are attended one by one: windows, rows, patches. A fourth input
    [heads, T, S] is added to the scores; an axis of 1 in it serves all. The heads are a multiple of kv_heads, each of
    which serves a group of them (grouped queries; with one kv head, multi-query).
    """

    causal: Flag = False
    """No query sees a key that comes after it. The last query stands at the last key, as in decoding with a cache and
    in FlashAttention 2.1; PyTorch's `is_causal` aligns the first ones instead, which differs where T is not S."""
    window: Positive | None = None
    """Most keys that a query sees: with `causal` itself and those right before it; otherwise an odd number, itself in
    the middle."""
    scale: Real | None = None
    """Factor of the scores; 1 / sqrt(d) if left out."""

    role, sees, memory, layout = "attention", "all", "new", "own"
    moves, linear, saves = False, False, ("input", "output", "statistics")
    arity = (3, 4)
    dtypes = DtypeRule(mask=3)
    fact_names = {
        "front": "product of the axes in front of the heads",
        "q_heads": "heads of the query",
        "kv_heads": "heads of key and value",
        "q_len": "queries, T",
        "k_len": "keys, S",
        "head_dim": "size of a query and of a key, d",
        "v_dim": "size of a value, dv",
        "causal": "true where no query sees a later key",
        "window": "most keys that a query sees, 0 where there is no such bound",
        "bias": "true where a fourth input is added to the scores",
        "pairs": "(query, key) pairs of one head that the mask allows",
        "pairs_full": "all pairs of one head, T * S",
    }
    lying_names = {
        "fused": "true where PyTorch's fused kernel for CPUs takes it",
        "masked": "true where a mask [T, S] has to be made, as PyTorch has no argument for it",
    }
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"

    def out_shape(self, *inputs: Shape) -> Shape:
        q, k, v = inputs[:3]
        for name, shape in zip(("query", "key", "value", "bias"), inputs, strict=False):
            if len(shape) < 4:
                raise ShapeError(f"attention needs its {name} as [heads, T, d], got {len(shape) - 1} axes")
            if len(shape) != len(q):
                message = f"attention needs as many axes of all, got {len(q) - 1} of the query, {len(shape) - 1} of the"
                raise ShapeError(f"{message} {name}")
            message = f"attention needs one batch size, got {{batch}} in the query and {{other}} in the {name}"
            require(shape[0] == q[0], message, batch=q[0], other=shape[0])
        for name, shape in (("key", k), ("value", v)):
            message = f"the query has {{axes}} in front of its heads, the {name} {{others}}"
            require(alike(q[1:-3], shape[1:-3]), message, axes=q[1:-3], others=shape[1:-3])
        require(k[-3] == v[-3], "key has {k} heads, value {v}", k=k[-3], v=v[-3])
        require(k[-2] == v[-2], "there are {k} keys and {v} values", k=k[-2], v=v[-2])
        require(q[-1] == k[-1], "a query has size {q}, a key {k}", q=q[-1], k=k[-1])
        message = "{kv} key and value heads do not divide {heads} query heads"
        require(q[-3] % k[-3] == 0, message, kv=k[-3], heads=q[-3])
        if len(inputs) == 4:
            wanted, bias = (*q[1:-1], k[-2]), inputs[3][1:]
            message = "attention needs a bias of {wanted}, or 1 for an axis, got {got}"
            for size, other in zip(bias, wanted, strict=True):
                if not (type(size) is int and size == 1):
                    require(size == other, message, wanted=wanted, got=bias)
        self._check_mask(q[-2], k[-2])
        return (*q[:-1], v[-1])

    def _check_mask(self, queries: Size, keys: Size) -> None:
        if self.causal:
            message = "causal attention of {queries} queries on {keys} keys leaves the first queries without any key"
            require(queries <= keys, message, argument="causal", queries=queries, keys=keys)
        elif self.window is not None:
            message = "a window without causal is centred on the query: {queries} queries need as many keys, got {keys}"
            require(queries == keys, message, argument="window", queries=queries, keys=keys)
            message = "a window without causal is centred on the query: it must be odd, got {window}"
            require(self.window % 2 == 1, message, argument="window", window=self.window)

    def facts(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> dict[str, Any]:
        (*axes, heads, queries, head_dim), (*_, kv_heads, keys, _) = inputs[:2]
        return {
            "batch": prod(axes),  # each of the axes in front is attended as samples are
            "front": prod(axes[1:]),
            "q_heads": heads,
            "kv_heads": kv_heads,
            "q_len": queries,
            "k_len": keys,
            "head_dim": head_dim,
            "v_dim": inputs[2][-1],
            "causal": self.causal,
            "window": 0 if self.window is None else self.window,
            "bias": len(inputs) == 4,
            "pairs": self._pairs(queries, keys),
            "pairs_full": queries * keys,
        }

    def lying(self, inputs: list[Operand]) -> dict[str, Any]:
        """use_flash_attention_cpp, aten/src/ATen/native/transformers/sdp_utils_cpp.cpp."""
        flat = len(inputs[0].shape) == 4
        dense = all(taken.strides[-1] == 1 or taken.shape[-1] == 1 for taken in inputs)
        even = inputs[0].shape[-1] == inputs[2].shape[-1]
        masked = self.window is not None or (self.causal and inputs[0].shape[-2] != inputs[1].shape[-2])
        return {"fused": flat and dense and even and not (len(inputs) == 4 and inputs[3].needs), "masked": masked}

    def lies(self, inputs: list[Operand], output: Sizes) -> Sizes:
        """The fused kernel's output lies as the query does."""
        if not self.lying(inputs)["fused"]:
            return contiguous(output)
        return inputs[0].strides if is_dense(inputs[0]) else elementwise(inputs[0])

    def copies(self, inputs: list[Operand], *, learns: bool) -> list[int]:
        """Where it is written out as two products, the second reads samples, axes in front and heads as one axis."""
        *front, keys, size = inputs[2].shape
        wide = 0 if self.lying(inputs)["fused"] else folded(inputs[2], (math.prod(front), keys, size))
        return [0, 0, wide, 0][: len(inputs)]

    def _pairs(self, queries: Size, keys: Size) -> Size:
        if self.window is None:
            return CAUSAL_PAIRS(queries, keys) if self.causal else queries * keys
        if self.causal:
            return SEEN_UP_TO(keys, self.window) - SEEN_UP_TO(keys - queries, self.window)
        return CENTRED_PAIRS(keys, (self.window - 1) // 2)
