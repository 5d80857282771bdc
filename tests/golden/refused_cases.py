"""Configurations for make_layers.py picked because a shape rule is tempted to get their refusal wrong.

Torch has the last word: the few that it runs after all are measured like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from chosen_cases import Config, each


def refused() -> Iterator[Config]:
    image = [3, 5, 5]
    yield from each(
        "conv",
        [image],
        {"out": 4, "kernel": 6},
        {"out": 4, "kernel": 8, "padding": 1},
        {"out": 4, "kernel": 3, "dilation": 3},
        {"out": 4, "kernel": [3, 6]},
        {"out": 4, "kernel": 3, "groups": 2},
        {"out": 4, "kernel": 3, "groups": 3},
        {"out": 4, "kernel": 3, "stride": 0},
        {"out": 4, "kernel": 3, "padding": -1},
        {"out": 4, "kernel": 3, "groups": 0},
        {"out": 4, "kernel": 0},
        {"out": 4, "kernel": 3, "dilation": 0},
        {"out": 4, "kernel": [3, 3, 3]},
        {"out": 4, "kernel": 3, "stride": [1, 2, 3]},
        {"out": 4, "kernel": 3, "stride": 2, "padding": "same_upper"},
    )
    yield from each("conv", [[2, 4]], {"out": 3, "kernel": 5}, {"out": 3, "kernel": 2, "dilation": 4})
    yield from each("conv", [[2, 4, 4, 2]], {"out": 3, "kernel": 3}, {"out": 3, "kernel": [1, 5, 1]})
    up = {"out": 4, "kernel": 3, "stride": 2}
    yield from each(
        "conv_transpose",
        [image],
        {**up, "output_padding": 2},
        {**up, "output_padding": [1, 2]},
        {**up, "groups": 2},
        {**up, "kernel": 1, "stride": 1, "padding": 3},
        {**up, "out": 5, "groups": 3},
        {**up, "stride": 1, "output_padding": 1},
        {**up, "dilation": 2, "output_padding": 3},
        {**up, "padding": -1},
    )
    yield from each(
        "maxpool",
        [image],
        {"kernel": 6},
        {"kernel": 3, "padding": 2},
        {"kernel": 3, "dilation": 3},
        {"kernel": 2, "stride": 0},
        {"kernel": 6, "ceil": True},
        {"kernel": 2, "dilation": 2, "padding": 2},
        {"kernel": 0},
        {"kernel": [2, 2, 2]},
        {"kernel": 2, "dilation": 0},
        {"kernel": 2, "padding": -1},
        {"kernel": [2, 3], "padding": [1, 2]},
        {"kernel": 7, "stride": 2, "ceil": True},
        {"kernel": 7, "stride": 3, "ceil": True},
    )
    yield from each(
        "avgpool",
        [image],
        {"kernel": 6},
        {"kernel": 2, "padding": 2},
        {"kernel": 6, "padding": 3, "stride": 0},
        {"kernel": 8, "padding": 1},
        {"kernel": [5, 6]},
    )
    yield from each("avgpool", [[3, 4]], {"kernel": 5}, {"kernel": 3, "padding": 2})
    yield from each("lppool", [image], {"norm": 2, "kernel": 6})
    yield from each(
        "max_unpool",
        [image],
        {"kernel": 2, "output": [3, 3]},
        {"kernel": 2, "output": [8, 8]},
        {"kernel": 2, "output": [12, 13]},
    )
    yield from each("adaptive_avgpool", [image], {"output": [2, 2, 2]}, {"output": -1})
    yield from each("groupnorm", [[6, 4]], {"groups": 4}, {"groups": 0})
    yield from each("glu", [[5, 3]], {}, {"axis": 1}, {"axis": 3})
    yield from each("pixel_shuffle", [[6, 4, 4]], {"factor": 2}, {"factor": 0})
    yield from each("pixel_unshuffle", [[6, 5, 4]], {"factor": 2})
    yield from each("channel_shuffle", [[6, 4, 4]], {"groups": 4}, {"groups": 0})
    yield from each("flatten", [[3, 4]], {"start": 3}, {"start": 2, "end": 1}, {"end": 3})
    yield from each(
        "pad",
        [image],
        {"padding": [5, 0, 0, 0], "mode": "reflect"},
        {"padding": [1, 2, 3]},
        {"padding": [-3, -3]},
        {"padding": [0] * 10},
        {"padding": [1, 1, 1, 1, 1, 1], "mode": "replicate"},
        {"padding": [-3, -2]},
    )
    yield from each("permute", [image], {"order": [1, 2]}, {"order": [1, 1, 2]}, {"order": [1, 2, 4]})
    yield from each(
        "upsample",
        [image],
        {"scale": 0.1},
        {"size": 0},
        {"size": 4, "mode": "linear"},
        {"scale": 2, "mode": "trilinear"},
        {"size": [4, 4, 4]},
        {"size": 4, "scale": 2},
        {},
    )
    yield from each(
        "lstm", [[4, 3]], {"hidden": 4, "proj": 4}, {"hidden": 0}, {"hidden": 3, "layers": 0}, {"hidden": 3, "proj": -1}
    )
    yield from each("gru", [[4, 3]], {"hidden": 4, "proj": 2})
    yield from each("rnn", [[4, 3]], {"hidden": 4, "proj": 2})
    yield from (("matmul", {}, pair) for pair in ([[4, 5], [4, 5]], [[3, 4, 5], [2, 5, 6]], [[4, 5], [6, 5]]))
    yield "bilinear", {"out": 3}, [[5, 4], [6, 4]]
    for shapes in (
        [[4, 6, 8], [3, 6, 8], [3, 6, 8]],
        [[4, 6, 8], [4, 6, 7], [4, 6, 8]],
        [[4, 6, 8], [4, 5, 8], [4, 6, 8]],
    ):
        yield "scaled_dot_product_attention", {}, shapes
