"""Seeded random configurations for make_layers.py. Some of them torch refuses: those become error cases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from chosen_cases import Config


def sampled(rng: random.Random) -> Iterator[Config]:
    for _ in range(110):
        yield _sampled_conv(rng)
    for _ in range(70):
        yield _sampled_conv_transpose(rng)
    for _ in range(90):
        yield _sampled_pool(rng)


def _per_axis(rng: random.Random, rank: int, choices: list[int]) -> int | list[int]:
    return rng.choice(choices) if rng.random() < 0.4 else [rng.choice(choices) for _ in range(rank)]


def _some(rng: random.Random, args: dict[str, Any]) -> dict[str, Any]:
    """Leave out a third of the optional arguments, so that defaults are measured too."""
    return {k: v for k, v in args.items() if rng.random() < 0.67}


def _sampled_conv(rng: random.Random) -> Config:
    rank, groups = rng.randint(1, 3), rng.choice([1, 1, 2, 3])
    shape = [groups * rng.randint(1, 3), *(rng.randint(3, 11) for _ in range(rank))]
    optional = {
        "stride": _per_axis(rng, rank, [1, 2, 3, 5]),
        "padding": _per_axis(rng, rank, [0, 1, 2, 3]),
        "dilation": _per_axis(rng, rank, [1, 1, 2, 3]),
        "bias": rng.random() < 0.5,
    }
    grouped = {"groups": groups} if groups > 1 else {}
    args = {"out": groups * rng.randint(1, 3), "kernel": _per_axis(rng, rank, [1, 2, 3, 4, 5])}
    return "conv", {**args, **_some(rng, optional), **grouped}, [shape]


def _sampled_conv_transpose(rng: random.Random) -> Config:
    _, args, shapes = _sampled_conv(rng)
    shapes = [[shapes[0][0], *(min(n, 6) for n in shapes[0][1:])]]
    if rng.random() < 0.6:
        args["output_padding"] = _per_axis(rng, len(shapes[0]) - 1, [0, 0, 1, 1, 2])
    return "conv_transpose", args, shapes


def _sampled_pool(rng: random.Random) -> Config:
    rank, kind = rng.randint(1, 3), rng.choice(["maxpool", "maxpool", "avgpool", "lppool"])
    shape = [2, *(rng.randint(3, 12) for _ in range(rank))]
    kernel = _per_axis(rng, rank, [1, 2, 3, 4])
    smallest = kernel if isinstance(kernel, int) else min(kernel)
    optional: dict[str, Any] = {"stride": _per_axis(rng, rank, [1, 2, 3, 5]), "ceil": rng.random() < 0.7}
    if kind != "lppool":
        optional["padding"] = _per_axis(rng, rank, list(range(smallest // 2 + 1)))
    if kind == "maxpool":
        optional["dilation"] = _per_axis(rng, rank, [1, 1, 2])
    if kind == "avgpool":
        optional["count_include_pad"] = rng.random() < 0.5
    norm = {"norm": rng.choice([1, 2])} if kind == "lppool" else {}
    return kind, {**norm, "kernel": kernel, **_some(rng, optional)}, [shape]
