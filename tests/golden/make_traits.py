"""Write traits.json: what autograd keeps of each kind, whose memory its output is, whether it is linear, and more.

Not part of the test suite, which needs no torch; kept as the record of how the figures were made. To make them again:

    pip install torch==2.14.1
    python tests/golden/make_traits.py

`saved` is from a run in training mode on the CPU, with ``torch.autograd.graph.saved_tensors_hooks``; a tensor counts as
what it shares its memory with:

    input       one of the inputs
    output      the output
    weight      a parameter
    mask        drawn at random: what dropout multiplies with
    indices     integers that the layer worked out: where a maximum was
    statistics  else, and smaller than the input: means, variances, a sum for each row
    other       else

Buffers are not listed: they are there anyway. oneDNN is off: its recurrent layers keep a workspace.

`memory` is from a run in evaluation mode: `input` where the output is the very tensor that came in, `view` where it
shares the input's memory, `reshape` where it does so only if the input is contiguous, `weight` where it is a
parameter's, else `new`. `linear`: the output is an affine map of all inputs together. `moves`: each of its elements is
one of the input's, or 0. `bounds`: the least and the largest element of the output for inputs from -1e4 to 1e4, where
within 1000.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_functions import INTEGERS, PLAIN, TABLES, Weighted, called

HERE = Path(__file__).parent
IMAGE = [(2, 8, 6, 6)]
MAP = (2, 8, 6, 6)
SEQUENCE = [(2, 5, 8)]


class Drop(nn.Module):
    """torchvision.ops.StochasticDepth(0.5, "row")."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        noise = torch.empty([x.shape[0], *[1] * (x.ndim - 1)]).bernoulli_(0.5).div_(0.5)
        return x * noise


class Attention(nn.MultiheadAttention):
    """Self attention of one input, without its weights as an output."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, x, x, need_weights=False)[0]


class Bias(nn.Module):
    """The relative position bias of torchvision's Swin, spread over the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(9, 3))
        self.register_buffer("index", torch.randint(0, 9, (16,)))

    def forward(self, x: Tensor) -> Tensor:
        bias = self.table[self.index].view(4, 4, -1)
        return bias.permute(2, 0, 1).contiguous().unsqueeze(0).expand(x.shape[0], -1, -1, -1)


class Learned(nn.Module):
    """A learned tensor, spread over the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 3, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.expand(x.shape[0], -1, -1)


def dispatched(x: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Each row to the two experts with its highest scores, in the order of the experts."""
    highest, chosen = scores.topk(2, -1)
    rows = x.flatten(0, -2)[chosen.flatten().argsort() // 2]
    return rows.reshape(*x.shape[:-1], 2, x.shape[-1]), highest


def windows(x: Tensor) -> Tensor:
    """window_partition of Swin, on [H, W, C]."""
    b, h, w, c = x.shape
    return x.view(b, h // 3, 3, w // 3, 3, c).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 9, c)


def merged(x: Tensor) -> Tensor:
    """window_reverse of Swin."""
    return x.view(-1, 2, 2, 3, 3, x.shape[-1]).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 6, 6, x.shape[-1])


def unpooled(x: Tensor) -> Tensor:
    """MaxUnpool2d on indices of its own."""
    return F.max_unpool2d(x, torch.arange(9).mul(4).view(1, 1, 3, 3).expand(*x.shape[:2], -1, -1).contiguous(), 2)


TWO = [MAP, MAP]
HEADS = [(2, 2, 5, 4)] * 3
CASES: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "relu": (nn.ReLU(), IMAGE),
    "relu6": (nn.ReLU6(), IMAGE),
    "leaky_relu": (nn.LeakyReLU(), IMAGE),
    "elu": (nn.ELU(), IMAGE),
    "selu": (nn.SELU(), IMAGE),
    "celu": (nn.CELU(), IMAGE),
    "silu": (nn.SiLU(), IMAGE),
    "mish": (nn.Mish(), IMAGE),
    "hardsigmoid": (nn.Hardsigmoid(), IMAGE),
    "hardswish": (nn.Hardswish(), IMAGE),
    "hardtanh": (nn.Hardtanh(), IMAGE),
    "sigmoid": (nn.Sigmoid(), IMAGE),
    "tanh": (nn.Tanh(), IMAGE),
    "softplus": (nn.Softplus(), IMAGE),
    "softsign": (nn.Softsign(), IMAGE),
    "gelu": (nn.GELU(), IMAGE),
    "prelu": (nn.PReLU(), IMAGE),
    "glu": (nn.GLU(), IMAGE),
    "softmax": (nn.Softmax(-1), IMAGE),
    "log_softmax": (nn.LogSoftmax(-1), IMAGE),
    "adaptive_avgpool": (nn.AdaptiveAvgPool2d(3), IMAGE),
    "adaptive_maxpool": (nn.AdaptiveMaxPool2d(3), IMAGE),
    "global_avgpool": (nn.AdaptiveAvgPool2d(1), IMAGE),
    "global_maxpool": (nn.AdaptiveMaxPool2d(1), IMAGE),
    "scaled_dot_product_attention": (F.scaled_dot_product_attention, HEADS),
    "conv": (nn.Conv2d(8, 4, 3), IMAGE),
    "conv_transpose": (nn.ConvTranspose2d(8, 4, 3), IMAGE),
    "einsum": (lambda a, b: torch.einsum("zhid,zhjd->zhij", a, b), TWO),
    "embedding": (nn.Embedding(9, 4), [(2, 5)]),
    "parameter": (Learned(), IMAGE),
    "constant": (lambda x: torch.ones(x.shape[0], 3, 4), IMAGE),
    "relative_position_bias": (Bias(), IMAGE),
    "linear": (nn.Linear(8, 4), SEQUENCE),
    "bilinear": (nn.Bilinear(8, 8, 4), SEQUENCE * 2),
    "matmul": (torch.matmul, TWO),
    "add": (torch.add, TWO),
    "sub": (torch.sub, TWO),
    "mul": (torch.mul, TWO),
    "div": (torch.div, TWO),
    "concat": (lambda a, b: torch.cat((a, b), 1), TWO),
    "scale": (lambda x: x * 2.0, IMAGE),
    "multihead_attention": (Attention(8, 2, batch_first=True), SEQUENCE),
    "batchnorm": (nn.BatchNorm2d(8), IMAGE),
    "instancenorm": (nn.InstanceNorm2d(8, affine=True), IMAGE),
    "groupnorm": (nn.GroupNorm(2, 8), IMAGE),
    "layernorm": (nn.LayerNorm(8), SEQUENCE),
    "rmsnorm": (nn.RMSNorm(8), SEQUENCE),
    "lrn": (nn.LocalResponseNorm(3), IMAGE),
    "normalize": (lambda x: F.normalize(x, dim=1), IMAGE),
    "maxpool": (nn.MaxPool2d(2), IMAGE),
    "avgpool": (nn.AvgPool2d(2), IMAGE),
    "lppool": (nn.LPPool2d(2, 2), IMAGE),
    "max_unpool": (unpooled, [(2, 8, 3, 3)]),
    "rnn": (nn.RNN(8, 4, batch_first=True), SEQUENCE),
    "lstm": (nn.LSTM(8, 4, batch_first=True), SEQUENCE),
    "gru": (nn.GRU(8, 4, batch_first=True), SEQUENCE),
    "mean": (lambda x: x.mean((2, 3)), IMAGE),
    "sum": (lambda x: x.sum((2, 3)), IMAGE),
    "max": (lambda x: x.amax((2, 3)), IMAGE),
    "dropout": (nn.Dropout(0.5), IMAGE),
    "stochastic_depth": (Drop(), IMAGE),
    "upsample": (nn.Upsample(scale_factor=2, mode="bilinear"), IMAGE),
    "pixel_shuffle": (nn.PixelShuffle(2), IMAGE),
    "pixel_unshuffle": (nn.PixelUnshuffle(2), IMAGE),
    "channel_shuffle": (nn.ChannelShuffle(2), IMAGE),
    "identity": (nn.Identity(), IMAGE),
    "flatten": (nn.Flatten(), IMAGE),
    "reshape": (lambda x: x.reshape(x.shape[0], 4, -1), IMAGE),
    "permute": (lambda x: x.permute(0, 2, 3, 1), IMAGE),
    "fold_batch": (lambda x: x.flatten(0, 1), SEQUENCE),
    "unfold_batch": (lambda x: x.unflatten(0, (-1, 2)), SEQUENCE),
    "squeeze": (lambda x: x.squeeze(1), [(2, 1, 6)]),
    "unsqueeze": (lambda x: x.unsqueeze(1), IMAGE),
    "window_partition": (windows, [(2, 6, 6, 8)]),
    "window_merge": (merged, [(8, 9, 8)]),
    "slice": (lambda x: x[:, 1:5], IMAGE),
    "select": (lambda x: x.select(1, 2), IMAGE),
    "split": (lambda x: x.split(4, 1), IMAGE),
    "dispatch": (dispatched, [(2, 5, 8), (2, 5, 4)]),
    "combine": (lambda x, weights: torch.einsum("ztkd,ztk->ztd", x, weights), [(2, 5, 2, 8), (2, 5, 2)]),
    "pad": (lambda x: F.pad(x, (1, 1)), IMAGE),
    "crop": (lambda x: x[..., 1:5, 1:5], IMAGE),
    "roll": (lambda x: x.roll(1, 2), IMAGE),
    **{kind: (called(kind), IMAGE) for kind in (*PLAIN, "logsigmoid", "quick_gelu", "squared_relu")},
    "minimum": (called("minimum"), TWO),
    "maximum": (called("maximum"), TWO),
    "compare": (called("compare", op="gt", to=0.5), IMAGE),
    "pow": (called("pow", exponent=3), IMAGE),
    "where": (called("where"), [MAP] * 3),
    "masked_fill": (called("masked_fill", value=-9.0), TWO),
    "offset": (called("offset", by=1), IMAGE),
    "clamp": (called("clamp", min=0), IMAGE),
    "cast": (called("cast", to="int64"), IMAGE),
    "rope": (called("rope", theta=1e4), SEQUENCE),
    "expand": (called("expand", shape=(3, 5, 8)), SEQUENCE),
    "tile": (called("tile", repeats=2), IMAGE),
    "gather": (called("gather", axis=1), TWO),
    "index": (called("index", axis=1), [MAP, (2, 3)]),
    "min": (called("min", axes=(2, 3), keepdim=False), IMAGE),
    "var": (called("var", axes=(2, 3), keepdim=False), IMAGE),
    "std": (called("std", axes=(2, 3), keepdim=False), IMAGE),
    "cumsum": (called("cumsum", axis=1), IMAGE),
    "scatter": (called("scatter", axis=1), [MAP] * 3),
    "scatter_add": (called("scatter_add", axis=1), [MAP] * 3),
    "topk": (called("topk", k=2), IMAGE),
    "argmax": (called("argmax", axis=1), IMAGE),
    "argmin": (called("argmin", axis=1), IMAGE),
    "one_hot": (called("one_hot", classes=2), IMAGE),
    "unfold": (called("unfold", kernel=2, dilation=1, padding=0, stride=2), IMAGE),
    "fold": (called("fold", size=6, kernel=3, dilation=1, padding=0, stride=1), [(2, 18, 16)]),
    "dynamic_conv": (
        called("dynamic_conv", stride=1, padding=0, dilation=1, groups=1),
        [MAP, (2, 4, 8, 3, 3)],
    ),
    "grid_sample": (called("grid_sample", mode="bilinear"), [MAP, (2, 5, 5, 2)]),
    "frozen_batchnorm": (
        Weighted("frozen_batchnorm", dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (8,)), eps=1e-5),
        IMAGE,
    ),
    "causal_conv": (Weighted("causal_conv", {"weight": (8, 1, 4), "bias": (8,)}), SEQUENCE),
    "selective_scan": (
        Weighted("selective_scan", {"A_log": (8, 4), "D": (8,)}, softplus=True, skip=True),
        [*SEQUENCE * 2, (2, 5, 4), (2, 5, 4)],
    ),
    "ssd": (
        Weighted("ssd", {"dt_bias": (4,), "A_log": (4,), "D": (4,)}, skip=True),
        [(2, 5, 4, 3), (2, 5, 4), (2, 5, 2, 6), (2, 5, 2, 6)],
    ),
    "gated_linear_attention": (called("gated_linear_attention"), [(2, 5, 4, 3)] * 3 + [(2, 5, 4)]),
    "linear_scan": (called("linear_scan"), [(2, 5, 8)] * 2),
    "gated_delta_rule": (called("gated_delta_rule"), [*[(2, 5, 2, 4)] * 2, (2, 5, 4, 3), *[(2, 5, 4)] * 2]),
}


# Whose results depend on weights drawn at random, or have no use for large numbers.
NO_BOUNDS = {
    "causal_conv", "selective_scan", "ssd", "linear_scan", "gated_linear_attention", "gated_delta_rule", "embedding",
    "parameter", "relative_position_bias", "normalize",
}  # fmt: skip


def tensors(kind: str, shapes: list[tuple[int, ...]]) -> list[Tensor]:
    """Inputs; those of an embedding are integers, and those that choose elements integers or bools."""
    if kind == "embedding":
        return [torch.randint(0, 9, shape) for shape in shapes]
    made = [torch.rand(shape, requires_grad=True) for shape in shapes]
    return [*choosing(kind, shapes, made)]


def choosing(kind: str, shapes: list[tuple[int, ...]], made: list[Tensor]) -> list[Tensor]:
    """With integers or bools, always the same, in the places of inputs that choose elements."""
    for place, dtype in INTEGERS.get(kind, {}).items():
        made[place] = (torch.arange(math.prod(shapes[place])) % 2).view(shapes[place]).to(getattr(torch, dtype))
    return made


def place(tensor: Tensor) -> int:
    """What tensors that share their memory have in common."""
    return tensor.untyped_storage().data_ptr()


def first(result: Any) -> Tensor:
    """The output, the first of several."""
    return result if isinstance(result, Tensor) else result[0]


def saved(kind: str, call: Callable[..., Any], inputs: list[Tensor]) -> list[str]:
    """What autograd keeps of a call."""
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = first(call(*inputs))
    module = isinstance(call, nn.Module)
    weights = {place(weight) for weight in call.parameters()} if module else set()
    buffers = {place(buffer) for buffer in call.buffers()} if module else set()
    words = set()
    rest = 0
    buffers |= {place(table) for table in TABLES}
    for tensor in kept:
        where = place(tensor)
        if where in buffers:
            continue
        if kind in INTEGERS and not tensor.is_floating_point():
            words.add("indices")
            continue
        if where in weights:
            words.add("weight")
        elif any(where == place(one) for one in inputs):
            words.add("input")
        elif where == place(output):
            words.add("output")
        elif kind in ("dropout", "stochastic_depth"):
            words.add("mask")
        elif not tensor.is_floating_point():
            words.add("indices")
        else:
            rest += tensor.numel()
    if rest:
        words.add("statistics" if rest < inputs[0].numel() else "other")
    return sorted(words)


def memory(kind: str, call: Callable[..., Any], shapes: list[tuple[int, ...]]) -> str:
    """Whose memory the output is."""
    if isinstance(call, nn.Module):
        call.eval()
    inputs = tensors(kind, shapes)
    output = first(call(*inputs))
    if any(output is one for one in inputs):
        return "input"
    if isinstance(call, nn.Module) and place(output) in {place(weight) for weight in call.parameters()}:
        return "weight"
    if place(output) != place(inputs[0]):
        return "new"
    turned = inputs[0].detach().transpose(1, -1).contiguous().transpose(1, -1)
    try:
        return "view" if place(first(call(turned))) == place(turned) else "reshape"
    except RuntimeError:
        return "view"


def linear(kind: str, call: Callable[..., Any], shapes: list[tuple[int, ...]]) -> bool:
    """Whether f(x + y) + f(0) = f(x) + f(y)."""
    x, y = (choosing(kind, shapes, [torch.randn(shape) for shape in shapes]) for _ in range(2))
    zero = choosing(kind, shapes, [torch.zeros(shape) for shape in shapes])
    both = choosing(kind, shapes, [a + b for a, b in zip(x, y, strict=True)])
    one, other, none, sum_ = (first(call(*inputs)) for inputs in (x, y, zero, both))
    if not one.is_floating_point():
        return False
    return bool(torch.isfinite(none).all()) and torch.allclose(sum_ + none, one + other, atol=1e-4)


def moves(kind: str, call: Callable[..., Any], shapes: list[tuple[int, ...]]) -> bool:
    """Whether each element of the output is one of the input's, or 0, and stays in all inputs of that shape."""
    for scale in (1, -100):
        inputs = choosing(kind, shapes, [scale * torch.rand(shape) for shape in shapes])
        known = torch.cat([torch.zeros(1), *(one.flatten() for one in inputs)])
        output = first(call(*inputs))
        if not output.is_floating_point() or not bool(torch.isin(output, known).all()) or bool((output == 0).all()):
            return False
    return True


def bounds(kind: str, call: Callable[..., Any], shapes: list[tuple[int, ...]]) -> list[float | None]:
    """The least and the largest element, None for one beyond 1000."""
    inputs, near = (
        choosing(kind, shapes, [torch.linspace(-end, end, math.prod(shape)).reshape(shape) for shape in shapes])
        for end in (1e4, 8)
    )
    if kind in PLAIN:
        near[0].view(-1)[0] = 0
    output = torch.cat([first(call(*inputs)).flatten(), first(call(*near)).flatten()])
    output = output[~output.isnan()].float()  # bools as numbers; nothing of a root or a logarithm of less than 0
    return [round(float(edge), 3) if abs(edge) < 1000 else None for edge in (output.min(), output.max())]


def main() -> None:
    """Measure every kind."""
    torch.manual_seed(0)
    rows = {}
    for kind, (call, shapes) in CASES.items():
        if isinstance(call, nn.Module):
            call.train()
        row: dict[str, Any] = {"saved": saved(kind, call, tensors(kind, shapes))}
        row["memory"] = memory(kind, call, shapes)
        with torch.no_grad():
            row["linear"] = kind != "embedding" and linear(kind, call, shapes)
            row["moves"] = kind != "embedding" and moves(kind, call, shapes)
            if kind not in NO_BOUNDS:
                row["bounds"] = bounds(kind, call, shapes)
        rows[kind] = row
    lines = ",\n".join(f" {json.dumps(kind)}: {json.dumps(row)}" for kind, row in rows.items())
    (HERE / "traits.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    with torch.backends.mkldnn.flags(enabled=False):
        main()
