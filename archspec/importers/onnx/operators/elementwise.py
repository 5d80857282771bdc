"""Element by element: functions of one tensor, of two that meet, and of a tensor and a constant."""

from __future__ import annotations

from functools import partial
from typing import Any

from archspec.importers.composing.layers import FLOATS, Weight
from archspec.importers.onnx.network import Network, known_scalar, number
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, given, meet, stretched
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import TYPES, Flow, Samples, Value

FUNCTIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "HardSwish": "hardswish",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Mish": "mish",
    "Exp": "exp",
    "Log": "log",
    "Sqrt": "sqrt",
    "Reciprocal": "reciprocal",
    "Neg": "neg",
    "Abs": "abs",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Sin": "sin",
    "Cos": "cos",
    "Erf": "erf",
    "Not": "logical_not",
}
PAIRS = {"Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Min": "minimum", "Max": "maximum", "Sum": "add"}
COMPARED = {"Equal": "eq", "Less": "lt", "LessOrEqual": "le", "Greater": "gt", "GreaterOrEqual": "ge"}


def alike(net: Network, kind: str, value: Flow, arguments: dict[str, Any] | None = None) -> Flow:
    """A layer whose output has its input's axes."""
    return net.flow(kind, [value], value.dims, arguments)


def function(kind: str, net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """One function of each element."""
    return [alike(net, kind, flow(net, inputs))]


def hard_sigmoid(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """PyTorch's is x / 6 + 1 / 2; another slope or shift is written out."""
    value = flow(net, inputs)
    slope, shift = (node.attributes.get(name, standard) for name, standard in (("alpha", 0.2), ("beta", 0.5)))
    if abs(slope - 1 / 6) < 1e-6 and shift == 0.5:
        return [alike(net, "hardsigmoid", value)]
    value = alike(net, "scale", value, {"by": number(slope)})
    value = alike(net, "offset", value, {"by": number(shift)})
    return [alike(net, "clamp", value, {"min": 0, "max": 1})]


def parametric(kind: str, names: dict[str, tuple[str, float]], net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """An activation with a number or two, left out where they are archspec's own."""
    arguments = {name: number(node.attributes.get(attribute, value)) for attribute, (name, value) in names.items()}
    return [alike(net, kind, flow(net, inputs), arguments)]


def gelu(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Gelu of opset 20."""
    tanh = node.attributes.get("approximate", "none") == "tanh"
    return [alike(net, "gelu", flow(net, inputs), {"approximate": "tanh"} if tanh else None)]


def prelu(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A learned slope, one for all or for each channel; any other is written out."""
    value, slope = flow(net, inputs), given(net, inputs, 1)
    if isinstance(slope, Weight) and value.dims[0] == Samples() and not slope.turned:
        sizes = [size for size in slope.shape if size != 1]
        per_channel = len(slope.shape) in (1, len(value.dims) - 1) and sizes == [value.sizes[0]] == [slope.shape[0]]
        if not sizes or per_channel:
            arguments = {"per_channel": True} if sizes else None
            return [net.flow("prelu", [value], value.dims, arguments, {"weight": slope})]
    positive = alike(net, "relu", value)
    negative = alike(net, "clamp", value, {"max": 0})
    flows, dims = meet(net, [negative, slope])
    scaled = net.flow("mul", flows, dims, stretched(flows))
    return [net.flow("add", [positive, scaled], dims, stretched([positive, scaled]))]


def clip(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A bound below, above or both."""
    value = flow(net, inputs)
    bounds: list[float | None] = []
    for place, name in ((1, "min"), (2, "max")):
        bound = inputs[place] if place < len(inputs) else None
        found = node.attributes.get(name) if bound is None else known_scalar(bound)
        if bound is not None and found is None:
            raise net.fail(f"its {name} is worked out when the network runs")
        bounds.append(None if found is None else number(found))
    low, high = bounds
    if low == 0 and high == 6:
        return [alike(net, "relu6", value)]
    if low == 0 and high is None:
        return [alike(net, "relu", value)]
    if low == -1 and high == 1:
        return [alike(net, "hardtanh", value)]
    arguments = {name: bound for name, bound in (("min", low), ("max", high)) if bound is not None}
    return [alike(net, "clamp", value, arguments) if arguments else value]


def pair(kind: str, net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Tensors that are combined element by element; a constant is an argument."""
    values = [given(net, inputs, place) for place in range(len(inputs))]
    if len(values) == 1:
        return values
    constants = [known_scalar(value) for value in values]
    if len(values) == 2 and (constants[0] is None) != (constants[1] is None):
        place = 0 if constants[0] is None else 1
        constant = constants[1 - place]
        assert constant is not None
        made = _with_constant(net, kind, net.spread(values[place]), constant, swapped=place == 1)
        if made is not None:
            return [made]
    flows, dims = meet(net, values)
    return [net.flow(kind, flows, dims, stretched(flows))]


def _with_constant(net: Network, kind: str, value: Flow, constant: float, *, swapped: bool) -> Flow | None:
    by = number(constant)
    if kind == "mul" or (kind == "div" and not swapped and constant):
        if kind == "div":
            by = number(1 / constant)
        return value if by == 1 else alike(net, "scale", value, {"by": by})
    if kind in ("add", "sub"):
        if kind == "sub" and swapped:
            value = alike(net, "neg", value)
        by = -by if kind == "sub" and not swapped else by
        return value if by == 0 else alike(net, "offset", value, {"by": by})
    if kind == "div" and swapped:
        made = alike(net, "reciprocal", value)
        return made if by == 1 else alike(net, "scale", made, {"by": by})
    if kind in ("minimum", "maximum"):
        return alike(net, "clamp", value, {"max" if kind == "minimum" else "min": by})
    return None


def power(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A power, of a constant exponent or of a tensor's."""
    exponent = known_scalar(given(net, inputs, 1))
    if exponent is None:
        flows, dims = meet(net, [given(net, inputs, place) for place in range(2)])
        return [net.flow("pow", flows, dims, stretched(flows))]
    value = flow(net, inputs)
    plain = {2: "square", 0.5: "sqrt", -1: "reciprocal", -0.5: "rsqrt"}.get(exponent)
    if exponent == 1:
        return [value]
    return [alike(net, plain, value) if plain else alike(net, "pow", value, {"exponent": number(exponent)})]


def compare(op: str, net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Bools."""
    constant = known_scalar(given(net, inputs, 1))
    if constant is not None:
        value = flow(net, inputs)
        made = alike(net, "compare", value, {"op": op, "to": number(constant)})
    else:
        flows, dims = meet(net, [given(net, inputs, place) for place in range(2)])
        made = net.flow("compare", flows, dims, {"op": op, **stretched(flows)})
    return [_typed(net, made, "bool")]


def where(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Elements of one or the other."""
    flows, dims = meet(net, [given(net, inputs, place) for place in range(3)])
    return [_typed(net, net.flow("where", flows, dims, stretched(flows)), flows[1].dtype)]


def cast(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Another dtype; between sorts of floating point it is none of archspec's business."""
    value = given(net, inputs, 0)
    dtype = TYPES.get(node.attributes.get("to", 0))
    if dtype is None:
        raise net.fail("casts to a type that no tensor here has")
    if isinstance(value, Weight) and value.dtype in FLOATS and dtype in FLOATS:
        return [value]
    made = net.spread(value)
    if made.dtype == dtype or (made.dtype in FLOATS and dtype in FLOATS):
        return [made]
    target = "float" if dtype in FLOATS else dtype
    return [_typed(net, alike(net, "cast", made, {"to": target}), dtype)]


def _typed(net: Network, made: Flow, dtype: str) -> Flow:
    net.layers[made.layer].dtype = dtype
    return Flow(made.layer, made.output, made.dims, made.batched, dtype)


def softmax(kind: str, net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Along one axis; before opset 13 along the last ones together."""
    value = net.opened(flow(net, inputs))
    standard = -1 if net.opset >= 13 else 1
    place = net.place(value, node.attributes.get("axis", standard))
    if net.opset < 13 and place != len(value.dims) - 1:
        raise net.fail("of an opset before 13 joins several axes: convert the model to opset 13")
    axis = net.without_batch(value, place)
    return [alike(net, kind, value, None if axis == len(value.sizes) else {"axis": axis})]


RULES: dict[str, Rule] = {
    **{op: partial(function, kind) for op, kind in FUNCTIONS.items()},
    **{op: partial(pair, kind) for op, kind in PAIRS.items()},
    **{op: partial(compare, name) for op, name in COMPARED.items()},
    "HardSigmoid": hard_sigmoid,
    "LeakyRelu": partial(parametric, "leaky_relu", {"alpha": ("slope", 0.01)}),
    "Elu": partial(parametric, "elu", {"alpha": ("alpha", 1.0)}),
    "Celu": partial(parametric, "celu", {"alpha": ("alpha", 1.0)}),
    "Selu": partial(function, "selu"),
    "Gelu": gelu,
    "PRelu": prelu,
    "Clip": clip,
    "Pow": power,
    "Where": where,
    "Cast": cast,
    "Softmax": partial(softmax, "softmax"),
    "LogSoftmax": partial(softmax, "log_softmax"),
}
