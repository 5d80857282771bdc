"""Kinds that work element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.exporters.onnx.body import Body, Write, aligned, element
from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer
from archspec.kinds.axes import axis_index
from archspec.kinds.dtypes import FLOATS

Of = Callable[[Any], dict[str, Any]]
COMPARED = {"eq": "Equal", "lt": "Less", "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual"}


def plain(operator: str, attributes: Of = lambda kind: {}) -> Write:
    """One operator on the inputs as they are."""
    return lambda body, layer, inputs, weights: body.op(operator, *inputs, **attributes(layer.traits.kind))


def _axis(operator: str) -> Write:
    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        kind: Any = layer.traits.kind
        return body.op(operator, *inputs, axis=axis_index(kind.axis, layer.traits.inputs[0]))

    return write


def _pair(operator: str) -> Write:
    return lambda body, layer, inputs, weights: body.op(operator, *aligned(body, layer, inputs))


def _product(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    made, *others = aligned(body, layer, inputs)
    for other in others:
        made = body.op("Mul", made, other)
    return made


def _sum(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.op("Add" if len(inputs) == 2 else "Sum", *aligned(body, layer, inputs))


def number(body: Body, layer: Layer, value: float) -> str:
    """A constant that meets the layer's first input. Raises Unsayable."""
    dtype = layer.dtypes[0]
    if dtype not in FLOATS and value != int(value):
        raise Unsayable(f"a tensor of {dtype} meets {value}")
    return body.constant(value if dtype in FLOATS else int(value), dtype)


def _with(operator: str, name: str) -> Callable[[Body, Layer, list[str], dict[str, str]], str]:
    """An operator on a tensor and a number."""

    def write(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
        value = getattr(layer.traits.kind, name)
        others = aligned(body, layer, inputs)[1:] if value is None else [number(body, layer, value)]
        return body.op(operator, aligned(body, layer, inputs)[0] if value is None else inputs[0], *others)

    return write


def _power(exponent: float) -> Write:
    return lambda body, layer, inputs, weights: body.op("Pow", inputs[0], number(body, layer, exponent))


def _compare(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    if kind.op == "ne":
        return body.op("Not", _with("Equal", "to")(body, layer, inputs, weights))
    return _with(COMPARED[kind.op], "to")(body, layer, inputs, weights)


def _clip(body: Body, layer: Layer, inputs: list[str], low: float | None, high: float | None) -> str:
    ends = ["" if end is None else number(body, layer, end) for end in (low, high)]
    return body.op("Clip", *inputs, *(ends if ends[1] else ends[:1]))


def _clamp(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return _clip(body, layer, inputs, kind.min, kind.max)


def _between(low: float, high: float) -> Write:
    return lambda body, layer, inputs, weights: _clip(body, layer, inputs, low, high)


def is_operator(layer: Layer) -> bool:
    """Whether ONNX has an operator for these arguments, which is not read as another kind or as no layer at all."""
    kind: Any = layer.traits.kind
    match kind.kind:
        case "scale":
            return bool(kind.by != 1)
        case "offset":
            return bool(kind.by != 0)
        case "pow":
            return kind.exponent not in (1, 2, 0.5, -1, -0.5)
        case "clamp":
            return (kind.min, kind.max) not in ((0, 6), (0, None), (-1, 1))
        case "compare":
            return bool(kind.op != "ne")
        case "logical_not":
            return layer.dtypes[0] == "bool"
    return True


def _cast(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("Cast", *inputs, to=element("" if kind.to == "float" else kind.to))


def _dropout(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    return body.op("Dropout", *inputs, body.constant(float(kind.p), ""))


OPERATORS: dict[str, Write] = {
    **{
        name: plain(operator)
        for name, operator in {
            "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "softsign": "Softsign",
            "mish": "Mish", "hardswish": "HardSwish", "exp": "Exp", "log": "Log", "sqrt": "Sqrt",
            "reciprocal": "Reciprocal", "neg": "Neg", "abs": "Abs", "sign": "Sign", "floor": "Floor", "ceil": "Ceil",
            "round": "Round", "sin": "Sin", "cos": "Cos", "erf": "Erf", "logical_not": "Not", "selu": "Selu",
        }.items()
    },
    "hardsigmoid": plain("HardSigmoid", lambda kind: {"alpha": 1 / 6, "beta": 0.5}),
    "leaky_relu": plain("LeakyRelu", lambda kind: {"alpha": kind.slope}),
    "elu": plain("Elu", lambda kind: {"alpha": kind.alpha}),
    "celu": plain("Celu", lambda kind: {"alpha": kind.alpha}),
    "gelu": plain("Gelu", lambda kind: {"approximate": kind.approximate}),
    "relu6": _between(0, 6),
    "hardtanh": _between(-1, 1),
    "clamp": _clamp,
    "softmax": _axis("Softmax"),
    "log_softmax": _axis("LogSoftmax"),
    "add": _sum,
    "mul": _product,
    "sub": _pair("Sub"),
    "div": _pair("Div"),
    "minimum": _pair("Min"),
    "maximum": _pair("Max"),
    "where": _pair("Where"),
    "scale": _with("Mul", "by"),
    "offset": _with("Add", "by"),
    "pow": _with("Pow", "exponent"),
    "square": _power(2),
    "rsqrt": _power(-0.5),
    "compare": _compare,
    "cast": _cast,
    "dropout": _dropout,
}  # fmt: skip


def _silu(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.op("Mul", inputs[0], body.op("Sigmoid", inputs[0]))


def _quick_gelu(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    scaled = body.op("Mul", inputs[0], number(body, layer, 1.702))
    return body.op("Mul", inputs[0], body.op("Sigmoid", scaled))


def _squared_relu(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    positive = body.op("Relu", inputs[0])
    return body.op("Mul", positive, positive)


def _log_sigmoid(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    return body.op("Neg", body.op("Softplus", body.op("Neg", inputs[0])))


def _glu(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    axis = axis_index(kind.axis, layer.traits.inputs[0])
    half = layer.traits.outputs[0][axis]
    left, right = body.ops("Split", *inputs, body.constant([half, half]), outputs=2, axis=axis)
    return body.op("Mul", left, body.op("Sigmoid", right))


def _prelu(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    slope = weights["weight"]
    rank = len(layer.traits.inputs[0])
    if rank > 2 and layer.traits.facts["slopes"] != 1:
        slope = body.unsqueezed(slope, *range(1, rank - 1))
    return body.op("PRelu", *inputs, slope)


def _masked_fill(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    value, chosen = aligned(body, layer, inputs)
    return body.op("Where", chosen, number(body, layer, kind.value), value)


FUNCTIONS: dict[str, Write] = {
    "silu": _silu,
    "quick_gelu": _quick_gelu,
    "squared_relu": _squared_relu,
    "logsigmoid": _log_sigmoid,
    "glu": _glu,
    "prelu": _prelu,
    "masked_fill": _masked_fill,
    "stochastic_depth": plain("Identity"),
    "identity": plain("Identity"),
    "logical_not": lambda body, layer, inputs, weights: body.op("Not", body.op("Cast", *inputs, to=element("bool"))),
    **{kind: OPERATORS[kind] for kind in ("scale", "offset", "pow", "clamp", "compare")},
}
