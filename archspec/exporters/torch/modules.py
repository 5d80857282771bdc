"""Kinds that are modules of PyTorch, which hold their weights under the same names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.exporters.refusal import Unsayable
from archspec.exporters.torch.texts import mark
from archspec.exporters.torch.windows import given_pads, pads
from archspec.graph.graph import Layer


def constructor(layer: Layer) -> str | None:
    """What makes the layer's module; None where it is none. Raises Unsayable."""
    make = MODULES.get(layer.traits.kind.kind)
    if make is None:
        if layer.traits.weights and not layer.traits.kind.bare:
            raise Unsayable("PyTorch has no module of this kind")
        return None
    return make(layer.traits.kind, layer.traits.inputs[0] if layer.traits.inputs else (), layer)


def call(layer: Layer, module: str, inputs: list[str]) -> str:
    """What the module is called with; ``inputs`` are what its inputs are called."""
    kind: Any = layer.traits.kind
    match kind.kind:
        case "conv":
            flat = given_pads(kind, layer.traits.inputs[0])
            return f"{module}(F.pad({inputs[0]}, {mark('pad', flat)}))" if flat else f"{module}({inputs[0]})"
        case "rnn" | "lstm" | "gru":
            return f"states({module}({inputs[0]}))" if kind.state else f"{module}({inputs[0]})[0]"
        case "multihead_attention":
            queried = ", ".join(inputs if len(inputs) == 3 else inputs * 3)
            return f"{module}({queried})" if kind.need_weights else f"{module}({queried}, need_weights=False)[0]"
    return f"{module}({', '.join(inputs)})"


def _conv(kind: Any, shape: Any, layer: Layer) -> str:
    flat = given_pads(kind, shape)
    rank = len(shape) - 2
    padding: Any = 0
    if not flat:
        sides = [before for before, _ in pads(kind, shape)]
        padding = sides[0] if len(set(sides)) == 1 else tuple(sides)
    sizes = [mark("in_channels", shape[1]), mark("out_channels", kind.out), mark("kernel_size", kind.kernel)]
    sizes += [f"stride={mark('stride', kind.stride)}", f"padding={mark('padding', padding)}"]
    return f"nn.Conv{rank}d({', '.join(sizes + _rest(kind, dilation=1, groups=1, bias=True))})"


def _conv_transpose(kind: Any, shape: Any, layer: Layer) -> str:
    sizes = [mark("in_channels", shape[1]), mark("out_channels", kind.out), mark("kernel_size", kind.kernel)]
    sizes += [f"stride={mark('stride', kind.stride)}", f"padding={mark('padding', kind.padding)}"]
    rest = _rest(kind, output_padding=0, groups=1, bias=True, dilation=1)
    return f"nn.ConvTranspose{len(shape) - 2}d({', '.join(sizes + rest)})"


def _linear(kind: Any, shape: Any, layer: Layer) -> str:
    sizes = [mark("in_features", shape[-1]), mark("out_features", kind.out)]
    return f"nn.Linear({', '.join(sizes + _rest(kind, bias=True))})"


def _bilinear(kind: Any, shape: Any, layer: Layer) -> str:
    sizes = [mark(f"in{number}_features", each[-1]) for number, each in enumerate(layer.traits.inputs, 1)]
    return f"nn.Bilinear({', '.join([*sizes, mark('out_features', kind.out), *_rest(kind, bias=True)])})"


def _embedding(kind: Any, shape: Any, layer: Layer) -> str:
    return f"nn.Embedding({mark('vocab', kind.vocab)}, {mark('dim', kind.dim)})"


def _channel_norm(name: str, **usual: Any) -> Callable[[Any, Any, Layer], str]:
    def make(kind: Any, shape: Any, layer: Layer) -> str:
        rank = max(len(shape) - 2, 1)
        if rank > 3:
            raise Unsayable(f"PyTorch's takes 1 to 3 spatial axes, not {rank}")
        if kind.track and not getattr(kind, "counter", True):
            raise Unsayable("PyTorch's counts the batches it has seen")
        if kind.affine and not (getattr(kind, "scale", True) and getattr(kind, "bias", True)):
            raise Unsayable("PyTorch's has a scale and a shift, or neither")
        rest = _rest(kind, eps=1e-5, affine=usual["affine"])
        if kind.track != usual["track"]:
            rest.append(f"track_running_stats={kind.track}")
        return f"nn.{name}{rank}d({', '.join([mark('channels', shape[1]), *rest])})"

    return make


def _groupnorm(kind: Any, shape: Any, layer: Layer) -> str:
    sizes = [mark("groups", kind.groups), mark("channels", shape[1])]
    return f"nn.GroupNorm({', '.join(sizes + _rest(kind, eps=1e-5, affine=True))})"


def _layernorm(kind: Any, shape: Any, layer: Layer) -> str:
    rest = _rest(kind, eps=1e-5)
    if not kind.affine:
        rest.append("elementwise_affine=False")
    elif not kind.bias:
        rest.append("bias=False")
    if kind.channels_first:
        return f"ChannelNorm({', '.join([mark('channels', shape[1]), *rest])})"
    return f"nn.LayerNorm({', '.join([_normed(kind, shape), *rest])})"


def _rmsnorm(kind: Any, shape: Any, layer: Layer) -> str:
    rest = [f"eps={mark('eps', kind.eps)}", *([] if kind.affine else ["elementwise_affine=False"])]
    return f"nn.RMSNorm({', '.join([_normed(kind, shape), *rest])})"


def _normed(kind: Any, shape: Any) -> str:
    return mark("size", shape[-1] if kind.dims == 1 else tuple(shape[-kind.dims :]))


def _recurrent(name: str) -> Callable[[Any, Any, Layer], str]:
    def make(kind: Any, shape: Any, layer: Layer) -> str:
        if kind.bias == 1 and kind.bias is not True:
            raise Unsayable("PyTorch's has two bias vectors or none")
        if not getattr(kind, "reset_after", True):
            raise Unsayable("PyTorch's resets behind the matrix of the state")
        sizes = [mark("input_size", shape[-1]), mark("hidden", kind.hidden)]
        if kind.layers != 1:
            sizes.append(f"num_layers={mark('layers', kind.layers)}")
        if getattr(kind, "proj", 0):
            sizes.append(f"proj_size={mark('proj', kind.proj)}")
        if getattr(kind, "nonlinearity", "tanh") != "tanh":
            sizes.append("nonlinearity='relu'")
        rest = ["batch_first=True", *(["bidirectional=True"] if kind.bidirectional else [])]
        return f"nn.{name}({', '.join([*sizes, *([] if kind.bias else ['bias=False']), *rest])})"

    return make


def _multihead(kind: Any, shape: Any, layer: Layer) -> str:
    shapes = layer.traits.inputs
    key, value = (shapes[1][-1], shapes[2][-1]) if len(shapes) == 3 else (shape[-1], shape[-1])
    sizes = [mark("size", shape[-1]), mark("heads", kind.heads), *_rest(kind, bias=True)]
    if (key, value) != (shape[-1], shape[-1]):
        sizes += [f"kdim={mark('kdim', key)}", f"vdim={mark('vdim', value)}"]
    return f"nn.MultiheadAttention({', '.join([*sizes, 'batch_first=True'])})"


def _prelu(kind: Any, shape: Any, layer: Layer) -> str:
    return f"nn.PReLU({mark('slopes', shape[1]) if kind.per_channel else ''})"


def _position_bias(kind: Any, shape: Any, layer: Layer) -> str:
    window = kind.window if isinstance(kind.window, tuple) else (kind.window, kind.window)
    flags = "".join(
        [*([] if kind.flat else [", flat=False"]), *([] if kind.table == "learned" else [", learned=False"])]
    )
    return f"RelativePositionBias({mark('window', window)}, {mark('heads', kind.heads)}{flags})"


def _frozen(kind: Any, shape: Any, layer: Layer) -> str:
    return f"FrozenBatchNorm({', '.join([mark('channels', shape[1]), *_rest(kind, eps=1e-5)])})"


def _rest(kind: Any, **usual: Any) -> list[str]:
    """Arguments that differ from what PyTorch takes without them."""
    return [
        f"{name}={getattr(kind, name)}"
        if value is True or value is False
        else f"{name}={mark(name, getattr(kind, name))}"
        for name, value in usual.items()
        if getattr(kind, name) != value
    ]


MODULES: dict[str, Callable[[Any, Any, Layer], str]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "linear": _linear,
    "bilinear": _bilinear,
    "embedding": _embedding,
    "batchnorm": _channel_norm("BatchNorm", affine=True, track=True),
    "instancenorm": _channel_norm("InstanceNorm", affine=False, track=False),
    "frozen_batchnorm": _frozen,
    "groupnorm": _groupnorm,
    "layernorm": _layernorm,
    "rmsnorm": _rmsnorm,
    "rnn": _recurrent("RNN"),
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
    "multihead_attention": _multihead,
    "prelu": _prelu,
    "relative_position_bias": _position_bias,
}
