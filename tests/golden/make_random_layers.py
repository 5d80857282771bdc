"""Write random_layers.json: random layers, good and bad, and what torch makes of them: output shapes, or a refusal.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_random_layers.py

Arguments and input shapes are drawn independently of each other from small ranges, so that about half of the layers
do not fit. Each is run on the CPU in eval mode; what each means in torch is make_layers.py's table and the one below.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from make_layers import ACTIVATIONS, FUNCTIONS, TORCH
from torch import Tensor, nn
from torch.nn import functional as F

SEED = 7032
Args = dict[str, Any]
Shapes = list[list[int]]
Call = Callable[..., Any]
rng = random.Random(SEED)


def maybe(**drawn: Any) -> Args:
    """Each argument with even odds."""
    return {name: value for name, value in drawn.items() if rng.random() < 0.5}


def size(most: int = 4, least: int = 1) -> int:
    return rng.randint(least, most)


def sizes(rank: int, most: int = 4, least: int = 1) -> int | list[int]:
    """One number, or a list that mostly has an entry for each axis; torch repeats a list of one."""
    count = rank if rng.random() < 0.85 or rank < 1 else size(3, 2)
    return size(most, least) if rng.random() < 0.6 else [size(most, least) for _ in range(count)]


def shape(rank: int, most: int = 7) -> list[int]:
    return [size(most) for _ in range(rank)]


def flag() -> bool:
    return rng.random() < 0.5


def image() -> list[int]:
    """Channels and mostly 1 to 3 axes after them."""
    return [rng.choice([1, 2, 3, 4, 6]), *shape(rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]))]


def axis(rank: int) -> int:
    """Never the batch's, which archspec does not write."""
    return rng.choice([place for place in range(-rank - 1, rank + 2) if place not in (0, -rank - 1)])


def conv(kind: str) -> tuple[Args, Shapes]:
    x = image()
    rank = len(x) - 1
    args = {"out": size(6), "kernel": sizes(rank, 4)}
    args |= maybe(
        stride=sizes(rank, 3), padding=sizes(rank, 2, 0), dilation=sizes(rank, 3), groups=size(3), bias=flag()
    )
    if kind == "conv_transpose":
        args |= maybe(output_padding=sizes(rank, 2, 0))
    return args, [x]


def pool(kind: str) -> tuple[Args, Shapes]:
    x = image()
    rank = len(x) - 1
    args: Args = {"kernel": sizes(rank, 5)} | maybe(stride=sizes(rank, 3), ceil=flag())
    if kind == "maxpool":
        args |= maybe(padding=sizes(rank, 3, 0), dilation=sizes(rank, 3))
    elif kind == "avgpool":
        args |= maybe(padding=sizes(rank, 3, 0), count_include_pad=flag())
    else:
        args["norm"] = rng.choice([1, 2, 3])
    return args, [x]


def adaptive(kind: str) -> tuple[Args, Shapes]:
    x = image()
    rank = len(x) - 1
    output: Any = sizes(rank, 9)
    if isinstance(output, list):
        output = [None if rng.random() < 0.2 and rank > 1 else one for one in output]
    return {"output": output}, [x]


def unpool(kind: str) -> tuple[Args, Shapes]:
    x = image()
    rank = len(x) - 1
    return {"kernel": sizes(rank, 3)} | maybe(stride=sizes(rank, 3), padding=sizes(rank, 1, 0)), [x]


def norm(kind: str) -> tuple[Args, Shapes]:
    x = [size(4), *[size(3) for _ in range(rng.choice([1, 1, 2, 2, 3] if kind == "instancenorm" else [0, 1, 2, 3]))]]
    if kind in ("layernorm", "rmsnorm"):
        return {"dims": size(len(x))} | maybe(affine=flag()), [x]
    if kind == "groupnorm":
        return {"groups": size(4)} | maybe(affine=flag()), [x]
    return ({"size": size(5)} if kind == "lrn" else maybe(affine=flag(), track=flag())), [x]


def features(kind: str) -> tuple[Args, Shapes]:
    return {"out": size(5)} | maybe(bias=flag()), [shape(rng.choice([0, 1, 2, 3]))]


def bilinear(kind: str) -> tuple[Args, Shapes]:
    rank = size(2)
    x = shape(rank, 3)
    return {"out": size(5)} | maybe(bias=flag()), [x, [*(x[:-1] if flag() else shape(rank - 1, 3)), size(5)]]


def recurrent(kind: str) -> tuple[Args, Shapes]:
    args = {"hidden": size(4)} | maybe(layers=size(2), bidirectional=flag(), bias=flag())
    return args | (maybe(proj=size(4)) if kind == "lstm" else {}), [shape(rng.choice([2, 2, 2, 3]))]


def spatial(kind: str) -> tuple[Args, Shapes]:
    key = "groups" if kind == "channel_shuffle" else "factor"
    x = shape(3, 4)
    x[0] = rng.choice([1, 2, 4, 6, 8, 9, 12])
    return {key: size(3)}, [x]


def upsample(kind: str) -> tuple[Args, Shapes]:
    x = image()
    rank = len(x) - 1
    scale = rng.choice([0.1, 0.5, 1.7, 2, [2.0, 3.0], [1.5] * max(rank, 1)])
    args: Args = {"size": sizes(rank, 9)} if flag() else {"scale": scale}
    return args | maybe(mode=rng.choice(["nearest", "linear", "bilinear", "bicubic", "trilinear"])), [x]


def pad(kind: str) -> tuple[Args, Shapes]:
    mode = rng.choice(["zero", "zero", "reflect", "replicate", "circular"])
    return {"padding": [size(3, -2) for _ in range(2 * size(3))], "mode": mode}, [image()]


def moved(kind: str) -> tuple[Args, Shapes]:
    x = shape(size(4), 4)
    rank = len(x)
    if kind == "permute":
        order = rng.sample(range(1, rank + 1), rank) if flag() else [size(4) for _ in range(size(4))]
        return {"order": order}, [x]
    if kind == "flatten":
        return maybe(start=axis(rank), end=axis(rank)), [x]
    if kind == "reshape":
        return {"shape": [rng.choice([-1, 1, 2, 3, 4, 6]) for _ in range(size(3))]}, [x]
    if kind == "select":
        return {"axis": axis(rank), "index": size(4, -4)}, [x]
    if kind == "slice":
        return {"axis": axis(rank)} | maybe(start=size(5, -5), end=size(6, -5), step=size(3)), [x]
    if kind == "roll":
        return {"shift": size(5, -5), "axes": axis(rank)}, [x]
    if kind == "split":
        return {"sizes": [size(4) for _ in range(size(3))], "axis": axis(rank)}, [x]
    return {"axis": axis(rank)}, [[rng.choice([1, 2]) for _ in x] if kind == "squeeze" else x]


def reduced(kind: str) -> tuple[Args, Shapes]:
    x = shape(size(4), 4)
    drawn = [axis(len(x)) for _ in range(size(2))]
    return {"axes": drawn} | maybe(keepdim=flag()), [x]


def along(kind: str) -> tuple[Args, Shapes]:
    x = shape(size(4), 4)
    return {"axis": axis(len(x))}, [x]


def element(kind: str) -> tuple[Args, Shapes]:
    return {}, [shape(rng.choice([0, 1, 2, 3, 4]), 4)]


def prelu(kind: str) -> tuple[Args, Shapes]:
    return maybe(per_channel=flag()), [shape(rng.choice([0, 1, 2, 3]), 4)]


def several(kind: str) -> tuple[Args, Shapes]:
    x = shape(size(3), 3)
    y = [one if rng.random() < 0.7 else rng.choice([1, 2]) for one in x]
    return ({"axis": axis(len(x))} if kind == "concat" else {}), [x, y]


def matrices(kind: str) -> tuple[Args, Shapes]:
    front, (m, k, n) = shape(size(2, 0), 3), shape(3, 5)
    return {}, [[*front, m, k], [*(front if rng.random() < 0.8 else shape(len(front), 3)), k if flag() else n, n]]


def heads(kind: str) -> tuple[Args, Shapes]:
    front = shape(rng.choice([0, 0, 0, 1, 2]), 3)
    q_heads, kv_heads, d = (*rng.choice([(2, 2), (4, 2), (4, 1), (4, 3), (2, 4)]), size(4))
    keys, queries = size(5), size(5)
    q, k = [*front, q_heads, queries, d], [*front, kv_heads, keys, d if rng.random() < 0.8 else size(4)]
    v = [*front, kv_heads, keys if rng.random() < 0.8 else size(5), size(4)]
    return {}, [q, k, v]


def multihead(kind: str) -> tuple[Args, Shapes]:
    embed, keys = rng.choice([4, 6, 8]), size(5)
    args = {"heads": size(4)} | maybe(bias=flag())
    q = [size(5), embed]
    return args, [q] if flag() else [q, [keys, size(8)], [keys if rng.random() < 0.8 else size(5), size(8)]]


def table(kind: str) -> tuple[Args, Shapes]:
    return {"vocab": size(9), "dim": size(5)}, [shape(size(3, 0), 4)]


DRAWN: dict[str, Callable[[str], tuple[Args, Shapes]]] = {
    **dict.fromkeys(("conv", "conv_transpose"), conv),
    **dict.fromkeys(("maxpool", "avgpool", "lppool"), pool),
    **dict.fromkeys(("adaptive_avgpool", "adaptive_maxpool"), adaptive),
    "max_unpool": unpool,
    **dict.fromkeys(("batchnorm", "instancenorm", "groupnorm", "layernorm", "rmsnorm", "lrn"), norm),
    "linear": features, "bilinear": bilinear, "embedding": table,
    **dict.fromkeys(("rnn", "lstm", "gru"), recurrent),
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle", "channel_shuffle"), spatial),
    "upsample": upsample, "pad": pad,
    **dict.fromkeys(
        ("permute", "flatten", "reshape", "select", "slice", "roll", "split", "squeeze", "unsqueeze"), moved
    ),
    **dict.fromkeys(("mean", "sum", "max"), reduced),
    **dict.fromkeys(("glu", "softmax", "log_softmax", "normalize"), along),
    "prelu": prelu, **dict.fromkeys((*ACTIVATIONS, "dropout", "identity"), element),
    **dict.fromkeys(("add", "sub", "mul", "div", "concat"), several),
    "matmul": matrices, "scaled_dot_product_attention": heads, "multihead_attention": multihead,
}  # fmt: skip


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, enable_gqa=q.ndim > 3 and q.shape[-3] != k.shape[-3])


def own_heads(args: Args, shapes: Shapes) -> Call:
    sides = {} if len(shapes) == 1 else {"kdim": shapes[1][-1], "vdim": shapes[2][-1]}
    module = nn.MultiheadAttention(
        shapes[0][-1], args["heads"], bias=args.get("bias", True), batch_first=True, **sides
    ).eval()
    return lambda q, *others: module(q, *(others or (q, q)), need_weights=False)[0]


# What make_layers.py has not, or for fewer arguments. Axes are counted with the batch at 0, as archspec counts them.
MORE: dict[str, Callable[[Args, Shapes], Call]] = {
    "select": lambda a, s: lambda x: x.select(a["axis"], a["index"]),
    "slice": lambda a, s: lambda x: x[
        (*[slice(None)] * (range(x.ndim)[a["axis"]]), slice(a.get("start"), a.get("end"), a.get("step")))
    ],
    "roll": lambda a, s: lambda x: x.roll(a["shift"], a["axes"]),
    "split": lambda a, s: lambda x: x.split(a["sizes"], a["axis"]),
    "reshape": lambda a, s: lambda x: x.reshape(x.shape[0], *a["shape"]),
    "squeeze": lambda a, s: lambda x: x.squeeze(a["axis"]),
    "unsqueeze": lambda a, s: lambda x: x.unsqueeze(a["axis"]),
    "mean": lambda a, s: lambda x: x.mean(a["axes"], a.get("keepdim", False)),
    "sum": lambda a, s: lambda x: x.sum(a["axes"], a.get("keepdim", False)),
    "max": lambda a, s: lambda x: x.amax(a["axes"], a.get("keepdim", False)),
    "softmax": lambda a, s: nn.Softmax(a["axis"]),
    "log_softmax": lambda a, s: nn.LogSoftmax(a["axis"]),
    "normalize": lambda a, s: lambda x: F.normalize(x, dim=a["axis"]),
    "dropout": lambda a, s: nn.Dropout().eval(),
    "identity": lambda a, s: nn.Identity(),
    "add": lambda a, s: torch.add, "sub": lambda a, s: torch.sub, "mul": lambda a, s: torch.mul,
    "div": lambda a, s: torch.div, "concat": lambda a, s: lambda *x: torch.cat(x, a["axis"]),
    "scaled_dot_product_attention": lambda a, s: attention,
    "multihead_attention": own_heads,
}  # fmt: skip


def call_of(kind: str, args: Args, shapes: Shapes) -> Call:
    """The layer as torch has it; where it is no class or function at all, an exception."""
    if kind in MORE:
        return MORE[kind](args, shapes)
    made = TORCH[kind](args, shapes)
    module = made.module()
    if kind == "max_unpool":
        return lambda x: module(x, torch.zeros(x.shape, dtype=torch.int64))  # type: ignore[misc]
    return module or (lambda *x: FUNCTIONS[made.name](*x, *made.args, **made.kwargs))


def case(kind: str) -> dict[str, Any]:
    """A random layer, run once."""
    args, shapes = DRAWN[kind](kind)
    batch = size(2)
    usual = "int64" if kind == "embedding" else "float32"
    dtypes = [usual if rng.random() < 0.85 else rng.choice(["float32", "int64", "bool"]) for _ in shapes]
    drawn = {"kind": kind, "args": args, "batch": batch, "inputs": shapes, "dtypes": dtypes}
    try:
        with torch.no_grad():
            inputs = [
                torch.zeros(batch, *one, dtype=getattr(torch, dtype)) for one, dtype in zip(shapes, dtypes, strict=True)
            ]
            result = call_of(kind, args, shapes)(*inputs)
    except Exception as fault:  # torch refuses in many ways, an AttributeError for nn.Conv4d among them
        return drawn | {"outputs": None, "said": f"{type(fault).__name__}: {' '.join(str(fault).split())}"[:90]}
    if kind in ("rnn", "lstm", "gru"):
        result = result[0]
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    return drawn | {"outputs": [list(one.shape) for one in outputs], "dtype": str(outputs[0].dtype)[6:]}


def times(kind: str) -> int:
    """How many of a kind are drawn: most of those with the most arguments."""
    return 8 if kind in ACTIVATIONS else 120 if DRAWN[kind] in (conv, pool, norm, heads) else 40


if __name__ == "__main__":
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    lines = {json.dumps(case(kind)): None for kind in DRAWN for _ in range(times(kind))}
    target = Path(__file__).with_name("random_layers.json")
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    refused = sum('"outputs": null' in line for line in lines)
    print(f"{len(lines)} layers, {refused} refused -> {target.name}, torch {torch.__version__}")
