"""Write dtypes.json: which dtypes of inputs each kind's function takes in PyTorch, and what dtype comes out.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.13.0 numpy
    python tests/golden/make_dtypes.py

A list of cases, one to a line: the kind, arguments where they matter, the dtypes of its inputs in order, and the dtype
of the output, null where torch refuses. Weights are float32, modules run in eval mode on the CPU, inputs are zeros.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch_functions import PLAIN, Weighted, called

IMAGE, SEQUENCE = (2, 4, 6, 6), (2, 6, 8)
SELF_ATTENTION = nn.MultiheadAttention(8, 2, batch_first=True).eval()
DTYPES = ("float32", "float16", "int64", "int32", "uint8", "bool")


# Kind: what runs, and the shapes of its inputs. One call stands for a kind unless two of its forms differ.
ONE: dict[str, tuple[Any, tuple[int, ...]]] = {
    "conv": (nn.Conv2d(4, 6, 3), IMAGE),
    "conv_transpose": (nn.ConvTranspose2d(4, 6, 3), IMAGE),
    "linear": (nn.Linear(8, 5), SEQUENCE),
    "batchnorm": (nn.BatchNorm2d(4), IMAGE),
    "instancenorm": (nn.InstanceNorm2d(4), IMAGE),
    "groupnorm": (nn.GroupNorm(2, 4), IMAGE),
    "layernorm": (nn.LayerNorm(8), SEQUENCE),
    "rmsnorm": (nn.RMSNorm(8), SEQUENCE),
    "lrn": (nn.LocalResponseNorm(3), IMAGE),
    "normalize": (lambda x: F.normalize(x, dim=1), SEQUENCE),
    "rnn": (nn.RNN(8, 5, batch_first=True), SEQUENCE),
    "lstm": (nn.LSTM(8, 5, batch_first=True), SEQUENCE),
    "gru": (nn.GRU(8, 5, batch_first=True), SEQUENCE),
    "embedding": (nn.Embedding(11, 4), (2, 6)),
    "multihead_attention": (lambda x: SELF_ATTENTION(x, x, x), SEQUENCE),
    "maxpool": (nn.MaxPool2d(2), IMAGE),
    "avgpool": (nn.AvgPool2d(2), IMAGE),
    "lppool": (nn.LPPool2d(2, 2), IMAGE),
    "adaptive_avgpool": (nn.AdaptiveAvgPool2d(2), IMAGE),
    "adaptive_maxpool": (nn.AdaptiveMaxPool2d(2), IMAGE),
    "global_avgpool": (nn.AdaptiveAvgPool2d(1), IMAGE),
    "global_maxpool": (nn.AdaptiveMaxPool2d(1), IMAGE),
    "relu": (nn.ReLU(), IMAGE), "relu6": (nn.ReLU6(), IMAGE), "leaky_relu": (nn.LeakyReLU(), IMAGE),
    "elu": (nn.ELU(), IMAGE), "selu": (nn.SELU(), IMAGE), "celu": (nn.CELU(), IMAGE), "gelu": (nn.GELU(), IMAGE),
    "silu": (nn.SiLU(), IMAGE), "mish": (nn.Mish(), IMAGE), "sigmoid": (nn.Sigmoid(), IMAGE),
    "tanh": (nn.Tanh(), IMAGE),
    "hardsigmoid": (nn.Hardsigmoid(), IMAGE), "hardswish": (nn.Hardswish(), IMAGE), "hardtanh": (nn.Hardtanh(), IMAGE),
    "softplus": (nn.Softplus(), IMAGE), "softsign": (nn.Softsign(), IMAGE), "softmax": (nn.Softmax(-1), IMAGE),
    "log_softmax": (nn.LogSoftmax(-1), IMAGE), "prelu": (nn.PReLU(), IMAGE), "glu": (nn.GLU(1), IMAGE),
    "flatten": (nn.Flatten(), IMAGE), "pixel_shuffle": (nn.PixelShuffle(2), IMAGE),
    "pixel_unshuffle": (nn.PixelUnshuffle(2), IMAGE), "channel_shuffle": (nn.ChannelShuffle(2), IMAGE),
    "pad": (lambda x: F.pad(x, (1, 1)), IMAGE), "crop": (lambda x: x[:, :, 1:-1, 1:-1], IMAGE),
    "permute": (lambda x: x.permute(0, 2, 1), SEQUENCE), "reshape": (lambda x: x.reshape(2, 48), SEQUENCE),
    "roll": (lambda x: x.roll(1, 1), SEQUENCE), "select": (lambda x: x[:, 0], SEQUENCE),
    "slice": (lambda x: x[:, :3], SEQUENCE), "split": (lambda x: x.chunk(2, 1), SEQUENCE),
    "dispatch": (lambda x: x.flatten(0, -2)[torch.arange(12) // 2].reshape(2, 3, 2, 8), (2, 3, 8)),
    "fold_batch": (lambda x: x.flatten(0, 1), SEQUENCE), "unfold_batch": (lambda x: x.unflatten(0, (-1, 2)), SEQUENCE),
    "squeeze": (lambda x: x.squeeze(1), (2, 1, 8)), "unsqueeze": (lambda x: x.unsqueeze(1), SEQUENCE),
    "window_partition": (lambda x: x.reshape(2, 2, 3, 2, 3, 4).transpose(2, 3).reshape(8, 9, 4), (2, 6, 6, 4)),
    "window_merge": (lambda x: x.reshape(2, 2, 2, 3, 3, 4).transpose(2, 3).reshape(2, 6, 6, 4), (8, 9, 4)),
    "mean": (lambda x: x.mean(1), SEQUENCE), "sum": (lambda x: x.sum(1), SEQUENCE),
    "max": (lambda x: x.amax(1), SEQUENCE),
    "scale": (lambda x: x * 0.5, SEQUENCE),
    "dropout": (nn.Dropout(), SEQUENCE), "stochastic_depth": (nn.Identity(), SEQUENCE),
    "identity": (nn.Identity(), SEQUENCE),
}  # fmt: skip
TWO: dict[str, tuple[Any, tuple[int, ...], tuple[int, ...]]] = {
    "add": (torch.add, SEQUENCE, SEQUENCE), "sub": (torch.sub, SEQUENCE, SEQUENCE),
    "mul": (torch.mul, SEQUENCE, SEQUENCE), "div": (torch.div, SEQUENCE, SEQUENCE),
    "concat": (lambda a, b: torch.cat([a, b], 1), SEQUENCE, SEQUENCE),
    "matmul": (torch.matmul, (2, 3, 4), (2, 4, 5)),
    "einsum": (lambda a, b: torch.einsum("zij,zjk->zik", a, b), (2, 3, 4), (2, 4, 5)),
    "combine": (lambda a, b: torch.einsum("ztkd,ztk->ztd", a, b), (2, 3, 2, 8), (2, 3, 2)),
    "bilinear": (nn.Bilinear(8, 8, 3), SEQUENCE, SEQUENCE),
    "scaled_dot_product_attention": (lambda a, b: F.scaled_dot_product_attention(a, b, b), IMAGE, IMAGE),
}  # fmt: skip


for _kind in (*PLAIN, "logsigmoid", "quick_gelu", "squared_relu"):
    ONE[_kind] = (called(_kind), IMAGE)
ONE |= {
    "pow": (called("pow", exponent=2), SEQUENCE), "offset": (called("offset", by=1), SEQUENCE),
    "clamp": (called("clamp", min=0, max=1), SEQUENCE), "cast": (called("cast", to="float"), SEQUENCE),
    "rope": (called("rope", theta=10000.0), SEQUENCE), "expand": (called("expand", shape=(3, 6, 8)), SEQUENCE),
    "tile": (called("tile", repeats=2), SEQUENCE), "min": (called("min", axes=1, keepdim=False), SEQUENCE),
    "var": (called("var", axes=1, keepdim=False), SEQUENCE), "std": (called("std", axes=1, keepdim=False), SEQUENCE),
    "cumsum": (called("cumsum", axis=1), SEQUENCE),
    "topk": (called("topk", k=2), SEQUENCE), "argmax": (called("argmax", axis=1), SEQUENCE),
    "argmin": (called("argmin", axis=1), SEQUENCE), "one_hot": (called("one_hot", classes=3), SEQUENCE),
    "unfold": (called("unfold", kernel=2, dilation=1, padding=0, stride=1), IMAGE),
    "fold": (called("fold", size=6, kernel=3, dilation=1, padding=0, stride=1), (2, 18, 16)),
    "frozen_batchnorm": (
        Weighted("frozen_batchnorm", dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (4,)), eps=1e-5),
        IMAGE,
    ),
    "causal_conv": (Weighted("causal_conv", {"weight": (8, 1, 4), "bias": (8,)}), SEQUENCE),
}  # fmt: skip
TWO |= {
    "minimum": (called("minimum"), SEQUENCE, SEQUENCE), "maximum": (called("maximum"), SEQUENCE, SEQUENCE),
    "compare": (called("compare", op="gt"), SEQUENCE, SEQUENCE),
    "dynamic_conv": (called("dynamic_conv", stride=1, padding=0, dilation=1, groups=1), IMAGE, (2, 3, 4, 3, 3)),
    "grid_sample": (called("grid_sample", mode="bilinear"), IMAGE, (2, 5, 5, 2)),
    "masked_fill": (called("masked_fill", value=1), SEQUENCE, SEQUENCE),
    "gather": (called("gather", axis=1), SEQUENCE, SEQUENCE), "index": (called("index", axis=1), SEQUENCE, (2, 3)),
}  # fmt: skip
THREE = {
    "where": (called("where"), SEQUENCE, SEQUENCE, SEQUENCE),
    "scatter": (called("scatter", axis=1), SEQUENCE, SEQUENCE, SEQUENCE),
    "scatter_add": (called("scatter_add", axis=1), SEQUENCE, SEQUENCE, SEQUENCE),
}

MODES: dict[str, tuple[int, ...]] = {
    "nearest": IMAGE, "linear": (2, 4, 6), "bilinear": IMAGE, "bicubic": IMAGE, "trilinear": (2, 4, 6, 6, 6),
}  # fmt: skip


def masked(query: Any, mask: Any) -> Any:
    """Attention with a mask: only the mask's dtype varies."""
    return F.scaled_dot_product_attention(query, query, query, mask)


def unpooled(x: Any) -> Any:
    """The inverse of a maximum pooling of a window of 2."""
    return F.max_unpool2d(x, torch.arange(9).reshape(3, 3).expand(2, 4, 3, 3) * 2, 2)


def outcome(call: Any, shapes: list[tuple[int, ...]], dtypes: tuple[str, ...]) -> str | None:
    """The dtype of the first output, None where torch refuses the inputs."""
    tensors = [torch.zeros(shape, dtype=getattr(torch, dtype)) for shape, dtype in zip(shapes, dtypes, strict=True)]
    try:
        with torch.no_grad():
            output = call(*tensors)
    except (RuntimeError, TypeError, NotImplementedError, ValueError, IndexError):
        return None
    first = output[0] if isinstance(output, (tuple, list)) else output
    return str(first.dtype).removeprefix("torch.")


def rows() -> list[dict[str, Any]]:
    """Every kind with every combination of dtypes."""
    torch.backends.mha.set_fastpath_enabled(False)
    cases: dict[str, Any] = {**ONE, **TWO, **THREE}
    for call, *_ in cases.values():
        if isinstance(call, nn.Module):
            call.eval()
    found = [
        {"kind": kind, "args": {}, "inputs": list(dtypes), "output": outcome(call, list(shapes), dtypes)}
        for kind, (call, *shapes) in cases.items()
        for dtypes in product(DTYPES, repeat=len(shapes))
    ]
    for dtype in DTYPES:
        inputs = ["float32", "float32", "float32", dtype]
        output = outcome(masked, [(2, 2, 6, 8), (2, 2, 6, 6)], ("float32", dtype))
        found.append({"kind": "scaled_dot_product_attention", "args": {}, "inputs": inputs, "output": output})
        output = outcome(unpooled, [(2, 4, 3, 3)], (dtype,))
        found.append({"kind": "max_unpool", "args": {"kernel": 2}, "inputs": [dtype], "output": output})
        for mode, shape in MODES.items():
            output = outcome(nn.Upsample(scale_factor=2, mode=mode), [shape], (dtype,))
            found.append({"kind": "upsample", "args": {"scale": 2, "mode": mode}, "inputs": [dtype], "output": output})
    return found


if __name__ == "__main__":
    text = "[\n" + ",\n".join(map(json.dumps, rows())) + "\n]\n"
    (Path(__file__).parent / "dtypes.json").write_text(text, "utf-8")
