"""The configurations written out for make_layers.py, in archspec's argument names; input shapes have no batch axis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

Config = tuple[str, dict[str, Any], list[list[int]]]
PLAIN = (
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "tanh",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "softplus",
    "softsign",
    "softmax",
    "log_softmax",
)
MODES = {1: ("nearest", "linear"), 2: ("nearest", "bilinear", "bicubic"), 3: ("nearest", "trilinear")}


def each(kind: str, inputs: list[list[int]], *all_args: dict[str, Any]) -> Iterator[Config]:
    for args in all_args:
        yield kind, args, inputs


def chosen() -> Iterator[Config]:
    yield from _chosen_convs()
    yield from _chosen_pools()
    yield from _chosen_dense()
    yield from _chosen_norms()
    yield from _chosen_elementwise()
    yield from _chosen_reshapes()


def _chosen_convs() -> Iterator[Config]:
    k3 = {"out": 6, "kernel": 3}
    for shape in ([3, 8], [3, 8, 8], [3, 6, 8, 7]):
        rank = len(shape) - 1
        yield from each(
            "conv",
            [shape],
            k3,
            {**k3, "bias": False},
            {**k3, "groups": 3},
            {**k3, "stride": 2},
            {**k3, "padding": 1},
            {**k3, "dilation": 2},
            {"out": 4, "kernel": 1},
            {"out": 4, "kernel": 1, "stride": 3},
            {"out": 5, "kernel": 2, "stride": 5},
            {"out": 5, "kernel": 4, "padding": 2, "stride": 2},
            {"out": 3, "kernel": 3, "groups": 3, "padding": 1, "bias": False},
            {
                **k3,
                "kernel": [3, 2, 5][:rank],
                "stride": [2, 1, 3][:rank],
                "padding": [0, 2, 1][:rank],
                "dilation": [1, 2, 1][:rank],
            },
            {**k3, "padding": "half"},
            {**k3, "kernel": 4, "padding": "half", "stride": 2},
            {**k3, "padding": "same_upper"},
            {**k3, "kernel": 4, "padding": "same_upper", "dilation": 2},
            {**k3, "kernel": [5, 2, 3][:rank], "padding": "same_upper"},
            {**k3, "kernel": 6, "padding": 7},
            {"out": 2, "kernel": shape[1:]},
        )
        up = {"out": 4, "kernel": 3, "stride": 2}
        yield from each(
            "conv_transpose",
            [shape],
            {"out": 4, "kernel": 3},
            up,
            {**up, "bias": False},
            {**up, "padding": 1},
            {**up, "padding": 1, "output_padding": 1},
            {**up, "kernel": 2},
            {**up, "kernel": 4, "padding": 1},
            {**up, "dilation": 2},
            {**up, "out": 6, "groups": 3},
            {**up, "kernel": 1},
            {**up, "kernel": 2, "stride": 4},
            {**up, "stride": 1, "dilation": 2, "output_padding": 1},
            {**up, "stride": 3, "dilation": 1, "output_padding": 2},
            {"out": 2, "kernel": 3, "padding": 2},
            {
                **up,
                "stride": [2, 3, 1][:rank],
                "kernel": [4, 3, 2][:rank],
                "padding": [1, 0, 1][:rank],
                "output_padding": [1, 2, 0][:rank],
            },
        )


def _chosen_pools() -> Iterator[Config]:
    for rank in (1, 2, 3):
        # Under ceil, sizes around the step decide whether a last window that would start in the padding is dropped.
        for size, kernel, stride, padding in (
            (5, 2, 2, 0),
            (5, 2, 2, 1),
            (4, 2, 2, 1),
            (6, 3, 2, 1),
            (7, 3, 2, 1),
            (5, 2, 3, 1),
            (7, 3, 4, 1),
            (4, 2, 4, 1),
            (6, 2, 5, 0),
            (5, 4, 3, 2),
            (1, 2, 1, 1),
        ):
            base = {"kernel": kernel, "stride": stride, "padding": padding}
            yield from each("maxpool", [[2] + [size] * rank], base, {**base, "ceil": True})
            yield from each("avgpool", [[2] + [size] * rank], {**base, "ceil": True})
        shape = [3, 7, 9, 8][: rank + 1]
        lists = {"kernel": [3, 2, 4][:rank], "stride": [2, 3, 1][:rank], "padding": [1, 0, 2][:rank]}
        yield from each(
            "maxpool",
            [shape],
            {"kernel": 2},
            {"kernel": 2, "stride": 1},
            {"kernel": 2, "stride": 3},
            lists,
            {**lists, "ceil": True},
            {"kernel": 3, "dilation": 2},
            {"kernel": 2, "dilation": 3, "stride": 2, "ceil": True},
            {"kernel": 3, "dilation": [3, 1, 2][:rank], "padding": 1},
        )
        yield from each(
            "avgpool",
            [shape],
            {"kernel": 2},
            {"kernel": 3, "padding": 1, "count_include_pad": False},
            lists,
            {**lists, "ceil": True, "count_include_pad": False},
        )
        yield from each(
            "lppool",
            [shape],
            {"norm": 2, "kernel": 2},
            {"norm": 1, "kernel": 3, "stride": 2, "ceil": True},
            {"norm": 2, "kernel": [2, 3, 2][:rank], "stride": [1, 2, 3][:rank]},
        )
        for kind, output in product(("adaptive_avgpool", "adaptive_maxpool"), (1, 3, 11, [4, 2, 5][:rank])):
            yield kind, {"output": output}, [shape]
        yield "global_avgpool", {}, [shape]
        yield from each(
            "max_unpool",
            [shape],
            {"kernel": 2},
            {"kernel": 3, "stride": 2},
            {"kernel": 3, "stride": 2, "padding": 1},
            {"kernel": 2, "output": [2 * n + 1 for n in shape[1:]]},
            {"kernel": [2, 3, 2][:rank], "stride": [2, 3, 1][:rank]},
        )
    for kind in ("adaptive_avgpool", "adaptive_maxpool"):
        yield from each(kind, [[3, 7, 9]], {"output": [None, 4]}, {"output": [5, None]}, {"output": [None, None]})
        yield from each(kind, [[3, 7, 9, 5]], {"output": [1, None, None]}, {"output": [None, 2, 8]})


def _chosen_dense() -> Iterator[Config]:
    for shape, bias in product(([8], [5, 8], [4, 5, 8], [1]), ({}, {"bias": False}, {"bias": True})):
        yield "linear", {"out": 6, **bias}, [shape]
        yield "bilinear", {"out": 3, **bias}, [shape, [*shape[:-1], 4]]
    for shape in ([7], [3, 7], [1], [2, 3, 4]):
        yield from each("embedding", [shape], {"vocab": 11, "dim": 4}, {"vocab": 1, "dim": 1})
    options = product((1, 2, 3), (False, True), (False, True))
    for layers, both, bias in options:
        args = {"hidden": 5, "layers": layers, "bidirectional": both, "bias": bias}
        for kind in ("rnn", "lstm", "gru"):
            yield kind, args, [[6, 3]]
        yield "lstm", {**args, "proj": 2}, [[6, 3]]
    for kind in ("rnn", "lstm", "gru"):
        yield from each(kind, [[1, 4]], {"hidden": 4}, {"hidden": 1, "bidirectional": True}, {"hidden": 7, "layers": 2})
    for left, right in (
        ([4, 5], [5, 6]),
        ([3, 4, 5], [3, 5, 2]),
        ([1, 4, 5], [3, 5, 2]),
        ([3, 4, 5], [1, 5, 2]),
        ([2, 3, 1, 5], [2, 1, 5, 4]),
        ([1, 7], [7, 1]),
    ):
        yield "matmul", {}, [left, right]
    for heads, kv, tq, tk, d, dv in (
        (4, 4, 6, 6, 8, 8),
        (4, 2, 6, 6, 8, 8),
        (4, 1, 5, 7, 8, 8),
        (1, 1, 1, 9, 4, 4),
        (2, 2, 3, 5, 4, 6),
        (6, 3, 4, 4, 2, 5),
    ):
        yield from each(
            "scaled_dot_product_attention", [[heads, tq, d], [kv, tk, d], [kv, tk, dv]], {}, {"causal": True}
        )


def _chosen_norms() -> Iterator[Config]:
    for shape in ([6], [6, 5], [6, 5, 4], [6, 3, 5, 4]):
        yield from each(
            "batchnorm", [shape], {}, {"affine": False}, {"track": False}, {"affine": False, "track": False}
        )
        yield from each("groupnorm", [shape], {"groups": 3}, {"groups": 1, "affine": False}, {"groups": 6})
        yield "lrn", {"size": 5}, [shape]
        for dims in range(1, len(shape) + 1):
            yield from each(
                "layernorm",
                [shape],
                {"dims": dims},
                {"dims": dims, "affine": False},
                {"dims": dims, "bias": False},
                {"dims": dims, "affine": False, "bias": True},
            )
            yield from each("rmsnorm", [shape], {"dims": dims}, {"dims": dims, "affine": False})
        if len(shape) > 1:
            yield from each(
                "instancenorm", [shape], {}, {"affine": True}, {"track": True}, {"affine": True, "track": True}
            )


def _chosen_elementwise() -> Iterator[Config]:
    for kind in PLAIN:
        yield from ((kind, {}, [shape]) for shape in ([6], [3, 4, 5]))
    for shape in ([6], [6, 4], [6, 4, 2]):
        yield from each("prelu", [shape], {}, {"per_channel": False}, {"per_channel": True})
        yield from each("glu", [shape], {}, {"axis": 1}, {"axis": -1}, {"axis": len(shape)})
        yield "glu", {"axis": -len(shape)}, [shape]


def _chosen_reshapes() -> Iterator[Config]:
    yield from each(
        "flatten",
        [[3, 4, 5, 6]],
        {},
        {"start": 2},
        {"end": 2},
        {"start": 2, "end": 3},
        {"start": 3, "end": 3},
        {"start": -2},
        {"start": 1, "end": -2},
        {"start": -3, "end": -1},
    )
    yield from (("flatten", {}, [shape]) for shape in ([7], [3, 4]))
    for factor in (1, 2, 3):
        yield "pixel_shuffle", {"factor": factor}, [[36, 4, 6]]
        yield "pixel_unshuffle", {"factor": factor}, [[5, 12, 6]]
    yield from (
        ("channel_shuffle", {"groups": g}, [shape]) for g in (1, 2, 3, 6) for shape in ([6, 4, 5], [6, 4], [6, 2, 3, 4])
    )
    for rank in (1, 2, 3):
        shape = [2, 5, 4, 3][: rank + 1]
        for mode in MODES[rank]:
            yield from each(
                "upsample",
                [shape],
                {"scale": 2, "mode": mode},
                {"size": [8, 3, 7][:rank], "mode": mode},
                {"scale": 1.5, "mode": mode},
                {"scale": 0.7, "mode": mode},
                {"size": 6, "mode": mode},
            )
        # 5 * 1.2, 5 * 2.2 and 5 * 0.6 fall on or beside an integer in binary floating point.
        yield from each(
            "upsample",
            [shape],
            {"scale": 2},
            {"scale": [2, 3, 1.5][:rank], "mode": "nearest"},
            {"scale": 1.2},
            {"scale": 2.2},
            {"scale": 0.6},
            {"size": 9},
        )
    for n, size in product((3, 7, 10, 25, 29, 100), (1.1, 2.3, 1.4, 0.29)):
        yield "upsample", {"scale": size}, [[1, n]]
    for mode in ("zero", "reflect", "replicate"):
        yield from each("pad", [[2, 6]], {"padding": [1, 2], "mode": mode}, {"padding": [0, 3], "mode": mode})
        yield from each(
            "pad", [[2, 6, 5]], {"padding": [1, 2, 3, 4], "mode": mode}, {"padding": [0, 1, 0, 0], "mode": mode}
        )
        yield from each("pad", [[2, 6, 5, 4]], {"padding": [1, 2, 0, 1, 3, 2], "mode": mode})
        yield "pad", {"padding": [-1, 2, 1, -2], "mode": mode}, [[2, 6, 5]]
    yield from each(
        "pad", [[2, 6, 5]], {"padding": [1, 2]}, {"padding": [0, 0, 0, 0, 1, 3]}, {"padding": [-1, -1, -2, 0]}
    )
    yield from each(
        "permute", [[3, 4, 5]], *({"order": order} for order in ([1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 3, 2], [3, 2, 1]))
    )
    yield from each("permute", [[3, 4]], {"order": [2, 1]})
    yield from each(
        "permute", [[2, 3, 4, 5]], {"order": [4, 2, 1, 3]}, {"order": [2, 3, 4, 1]}, {"order": [1, -1, 2, 3]}
    )
