"""Kinds without weights, as expressions of PyTorch."""

from __future__ import annotations

from typing import Any

from archspec.exporters.refusal import Unsayable
from archspec.exporters.torch.shapes import SHAPES, Write
from archspec.exporters.torch.texts import mark
from archspec.exporters.torch.windows import given_pads, pads
from archspec.graph.graph import Layer
from archspec.kinds.axes import listed


def expression(layer: Layer, inputs: list[str]) -> str:
    """What the layer makes of its inputs, which are called so. Raises Unsayable."""
    kind = layer.traits.kind
    write = FUNCTIONS.get(kind.kind)
    if write is None:
        raise Unsayable("PyTorch has no function of this kind")
    return write(kind, layer, inputs)


def _named(name: str, *arguments: str) -> Write:
    """A function with some of the kind's arguments, by their names there; ``own=theirs`` where they differ."""

    def write(kind: Any, layer: Layer, inputs: list[str]) -> str:
        said = []
        for argument in arguments:
            own, _, theirs = argument.partition("=")
            said.append(f"{theirs or own}={mark(own, getattr(kind, own))}")
        return f"{name}({', '.join(inputs + said)})"

    return write


def _aligned(layer: Layer, inputs: list[str]) -> list[str]:
    """Inputs of as many axes: those that are missing stand behind the batch."""
    most = max(map(len, layer.traits.inputs))
    return [
        name if len(shape) == most else f"{name}[:, {', '.join(['None'] * (most - len(shape)))}]"
        for name, shape in zip(inputs, layer.traits.inputs, strict=True)
    ]


def _joined(sign: str) -> Write:
    return lambda kind, layer, inputs: f" {sign} ".join(_aligned(layer, inputs))


def _pairwise(name: str) -> Write:
    def write(kind: Any, layer: Layer, inputs: list[str]) -> str:
        first, *others = _aligned(layer, inputs)
        for other in others:
            first = f"{name}({first}, {other})"
        return first

    return write


def _pool(name: str, *more: str) -> Write:
    def write(kind: Any, layer: Layer, inputs: list[str]) -> str:
        shape = layer.traits.inputs[0]
        rank = len(shape) - 2
        said = [mark("kernel_size", kind.kernel)]
        said.append(f"stride={mark('stride', kind.kernel if kind.stride is None else kind.stride)}")
        flat, taken = given_pads(kind, shape), inputs[0]
        if flat:
            fill = ", value=float('-inf')" if name == "max_pool" else ""
            taken = f"F.pad({taken}, {mark('pad', flat)}{fill})"
            if name == "avg_pool" and not kind.count_include_pad:
                raise Unsayable("its padding differs from side to side and is not counted")
        elif any(before for before, _ in pads(kind, shape)):
            sides = tuple([before for before, _ in pads(kind, shape)])
            said.append(f"padding={mark('padding', sides[0] if len(set(sides)) == 1 else sides)}")
        if kind.ceil:
            said.append("ceil_mode=True")
        said += [f"{each}={mark(each, getattr(kind, each))}" for each in more if getattr(kind, each) not in (1, True)]
        return f"F.{name}{rank}d({', '.join([taken, *said])})"

    return write


def _lppool(kind: Any, layer: Layer, inputs: list[str]) -> str:
    said = [inputs[0], mark("norm", kind.norm), mark("kernel", kind.kernel)]
    said += [f"stride={mark('stride', kind.stride)}"] * (kind.stride is not None) + ["ceil_mode=True"] * kind.ceil
    return f"F.lp_pool{len(layer.traits.inputs[0]) - 2}d({', '.join(said)})"


def _adaptive(name: str) -> Write:
    def write(kind: Any, layer: Layer, inputs: list[str]) -> str:
        rank = len(layer.traits.inputs[0]) - 2
        output = getattr(kind, "output", 1)
        return f"F.{name}{rank}d({inputs[0]}, {mark('output', output)})"

    return write


def _matmul(kind: Any, layer: Layer, inputs: list[str]) -> str:
    a, b = _aligned(layer, inputs)
    return f"{a}{'.mT' * kind.transpose_a} @ {b}{'.mT' * kind.transpose_b}"


def _einsum(kind: Any, layer: Layer, inputs: list[str]) -> str:
    terms, _, output = kind.equation.replace(" ", "").partition("->")
    left, _, right = terms.partition(",")
    free = next(letter for letter in "zyxwvutsrqponmlkjihgfedcba" if letter not in kind.equation)
    return f"torch.einsum({f'{free}{left},{free}{right}->{free}{output}'!r}, {', '.join(inputs)})"


def _attention(kind: Any, layer: Layer, inputs: list[str]) -> str:
    (queries, keys), bias = (shape[2] for shape in layer.traits.inputs[:2]), inputs[3:]
    said = list(inputs[:3])
    if kind.window is not None or (kind.causal and (bias or queries != keys)):
        window = "None" if kind.window is None else mark("window", kind.window)
        seen = f"visible({inputs[0]}.shape[2], {inputs[1]}.shape[2], {kind.causal}, {window})"
        said.append(f"attn_mask={bias[0]}.masked_fill(~{seen}, float('-inf'))" if bias else f"attn_mask={seen}")
    else:
        said += [f"attn_mask={each}" for each in bias]
        said += ["is_causal=True"] * kind.causal
    if kind.scale is not None:
        said.append(f"scale={mark('scale', kind.scale)}")
    if layer.traits.inputs[0][1] != layer.traits.inputs[1][1]:
        said.append("enable_gqa=True")
    return f"F.scaled_dot_product_attention({', '.join(said)})"


def _reduced(name: str, *more: str) -> Write:
    def write(kind: Any, layer: Layer, inputs: list[str]) -> str:
        said = [f"dim={mark('dim', kind.axes)}", *(f"{each}={mark(each, getattr(kind, each))}" for each in more)]
        return f"{inputs[0]}.{name}({', '.join(said + ['keepdim=True'] * kind.keepdim)})"

    return write


def _upsample(kind: Any, layer: Layer, inputs: list[str]) -> str:
    if kind.size is not None:
        size = f"size={mark('size', kind.size)}"
    else:
        scale = [float(each) for each in listed(kind.scale)]
        size = f"scale_factor={mark('scale', tuple(scale) if isinstance(kind.scale, tuple) else scale[0])}"
    return f"F.interpolate({inputs[0]}, {size}, mode={kind.mode!r})"


def _constant(kind: Any, layer: Layer, inputs: list[str]) -> str:
    shape = ", ".join([mark("size", size) for size in layer.traits.outputs[0]])
    dtype = f", dtype=torch.{kind.dtype}" if kind.dtype else ""
    return f"{inputs[0]}.new_zeros({shape}{dtype})" if inputs else f"torch.zeros({shape}{dtype})"


def _compare(kind: Any, layer: Layer, inputs: list[str]) -> str:
    other = _aligned(layer, inputs)[1:] or [mark("to", kind.to)]
    return f"torch.{kind.op}({_aligned(layer, inputs)[0]}, {other[0]})"


def _power(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return (
        f"torch.pow({', '.join(_aligned(layer, inputs) if len(inputs) > 1 else [inputs[0], _number(kind.exponent)])})"
    )


def _number(value: Any) -> str:
    """A whole number as an integer, which keeps integers."""
    return mark("value", int(value) if value == int(value) else value)


def _where(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return f"torch.where({', '.join(_aligned(layer, inputs))})"


def _masked(kind: Any, layer: Layer, inputs: list[str]) -> str:
    x, chosen = _aligned(layer, inputs)
    return (
        f"torch.where({chosen}, {_number(kind.value)}, {x})"
        if kind.broadcast
        else f"{x}.masked_fill({chosen}, {_number(kind.value)})"
    )


def _clamp(kind: Any, layer: Layer, inputs: list[str]) -> str:
    ends = [f"{name}={_number(value)}" for name, value in (("min", kind.min), ("max", kind.max)) if value is not None]
    return f"{inputs[0]}.clamp({', '.join(ends)})"


def _cast(kind: Any, layer: Layer, inputs: list[str]) -> str:
    return f"{inputs[0]}.to(torch.{'float32' if kind.to == 'float' else kind.to})"


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_NN = (
    "relu",
    "relu6",
    "selu",
    "silu",
    "mish",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "softplus",
    "softsign",
    "logsigmoid",
)
_TORCH = (
    "exp",
    "log",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "square",
    "neg",
    "abs",
    "sign",
    "floor",
    "ceil",
    "round",
    "sin",
    "cos",
    "erf",
    "logical_not",
    "sigmoid",
    "tanh",
)

FUNCTIONS: dict[str, Write] = {
    **SHAPES,
    **{name: _named(f"F.{name}") for name in _NN},
    **{name: _named(f"torch.{name}") for name in _TORCH},
    **{name: _joined(sign) for name, sign in _SIGNS.items()},
    "pixel_shuffle": _named("F.pixel_shuffle", "factor=upscale_factor"),
    "pixel_unshuffle": _named("F.pixel_unshuffle", "factor=downscale_factor"),
    "leaky_relu": _named("F.leaky_relu", "slope=negative_slope"),
    "elu": _named("F.elu", "alpha"),
    "celu": _named("F.celu", "alpha"),
    "gelu": lambda kind, layer, inputs: (
        f"F.gelu({inputs[0]})" if kind.approximate == "none" else f"F.gelu({inputs[0]}, approximate='tanh')"
    ),
    "quick_gelu": lambda kind, layer, inputs: f"{inputs[0]} * torch.sigmoid(1.702 * {inputs[0]})",
    "squared_relu": lambda kind, layer, inputs: f"F.relu({inputs[0]}).square()",
    "glu": _named("F.glu", "axis=dim"),
    "softmax": _named("F.softmax", "axis=dim"),
    "log_softmax": _named("F.log_softmax", "axis=dim"),
    "normalize": _named("F.normalize", "axis=dim", "eps"),
    "lrn": _named("F.local_response_norm", "size", "alpha", "beta", "k"),
    "dropout": lambda kind, layer, inputs: f"F.dropout({inputs[0]}, {mark('p', float(kind.p))}, self.training)",
    "stochastic_depth": lambda kind, layer, inputs: (
        f"drop_path({inputs[0]}, {mark('p', float(kind.p))}, self.training)"
    ),
    "scale": lambda kind, layer, inputs: f"{inputs[0]} * {mark('scale', kind.by)}",
    "offset": lambda kind, layer, inputs: f"{inputs[0]} + {_number(kind.by)}",
    "minimum": _pairwise("torch.minimum"),
    "maximum": _pairwise("torch.maximum"),
    "compare": _compare,
    "pow": _power,
    "where": _where,
    "masked_fill": _masked,
    "clamp": _clamp,
    "cast": _cast,
    "matmul": _matmul,
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
    "maxpool": _pool("max_pool", "dilation"),
    "avgpool": _pool("avg_pool", "count_include_pad"),
    "lppool": _lppool,
    "adaptive_avgpool": _adaptive("adaptive_avg_pool"),
    "adaptive_maxpool": _adaptive("adaptive_max_pool"),
    "global_avgpool": _adaptive("adaptive_avg_pool"),
    "global_maxpool": _adaptive("adaptive_max_pool"),
    "mean": _reduced("mean"),
    "sum": _reduced("sum"),
    "max": _reduced("amax"),
    "min": _reduced("amin"),
    "var": _reduced("var", "correction"),
    "std": _reduced("std", "correction"),
    "cumsum": _named("torch.cumsum", "axis=dim"),
    "argmax": _named("torch.argmax", "axis=dim", "keepdim"),
    "argmin": _named("torch.argmin", "axis=dim", "keepdim"),
    "topk": _named("torch.topk", "k", "axis=dim"),
    "one_hot": lambda kind, layer, inputs: f"F.one_hot({inputs[0]}, {mark('classes', kind.classes)})",
    "gather": lambda kind, layer, inputs: f"{inputs[0]}.gather({mark('dim', kind.axis)}, {inputs[1]})",
    "upsample": _upsample,
    "channel_shuffle": lambda kind, layer, inputs: f"F.channel_shuffle({inputs[0]}, {mark('groups', kind.groups)})",
    "constant": _constant,
}
