"""Every kind of layer as PyTorch has it, and a whole program of them run once in training: what is saved for backward.

Used by make_saved.py; needs torch 2.13.0 and archspec, whose program says which layers there are, of what arguments and
on which tensors. What each does is written here, with PyTorch's own functions and those of torchvision.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_functions import CALLS, LEARNED, TABLES, aligned

Weights = dict[str, Tensor]
DTYPES = {"": torch.float32, "bool": torch.bool, **{f"int{n}": getattr(torch, f"int{n}") for n in (8, 16, 32, 64)}}


def storage(tensor: Tensor) -> int:
    """What tensors that share their memory have in common."""
    return tensor.untyped_storage().data_ptr()


def listed(value: Any, rank: int) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value] * rank


def pads(kind: Any, x: Tensor, kernel: list[int]) -> list[tuple[int, int]]:
    """Padding before and after each spatial axis, ONNX's names worked out."""
    rank, padding = x.ndim - 2, kind.padding
    if padding == "half":
        return [(k // 2, k // 2) for k in kernel]
    if isinstance(padding, str):
        steps = listed(getattr(kind, "stride", None) or kind.kernel, rank)
        dilations = listed(getattr(kind, "dilation", 1), rank)
        found = []
        for size, k, step, dilation in zip(x.shape[2:], kernel, steps, dilations, strict=True):
            total = max((-(-size // step) - 1) * step + dilation * (k - 1) + 1 - size, 0)
            low, high = total // 2, total - total // 2
            found.append((low, high) if padding == "same_upper" else (high, low))
        return found
    if isinstance(padding, tuple) and len(padding) == 2 * rank:
        return list(zip(padding[:rank], padding[rank:], strict=True))
    return [(p, p) for p in listed(padding, rank)]


def padded(kind: Any, x: Tensor, kernel: list[int], value: float = 0.0) -> tuple[Tensor, list[int]]:
    """The input and the padding that is left to the operator: unequal sides are padded before."""
    both = pads(kind, x, kernel)
    if all(low == high for low, high in both):
        return x, [low for low, _ in both]
    flat = [side for pair in reversed(both) for side in pair]
    return F.pad(x, flat, value=value), [0] * len(both)


def conv(kind: Any, w: Weights, x: Tensor) -> Tensor:
    rank = x.ndim - 2
    x, padding = padded(kind, x, listed(kind.kernel, rank))
    call = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return call(
        x, w["weight"], w.get("bias"), listed(kind.stride, rank), padding, listed(kind.dilation, rank), kind.groups
    )


def conv_transpose(kind: Any, w: Weights, x: Tensor) -> Tensor:
    rank = x.ndim - 2
    call = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
    stride, padding, extra, dilation = (
        listed(value, rank) for value in (kind.stride, kind.padding, kind.output_padding, kind.dilation)
    )
    return call(x, w["weight"], w.get("bias"), stride, padding, extra, kind.groups, dilation)


def ranked(name: str) -> list[Callable[..., Any]]:
    return [getattr(F, f"{name}{rank}d") for rank in (1, 2, 3)]


def pool(name: str, kind: Any, x: Tensor, **more: Any) -> Tensor:
    rank = x.ndim - 2
    kernel = listed(kind.kernel, rank)
    stride = listed(kind.stride, rank) if kind.stride is not None else kernel
    if name == "lp_pool":
        if rank == 1:
            kernel, stride = kernel[0], stride[0]
        return ranked(name)[rank - 1](x, kind.norm, kernel, stride, kind.ceil)
    x, padding = padded(kind, x, kernel, float("-inf") if name == "max_pool" else 0.0)
    return ranked(name)[rank - 1](x, kernel, stride, padding, ceil_mode=kind.ceil, **more)


def max_unpool(kind: Any, x: Tensor, indices: Tensor) -> Tensor:
    rank = x.ndim - 2
    stride = None if kind.stride is None else listed(kind.stride, rank)
    size = None if kind.size is None else listed(kind.size, rank)
    return ranked("max_unpool")[rank - 1](
        x, indices, listed(kind.kernel, rank), stride, listed(kind.padding, rank), size
    )


def layernorm(kind: Any, w: Weights, x: Tensor) -> Tensor:
    if kind.channels_first:
        return F.layer_norm(x.movedim(1, -1), x.shape[1:2], w.get("weight"), w.get("bias"), kind.eps).movedim(-1, 1)
    return F.layer_norm(x, x.shape[-kind.dims :], w.get("weight"), w.get("bias"), kind.eps)


def attention(kind: Any, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None) -> Tensor:
    causal, mask = kind.causal, bias
    queries, keys = q.shape[2], k.shape[2]
    if kind.window is not None or (causal and (bias is not None or queries != keys)):
        distance = torch.arange(keys)[None] - (torch.arange(queries)[:, None] + keys - queries)
        seen = distance <= 0 if causal else torch.ones(queries, keys, dtype=torch.bool)
        if kind.window is not None:
            reach = kind.window - 1 if causal else (kind.window - 1) // 2
            seen = seen & (distance.abs() <= reach)
        causal, mask = False, seen
        if bias is not None:
            mask = bias.masked_fill(~seen, float("-inf"))
    grouped = q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=causal, scale=kind.scale, enable_gqa=grouped
    )


def multihead(kind: Any, w: Weights, trained: bool, *inputs: Tensor) -> Any:
    q, k, v = inputs if len(inputs) == 3 else inputs * 3
    apart = "q_proj_weight" in w
    sizes = {"kdim": k.shape[-1], "vdim": v.shape[-1]} if apart else {}
    module = nn.MultiheadAttention(q.shape[-1], kind.heads, bias=kind.bias, batch_first=True, **sizes)
    module.requires_grad_(trained)
    out, scores = module(q, k, v, need_weights=kind.need_weights)
    w.update(dict(module.named_parameters()))
    return [out, scores] if kind.need_weights else out


def recurrent(kind: Any, w: Weights, trained: bool, x: Tensor) -> Any:
    if (kind.bias == 1 and kind.bias is not True) or (kind.kind == "gru" and not kind.reset_after):
        raise NotImplementedError("PyTorch has no such layer")
    made = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind.kind]
    more: dict[str, Any] = {"nonlinearity": kind.nonlinearity} if kind.kind == "rnn" else {}
    if kind.kind == "lstm" and kind.proj:
        more["proj_size"] = kind.proj
    module = made(
        x.shape[-1], kind.hidden, kind.layers, bias=bool(kind.bias), batch_first=True,
        bidirectional=kind.bidirectional, **more,
    )  # fmt: skip
    module.requires_grad_(trained)
    out, state = module(x)
    w.update(dict(module.named_parameters()))
    states = list(state) if isinstance(state, tuple) else [state]
    return [out, *(each.transpose(0, 1) for each in states)] if kind.state else out


def partition(kind: Any, x: Tensor) -> Tensor:
    b, h, w, c = x.shape
    wh, ww = listed(kind.window, 2)
    x = x.view(b, h // wh, wh, w // ww, ww, c)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(b * (h // wh) * (w // ww), wh * ww, c)


def merge(kind: Any, x: Tensor) -> Tensor:
    (wh, ww), (h, w), c = listed(kind.window, 2), listed(kind.size, 2), x.shape[-1]
    b = x.shape[0] // ((h // wh) * (w // ww))
    x = x.view(b, h // wh, w // ww, wh, ww, c)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)


def shuffle(kind: Any, x: Tensor) -> Tensor:
    """channel_shuffle of torchvision's ShuffleNet."""
    b, c = x.shape[:2]
    x = x.view(b, kind.groups, c // kind.groups, *x.shape[2:])
    return torch.transpose(x, 1, 2).contiguous().view(b, c, *x.shape[3:])


def position_bias(kind: Any, w: Weights, x: Tensor) -> Tensor:
    rows, columns = listed(kind.window, 2)
    positions = rows * columns
    index = torch.zeros(positions**2, dtype=torch.int64)
    w["relative_position_index"] = index
    table = w["relative_position_bias_table"] if kind.table == "learned" else x.reshape(-1, kind.heads)
    bias = table[index].view(positions, positions, -1).permute(2, 0, 1).contiguous().unsqueeze(0)
    return bias if kind.table == "input" else bias.expand(x.shape[0], -1, -1, -1)


def stochastic_depth(kind: Any, x: Tensor) -> Tensor:
    """torchvision.ops.stochastic_depth by rows."""
    if kind.p == 0.0:
        return x
    noise = torch.empty([x.shape[0]] + [1] * (x.ndim - 1), dtype=x.dtype).bernoulli_(1.0 - kind.p)
    if kind.p < 1.0:
        noise.div_(1.0 - kind.p)
    return x * noise


def sliced(kind: Any, x: Tensor) -> Tensor:
    axis = kind.axis % x.ndim
    size = x.shape[axis]
    end = size if kind.end is None else kind.end % size if kind.end < 0 else kind.end
    return x[(*[slice(None)] * axis, slice(kind.start % size if kind.start < 0 else kind.start, end, kind.step))]


def crop(kind: Any, x: Tensor) -> Tensor:
    for axis, left in enumerate(listed(kind.to, x.ndim - 2), 2):
        x = x.narrow(axis, (x.shape[axis] - left) // 2, left)
    return x


def split(kind: Any, x: Tensor) -> list[Tensor]:
    if kind.parts is not None:
        return list(torch.chunk(x, kind.parts, kind.axis))
    return list(torch.split(x, listed(kind.sizes, 1), kind.axis))


def axes(value: Any) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value]


def parameter(kind: Any, w: Weights, batch: int) -> Tensor:
    weight = w["weight"][None]
    return weight if batch == 1 else weight.expand(batch, *weight.shape[1:])


def activation(name: str, kind: Any, *arguments: Any) -> Callable[..., Tensor]:
    def call(x: Tensor) -> Tensor:
        result: Tensor = getattr(F, name)(x, *arguments, **({"inplace": True} if getattr(kind, "inplace", 0) else {}))
        return result

    return call


ACTIVATIONS = {
    "relu", "relu6", "selu", "silu", "mish", "hardsigmoid", "hardswish", "hardtanh", "softplus", "softsign",
}  # fmt: skip


def run(kind: Any, w: Weights, trained: bool, inputs: list[Tensor], batch: int) -> Any:  # noqa: PLR0915 a kind to a case
    """The outputs of a layer."""
    name, x = kind.kind, (inputs or [torch.empty(0)])[0]
    rank = x.ndim - 2
    match name:
        case "conv":
            return conv(kind, w, x)
        case "conv_transpose":
            return conv_transpose(kind, w, x)
        case "linear":
            return F.linear(x, w["weight"], w.get("bias"))
        case "bilinear":
            return F.bilinear(*inputs, w["weight"], w.get("bias"))
        case "embedding":
            return F.embedding(x, w["weight"])
        case "parameter":
            return parameter(kind, w, batch)
        case "constant":
            return torch.zeros(1, *axes(kind.shape), dtype=DTYPES[kind.dtype or ""])
        case "relative_position_bias":
            return position_bias(kind, w, x)
        case "multihead_attention":
            return multihead(kind, w, trained, *inputs)
        case "rnn" | "lstm" | "gru":
            return recurrent(kind, w, trained, x)
        case "scaled_dot_product_attention":
            return attention(kind, *inputs)
        case "batchnorm":
            return F.batch_norm(
                x, w.get("running_mean"), w.get("running_var"), w.get("weight"), w.get("bias"), True, 0.1, kind.eps
            )
        case "instancenorm":
            return F.instance_norm(x, w.get("running_mean"), w.get("running_var"), w.get("weight"), w.get("bias"), True)
        case "groupnorm":
            return F.group_norm(x, kind.groups, w.get("weight"), w.get("bias"), kind.eps)
        case "layernorm":
            return layernorm(kind, w, x)
        case "rmsnorm":
            return F.rms_norm(x, x.shape[-kind.dims :], w.get("weight"), kind.eps)
        case "lrn":
            return F.local_response_norm(x, kind.size, kind.alpha, kind.beta, kind.k)
        case "normalize":
            return F.normalize(x, dim=kind.axis, eps=kind.eps)
        case "maxpool":
            return pool("max_pool", kind, x, dilation=listed(kind.dilation, rank))
        case "avgpool":
            return pool("avg_pool", kind, x, count_include_pad=kind.count_include_pad)
        case "lppool":
            return pool("lp_pool", kind, x)
        case "max_unpool":
            indices = torch.arange(x[0, 0].numel()).view(x.shape[2:]).expand(x.shape).contiguous()
            return max_unpool(kind, x, indices)
        case "adaptive_avgpool" | "adaptive_maxpool":
            sizes = listed(kind.output, rank)
            return ranked(name.replace("pool", "_pool"))[rank - 1](x, sizes if rank > 1 else sizes[0] or x.shape[2])
        case "global_avgpool":
            return ranked("adaptive_avg_pool")[rank - 1](x, 1)
        case "global_maxpool":
            return ranked("adaptive_max_pool")[rank - 1](x, 1)
        case "add" | "sub" | "mul" | "div":
            return reduce(getattr(torch, name), aligned(inputs))
        case "concat":
            return torch.cat(inputs, kind.axis)
        case "scale":
            return x * kind.by
        case "matmul":
            a, b = aligned(inputs)
            return torch.matmul(a.mT if kind.transpose_a else a, b.mT if kind.transpose_b else b)
        case "einsum":
            terms, _, output = kind.equation.partition("->")
            left, _, right = terms.partition(",")
            free = next(letter for letter in "zyxwvutsrqponmlkjihgfedcba" if letter not in kind.equation)
            return torch.einsum(f"{free}{left},{free}{right}->{free}{output}", *inputs)
        case "sigmoid" | "tanh":
            return getattr(torch, name)(x)
        case "leaky_relu":
            return activation(name, kind, kind.slope)(x)
        case "elu" | "celu":
            return activation(name, kind, kind.alpha)(x)
        case "gelu":
            return F.gelu(x, approximate=kind.approximate)
        case "prelu":
            return F.prelu(x, w["weight"])
        case "glu":
            return F.glu(x, kind.axis)
        case "softmax" | "log_softmax":
            return getattr(F, name)(x, dim=kind.axis)
        case "dropout":
            return F.dropout(x, kind.p, True, kind.inplace)
        case "stochastic_depth":
            return stochastic_depth(kind, x)
        case "mean":
            return x.mean(axes(kind.axes), kind.keepdim)
        case "sum":
            return x.sum(axes(kind.axes), kind.keepdim)
        case "max":
            return x.amax(axes(kind.axes), kind.keepdim)
        case "upsample":
            size = None if kind.size is None else listed(kind.size, rank)
            scale = None if kind.scale is None else kind.scale
            scale = [float(each) for each in scale] if isinstance(scale, tuple) else scale
            return F.interpolate(x, size, scale, kind.mode)
        case "pixel_shuffle" | "pixel_unshuffle":
            return getattr(F, name)(x, kind.factor)
        case "channel_shuffle":
            return shuffle(kind, x)
        case "window_partition":
            return partition(kind, x)
        case "window_merge":
            return merge(kind, x)
        case "identity":
            return x
        case "flatten":
            return x.flatten(kind.start, kind.end)
        case "reshape":
            return x.reshape(kind.out_shape(x.shape))
        case "permute":
            return x.permute(0, *kind.places(x.shape))
        case "fold_batch":
            return x.flatten(0, kind.axes)
        case "unfold_batch":
            return x.unflatten(0, (-1, *axes(kind.sizes)))
        case "squeeze":
            return x.squeeze(kind.axis)
        case "unsqueeze":
            return x.unsqueeze(kind.axis)
        case "slice":
            return sliced(kind, x)
        case "select":
            return x.select(kind.axis, kind.index)
        case "split":
            return split(kind, x)
        case "pad":
            mode = {"zeros": "constant"}.get(kind.mode, kind.mode)
            return F.pad(x, axes(kind.padding), mode=mode)
        case "crop":
            return crop(kind, x)
        case "roll":
            shifts = axes(kind.shift)
            dims = axes(kind.axes)
            return torch.roll(x, shifts * len(dims) if len(shifts) < len(dims) else shifts, dims)
    if name in ACTIVATIONS:
        return activation(name, kind)(x)
    if name in LEARNED:
        return LEARNED[name](kind, w, *inputs)
    return CALLS[name](kind, *inputs)


class Saved:
    """What autograd keeps while it is open: each storage once."""

    def __init__(self) -> None:
        self.kept: dict[int, Tensor] = {}

    def pack(self, tensor: Tensor) -> Tensor:
        self.kept.setdefault(storage(tensor), tensor.detach())
        return tensor

    def bytes(self, without: set[int]) -> int:
        return sum(each.untyped_storage().nbytes() for place, each in self.kept.items() if place not in without)


def weights_of(operation: Any) -> Weights:
    """The weights of a layer: learned ones that are not frozen need a gradient."""
    made = {}
    for weight in operation.layer.traits.weights:
        dtype = DTYPES.get(weight.dtype, torch.float32)
        tensor = torch.zeros(weight.shape, dtype=dtype) if weight.buffer else torch.ones(weight.shape)
        made[weight.name] = tensor.requires_grad_(weight.name in operation.trained)
    return made


def measured(program: Any, strides: bool = False) -> tuple[int, int, list[Any]]:
    """Bytes that are saved in one forward pass of a program, with and without its inputs, and how each value lies."""
    values: dict[int, Tensor] = {}
    for number in program.inputs:
        value = program.values[number]
        integer = "int" in value.dtype or value.dtype == "bool"
        values[number] = torch.zeros(value.shape, dtype=DTYPES[value.dtype]) if integer else torch.rand(value.shape)
    inputs = {storage(values[number]) for number in program.inputs}
    left_out: set[int] = set()
    alive: list[Any] = [list(values.values())]
    saved = Saved()
    last: dict[int, int] = {}
    lies: list[Any] = []
    for place, operation in enumerate(program.operations):
        for number in operation.inputs:
            last[number] = place
    with torch.autograd.graph.saved_tensors_hooks(saved.pack, lambda tensor: tensor):
        for place, operation in enumerate(program.operations):
            kind = operation.layer.traits.kind
            w = weights_of(operation)
            taken = [values[number] for number in operation.inputs]
            batch = program.values[operation.outputs[0]].shape[0]
            result = run(kind, w, bool(operation.trained), taken, batch)
            outputs = result if isinstance(result, list) else [result]
            alive.append(w)
            left_out |= {storage(each) for each in (*w.values(), *TABLES)}
            alive.append([TABLES.pop() for _ in range(len(TABLES))])
            for number, output in zip(operation.outputs, outputs, strict=True):
                if tuple(output.shape) != tuple(program.values[number].shape):
                    raise ValueError(f"{operation.path}: {tuple(output.shape)}, not {program.values[number].shape}")
                values[number] = output
                lies.append((number, tuple(output.stride()), storage(output)))
            alive.append([each.grad_fn for each in outputs])
            if not strides:
                for number in (*operation.inputs, *operation.outputs):
                    if last.get(number, place) == place and number not in program.outputs:
                        values.pop(number, None)
            else:
                alive.append(outputs)
    everything = saved.bytes(left_out)
    return everything, saved.bytes(left_out | inputs), lies
