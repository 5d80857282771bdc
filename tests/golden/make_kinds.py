"""Write kinds.json: what torch makes of functions on tensors of random shapes, good ones and bad ones.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0
    python tests/golden/make_kinds.py

A list of cases, one to a line: kind and arguments by archspec's names, shapes with the batch, and the shapes that come
out; null where torch refuses. The calls are those of torch_functions.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor
from torch_functions import INTEGERS, called, listed

SEED = 2410
PER_KIND = 60
Args = dict[str, Any]
Shapes = list[list[int]]
random = Random(SEED)


def shape(least: int = 1, most: int = 3, largest: int = 4) -> list[int]:
    """Sizes after a batch of 2."""
    return [2, *(random.randint(1, largest) for _ in range(random.randint(least, most)))]


def axis(sizes: list[int]) -> int:
    """One of the axes after the batch, or one that is not there."""
    return random.choice([*range(1, len(sizes)), *range(1 - len(sizes), 0), len(sizes), -len(sizes) - 1])


def changed(sizes: list[int]) -> list[int]:
    """A shape like another one, or almost."""
    other = [*sizes]
    for _ in range(random.choice((0, 0, 1, 2)) if len(other) > 1 else 0):
        place = random.randrange(1, len(other))
        other[place] = random.choice((1, other[place] + 1, max(other[place] - 1, 1)))
    return other[: random.choice((len(other),) * 4 + (max(len(other) - 1, 1),))]


def reduction() -> tuple[Args, Shapes]:
    sizes = shape()
    chosen = [axis(sizes) for _ in range(random.choice((1, 1, 2)))]
    return {"axes": chosen, "keepdim": random.random() < 0.5}, [sizes]


def expand() -> tuple[Args, Shapes]:
    sizes = [2, *(random.choice((1, 1, 3)) for _ in range(random.randint(1, 3)))]
    goal = [random.choice((-1, size if size > 1 else 4, size, 2)) for size in sizes[1:]]
    return {"shape": [random.choice((2, 5, -1))] * random.choice((0, 0, 1)) + goal[random.choice((0, 0, 0, 1)) :]}, [
        sizes
    ]


def gather() -> tuple[Args, Shapes]:
    sizes = shape(1, 3)
    return {"axis": axis(sizes)}, [sizes, changed(sizes)]


def index() -> tuple[Args, Shapes]:
    sizes = shape(1, 3)
    if random.random() < 0.3:
        return {"axis": axis(sizes), "positions": [random.randint(-5, 4) for _ in range(random.randint(1, 3))]}, [sizes]
    chosen = shape(1, 2)
    chosen[0] = random.choice((1, 2, 2, 3))
    sizes[0] = random.choice((1, 2, 2))
    return {"axis": axis(sizes)}, [sizes, chosen]


def scatter() -> tuple[Args, Shapes]:
    sizes = shape(1, 3)
    chosen = changed(sizes)
    values = random.choice(([*chosen], [2, *(size + 1 for size in chosen[1:])], changed(chosen)))
    return {"axis": axis(sizes)}, [sizes, chosen, values]


def window() -> Args:
    steps: Args = {name: random.choice((1, 1, 2, [2, 1])) for name in ("stride", "dilation")}
    return {**steps, "padding": random.choice((0, 0, 1, [1, 0])), "kernel": random.choice((1, 2, 3, [2, 3]))}


def unfold() -> tuple[Args, Shapes]:
    return window(), [[2, *(random.randint(1, 6) for _ in range(random.choice((3, 3, 3, 3, 2))))]]


def fold() -> tuple[Args, Shapes]:
    args, sizes = window(), [random.randint(3, 5), random.randint(3, 5)]
    pairs = [listed(args[name]) * 2 for name in ("kernel", "stride", "dilation", "padding")]
    windows, area = 1, 1
    for size, kernel, stride, dilation, padding in zip(sizes, *pairs, strict=False):
        windows *= (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        area *= kernel
    columns = [2, 3 * area + random.choice((0, 0, 0, 1)), max(windows + random.choice((0, 0, 0, 1)), 1)]
    return {**args, "size": sizes}, [columns]


def dynamic_conv() -> tuple[Args, Shapes]:
    groups, rank = random.choice((1, 1, 2)), random.randint(1, 2)
    weight = [random.choice((1, 2, 2, 2, 3)), random.choice((2, 4, 3)), 4 // groups + random.choice((0, 0, 0, 1))]
    sizes = [2, 4, *(random.randint(2, 6) for _ in range(rank))]
    steps = {name: random.choice((1, 1, 2)) for name in ("stride", "dilation")}
    args = {**steps, "padding": random.choice((0, 1)), "groups": groups}
    return args, [sizes, [*weight, *(random.randint(1, 3) for _ in range(rank + random.choice((0, 0, 0, 0, 1))))]]


def grid_sample() -> tuple[Args, Shapes]:
    grid = [random.choice((2, 2, 2, 1)), random.randint(1, 4), random.randint(1, 4), random.choice((2, 2, 2, 3))]
    args = {"mode": random.choice(("bilinear", "nearest")), "align_corners": random.random() < 0.5}
    return args, [shape(random.choice((3, 3, 3, 2)), 3), grid]


def several(count: int) -> Callable[[], tuple[Args, Shapes]]:
    def make() -> tuple[Args, Shapes]:
        sizes = shape()
        return {"broadcast": True}, [changed(sizes) for _ in range(count)]

    return make


def rope() -> tuple[Args, Shapes]:
    sizes = [*shape(1, 2, 6), random.randint(2, 6)]
    return random.choice(({}, {"dim": random.randint(1, 7)}, {"dim": 2, "interleaved": True})), [sizes]


MADE: dict[str, Callable[[], tuple[Args, Shapes]]] = {
    "min": reduction, "var": reduction, "std": reduction, "expand": expand, "gather": gather, "index": index,
    "tile": lambda: ({"repeats": [random.randint(1, 3) for _ in range(random.randint(1, 3))]}, [shape(1, 3)]),
    "cumsum": lambda: ((sizes := shape()) and {"axis": axis(sizes)}, [sizes]),
    "minimum": several(2), "maximum": several(3), "where": several(3), "masked_fill": several(2), "rope": rope,
    "unfold": unfold, "fold": fold, "dynamic_conv": dynamic_conv, "grid_sample": grid_sample,
    "compare": several(2), "pow": several(2), "scatter": scatter, "scatter_add": scatter,
    "topk": lambda: ((sizes := shape()) and {"axis": axis(sizes), "k": random.randint(1, 4)}, [sizes]),
    "argmax": lambda: ((sizes := shape()) and {"axis": axis(sizes), "keepdim": random.random() < 0.5}, [sizes]),
}  # fmt: skip
GIVEN = {"masked_fill": {"value": 1.0}, "compare": {"op": "lt"}, "rope": {"theta": 1e4}}


def outcome(kind: str, args: Args, shapes: Shapes) -> Shapes | None:
    """The shapes that come out, None where torch refuses; indices are zeros."""
    tensors = [
        torch.zeros(sizes, dtype=getattr(torch, INTEGERS.get(kind, {}).get(place, "float32")))
        for place, sizes in enumerate(shapes)
    ]
    try:
        result = called(kind, **args)(*tensors)
    except (RuntimeError, IndexError, ValueError, TypeError):
        return None
    return [list(output.shape) for output in ([result] if isinstance(result, Tensor) else result)]


def main() -> None:
    """Draw and run."""
    cases = []
    for kind, make in MADE.items():
        for _ in range(PER_KIND):
            args, shapes = make()
            args = {**GIVEN.get(kind, {}), **args}
            cases.append({"kind": kind, "args": args, "inputs": shapes, "outputs": outcome(kind, args, shapes)})
    unique = dict.fromkeys(map(json.dumps, cases))
    (Path(__file__).parent / "kinds.json").write_text("[\n" + ",\n".join(unique) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
