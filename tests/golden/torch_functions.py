"""What each kind that is a function of tensors is in PyTorch: a call on its arguments and its inputs.

Used by torch_layers.py, make_kinds.py, make_traits.py and make_dtypes.py; needs torch 2.13.0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def aligned(tensors: list[Tensor]) -> list[Tensor]:
    """Tensors of as many axes: those that are missing are inserted behind the batch."""
    most = max(tensor.ndim for tensor in tensors)
    return [tensor[(slice(None), *[None] * (most - tensor.ndim))] for tensor in tensors]


def listed(value: Any) -> list[Any]:
    """One or several as a list."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def joined(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of two tensors, for several."""
    return lambda kind, *inputs: reduce(function, aligned(list(inputs)))


def compare(kind: Any, x: Tensor, y: Tensor | None = None) -> Tensor:
    return getattr(torch, kind.op)(*([x, kind.to] if y is None else aligned([x, y])))


def power(kind: Any, x: Tensor, y: Tensor | None = None) -> Tensor:
    return torch.pow(*([x, number(kind.exponent)] if y is None else aligned([x, y])))


def number(value: float | None) -> float | int | None:
    """A whole number as an integer, which keeps integers."""
    return int(value) if value is not None and value == int(value) else value


def rope(kind: Any, x: Tensor) -> Tensor:
    """apply_rotary_pos_emb of transformers' Llama and GPT-NeoX, or that of its GPT-J. The tables are buffers."""
    dim = kind.dim or x.shape[-1]
    steps = torch.arange(x.shape[-2])[:, None] * kind.theta ** (-torch.arange(0, dim, 2) / dim)
    if dim % 2:
        raise ValueError("pairs are turned")
    whole = dim == x.shape[-1]
    turned, rest = (x, None) if whole else (x[..., :dim], x[..., dim:])
    if kind.interleaved:
        steps = steps.repeat_interleave(2, -1)
        other = torch.stack((-turned[..., 1::2], turned[..., ::2]), -1).flatten(-2)
    else:
        steps = torch.cat((steps, steps), -1)
        other = torch.cat((-turned[..., dim // 2 :], turned[..., : dim // 2]), -1)
    cos, sin = steps.cos(), steps.sin()
    TABLES.extend((cos, sin))
    result = turned * cos + other * sin
    return result if rest is None else torch.cat((result, rest), -1)


TABLES: list[Tensor] = []  # that functions have made beforehand, as a module keeps buffers


def index(kind: Any, x: Tensor, chosen: Tensor | None = None) -> Tensor:
    axis = range(x.ndim)[kind.axis]
    if chosen is None:
        where = torch.tensor(listed(kind.positions))
        where = torch.where(where < 0, where + x.shape[axis], where)
        return x.index_select(axis, where)
    if x.shape[0] == 1 and chosen.shape[0] > 1:
        if axis == 1:
            return x[0].index_select(0, chosen.flatten()).view(*chosen.shape, *x.shape[2:])
        x = x.expand(chosen.shape[0], *x.shape[1:])
    if chosen.shape[0] == 1:
        shape = (*x.shape[:axis], *chosen.shape[1:], *x.shape[axis + 1 :])
        return x.index_select(axis, chosen.flatten()).view(shape)
    samples = torch.arange(x.shape[0]).view(-1, *[1] * (chosen.ndim - 1))
    found = x[(samples, *[slice(None)] * (axis - 1), chosen)]
    new = chosen.ndim - 1
    return found if axis == 1 else found.movedim(tuple(range(1, 1 + new)), tuple(range(axis, axis + new)))


def expand(kind: Any, x: Tensor) -> Tensor:
    shape = listed(kind.shape)
    new = max(len(shape) - x.ndim + 1, 0)
    if -1 in shape[:new]:
        raise ValueError("a new axis has no size to keep")  # as Tensor.expand says of leading ones
    return x[(slice(None), *[None] * new)].expand(x.shape[0], *shape)


def tile(kind: Any, x: Tensor) -> Tensor:
    if len(listed(kind.repeats)) >= x.ndim:
        raise ValueError("the batch is not repeated")
    return x.tile(*listed(kind.repeats))


def square_relu(x: Tensor) -> Tensor:
    return torch.square(F.relu(x))


def quick_gelu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(1.702 * x)


def masked_fill(kind: Any, x: Tensor, mask: Tensor) -> Tensor:
    x, mask = torch.broadcast_tensors(*aligned([x, mask])) if kind.broadcast else (x, mask)
    return x.masked_fill(mask, number(kind.value))


def pair(value: Any, rank: int = 2) -> list[int]:
    return listed(value) * (1 if isinstance(value, (tuple, list)) else rank)


def unfold(kind: Any, x: Tensor) -> Tensor:
    """F.unfold takes an image without a batch too."""
    if x.ndim != 4:
        raise ValueError("an image is needed")
    return F.unfold(x, *(pair(value) for value in (kind.kernel, kind.dilation, kind.padding, kind.stride)))


def fold(kind: Any, x: Tensor) -> Tensor:
    if x.ndim != 3:
        raise ValueError("columns are needed")
    return F.fold(x, *(pair(value) for value in (kind.size, kind.kernel, kind.dilation, kind.padding, kind.stride)))


def dynamic_conv(kind: Any, x: Tensor, weight: Tensor) -> Tensor:
    """As StyleGAN2 has it where samples have weights of their own."""
    rank = x.ndim - 2
    call = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    steps = [pair(value, rank) for value in (kind.stride, kind.padding, kind.dilation)]
    if weight.shape[0] == 1:
        return call(x, weight[0], None, *steps, kind.groups)
    if weight.shape[0] != x.shape[0]:
        raise ValueError("a weight for each sample")
    one = x.reshape(1, x.shape[0] * x.shape[1], *x.shape[2:])
    found = call(one, weight.reshape(-1, *weight.shape[2:]), None, *steps, kind.groups * x.shape[0])
    return found.view(x.shape[0], -1, *found.shape[2:])


def grid_sample(kind: Any, x: Tensor, grid: Tensor) -> Tensor:
    if x.ndim != 4:
        raise ValueError("images only")
    return F.grid_sample(x, grid, kind.mode, align_corners=bool(kind.align_corners))


def frozen_batchnorm(kind: Any, w: dict[str, Tensor], x: Tensor) -> Tensor:
    """torchvision.ops.FrozenBatchNorm2d, on any rank."""
    shape = (1, -1, *[1] * (x.ndim - 2))
    scale = w["weight"].reshape(shape) * (w["running_var"].reshape(shape) + kind.eps).rsqrt()
    return x * scale + (w["bias"].reshape(shape) - w["running_mean"].reshape(shape) * scale)


def causal_conv(kind: Any, w: dict[str, Tensor], x: Tensor) -> Tensor:
    """causal_conv1d_fn of transformers' Mamba, on steps first."""
    kernel, channels = w["weight"].shape[-1], x.shape[-1]
    found = F.conv1d(x.transpose(1, 2), w["weight"], w.get("bias"), padding=kernel - 1, groups=channels)
    return found[:, :, : x.shape[1]].transpose(1, 2)


def selective_scan(kind: Any, w: dict[str, Tensor], *inputs: Tensor) -> Tensor:
    """Algorithm 2 of arXiv 2312.00752, step by step."""
    u, delta, b, c = inputs[:4]
    delta = F.softplus(delta) if kind.softplus else delta
    a = -torch.exp(w["A_log"])
    h = torch.zeros(u.shape[0], *a.shape)
    outputs = []
    for step in range(u.shape[1]):
        h = torch.exp(delta[:, step, :, None] * a) * h + (delta * u)[:, step, :, None] * b[:, step, None]
        outputs.append((h * c[:, step, None]).sum(-1))
    y = torch.stack(outputs, 1) + (w["D"] * u if kind.skip else 0)
    return y * F.silu(inputs[4]) if len(inputs) == 5 else y


def ssd(kind: Any, w: dict[str, Tensor], x: Tensor, dt: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Section 2 of arXiv 2405.21060, step by step."""
    times = x.shape[2] // b.shape[2]
    b, c = (each.repeat_interleave(times, 2) for each in (b, c))
    dt = F.softplus(dt + w["dt_bias"])
    decay = torch.exp(dt * -torch.exp(w["A_log"]))
    h = torch.zeros(x.shape[0], *x.shape[2:], b.shape[3])
    outputs = []
    for step in range(x.shape[1]):
        new = (dt[:, step, :, None] * x[:, step])[..., None] * b[:, step, :, None]
        h = decay[:, step, :, None, None] * h + new
        outputs.append((h * c[:, step, :, None]).sum(-1))
    return torch.stack(outputs, 1) + (w["D"][:, None] * x if kind.skip else 0)


def linear_scan(kind: Any, x: Tensor, a: Tensor) -> Tensor:
    """Equation 4 of arXiv 2402.19427 without its gates, step by step."""
    h = torch.zeros_like(x[:, 0])
    outputs = []
    for step in range(x.shape[1]):
        h = a[:, step] * h + x[:, step]
        outputs.append(h)
    return torch.stack(outputs, 1)


def gated_linear_attention(kind: Any, q: Tensor, k: Tensor, v: Tensor, g: Tensor) -> Tensor:
    """Equation 3 of arXiv 2401.04658, step by step."""
    state = torch.zeros(v.shape[0], v.shape[2], k.shape[3], v.shape[3])
    outputs = []
    for step in range(q.shape[1]):
        state = state * torch.exp(g[:, step])[..., None, None] + k[:, step, ..., None] * v[:, step, :, None]
        outputs.append((state * q[:, step, ..., None]).sum(-2))
    return torch.stack(outputs, 1)


def gated_delta_rule(kind: Any, q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor) -> Tensor:
    """Equation 10 of arXiv 2412.06464, step by step."""
    if kind.qk_norm:
        q, k = (each / (each.square().sum(-1, keepdim=True) + 1e-6).sqrt() for each in (q, k))
    times = v.shape[2] // q.shape[2]
    q, k = ((q * q.shape[-1] ** -0.5).repeat_interleave(times, 2), k.repeat_interleave(times, 2))
    state = torch.zeros(v.shape[0], v.shape[2], k.shape[3], v.shape[3])
    outputs = []
    for step in range(q.shape[1]):
        state = state * torch.exp(g[:, step])[..., None, None]
        read = (state * k[:, step, ..., None]).sum(-2)
        state = state + k[:, step, ..., None] * ((v[:, step] - read) * beta[:, step, :, None])[..., None, :]
        outputs.append((state * q[:, step, ..., None]).sum(-2))
    return torch.stack(outputs, 1)


PLAIN = (
    "exp", "log", "sqrt", "rsqrt", "reciprocal", "square", "neg", "abs", "sign", "floor", "ceil", "round", "sin", "cos",
    "erf", "logical_not",
)  # fmt: skip
CALLS: dict[str, Callable[..., Any]] = {
    **{name: lambda kind, x, name=name: getattr(torch, name)(x) for name in PLAIN},
    "logsigmoid": lambda kind, x: F.logsigmoid(x),
    "quick_gelu": lambda kind, x: quick_gelu(x),
    "squared_relu": lambda kind, x: square_relu(x),
    "minimum": joined(torch.minimum),
    "maximum": joined(torch.maximum),
    "compare": compare,
    "pow": power,
    "where": lambda kind, *inputs: torch.where(*aligned(list(inputs))),
    "masked_fill": masked_fill,
    "offset": lambda kind, x: x + number(kind.by),
    "clamp": lambda kind, x: x.clamp(number(kind.min), number(kind.max)),
    "cast": lambda kind, x: x.to(torch.float32 if kind.to == "float" else getattr(torch, kind.to)),
    "rope": rope,
    "expand": expand,
    "tile": tile,
    "gather": lambda kind, x, chosen: x.gather(kind.axis, chosen),
    "index": index,
    "min": lambda kind, x: x.amin(listed(kind.axes), kind.keepdim),
    "var": lambda kind, x: x.var(listed(kind.axes), correction=kind.correction, keepdim=kind.keepdim),
    "std": lambda kind, x: x.std(listed(kind.axes), correction=kind.correction, keepdim=kind.keepdim),
    "cumsum": lambda kind, x: x.cumsum(kind.axis),
    "scatter": lambda kind, x, chosen, values: x.scatter(kind.axis, chosen, values),
    "scatter_add": lambda kind, x, chosen, values: x.scatter_add(kind.axis, chosen, values),
    "topk": lambda kind, x: list(x.topk(kind.k, -1 if kind.axis is None else kind.axis)),
    "argmax": lambda kind, x: x.argmax(kind.axis, bool(kind.keepdim)),
    "argmin": lambda kind, x: x.argmin(kind.axis, bool(kind.keepdim)),
    "one_hot": lambda kind, x: F.one_hot(x, kind.classes),
    "gated_delta_rule": gated_delta_rule,
    "linear_scan": linear_scan,
    "gated_linear_attention": gated_linear_attention,
    "unfold": unfold,
    "fold": fold,
    "dynamic_conv": dynamic_conv,
    "grid_sample": grid_sample,
}
LEARNED: dict[str, Callable[..., Tensor]] = {
    "causal_conv": causal_conv,
    "selective_scan": selective_scan,
    "ssd": ssd,
    "frozen_batchnorm": frozen_batchnorm,
}
INTEGERS = {
    "scatter": {1: "int64"}, "scatter_add": {1: "int64"}, "one_hot": {0: "int64"},
    "gather": {1: "int64"}, "index": {1: "int64"}, "where": {0: "bool"}, "masked_fill": {1: "bool"},
}  # fmt: skip


class Args:
    """Arguments of a kind, None where they are not given."""

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> None:
        return None


def called(kind: str, **args: Any) -> Any:
    """A kind's function with arguments."""
    return lambda *inputs: CALLS[kind](Args(**args), *inputs)


class Weighted(torch.nn.Module):
    """A kind's function with weights of its own."""

    def __init__(self, kind: str, weights: dict[str, tuple[int, ...]], **args: Any) -> None:
        super().__init__()
        self.call, self.args = LEARNED[kind], Args(**args)
        for name, shape in weights.items():
            parameter = torch.nn.Parameter(torch.rand(shape), requires_grad=kind != "frozen_batchnorm")
            self.register_parameter(name, parameter)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(self.args, dict(self.named_parameters()), *inputs)
