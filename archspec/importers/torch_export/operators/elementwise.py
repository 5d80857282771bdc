"""Element by element, along an axis, and reductions. An operator in place gives what the one of that name gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from archspec.importers.onnx.network import number
from archspec.importers.onnx.operators.elementwise import alike
from archspec.importers.onnx.values import TYPES as ONNX_TYPES
from archspec.importers.onnx.values import Flow, Known, Value
from archspec.importers.torch_export.calls import Call, Rule, is_float, known
from archspec.importers.torch_export.reading import TYPES

FUNCTIONS = {
    "abs": "Abs",
    "ceil": "Ceil",
    "cos": "Cos",
    "erf": "Erf",
    "exp": "Exp",
    "floor": "Floor",
    "hardswish": "HardSwish",
    "log": "Log",
    "logical_not": "Not",
    "bitwise_not": "Not",
    "mish": "Mish",
    "neg": "Neg",
    "reciprocal": "Reciprocal",
    "relu": "Relu",
    "round": "Round",
    "selu": "Selu",
    "sigmoid": "Sigmoid",
    "sign": "Sign",
    "sin": "Sin",
    "softsign": "Softsign",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
}
KINDS = {
    "hardsigmoid": "hardsigmoid",
    "log_sigmoid": "logsigmoid",
    "relu6": "relu6",
    "rsqrt": "rsqrt",
    "silu": "silu",
    "square": "square",
}
PAIRS = {"add": "Add", "div": "Div", "mul": "Mul", "sub": "Sub", "maximum": "Max", "minimum": "Min"}
COMPARED = {"eq": "Equal", "ge": "GreaterOrEqual", "gt": "Greater", "le": "LessOrEqual", "lt": "Less"}
PASSED = (
    "alias",
    "alpha_dropout",
    "clone",
    "contiguous",
    "detach",
    "dropout",
    "feature_dropout",
    "lift_fresh_copy",
    "positive",
)
NUMBERS = {name: number for number, name in reversed(ONNX_TYPES.items())}
REDUCTIONS = {
    "amax.default": "ReduceMax",
    "amin.default": "ReduceMin",
    "mean.default": "ReduceMean",
    "mean.dim": "ReduceMean",
    "sum.default": "ReduceSum",
    "sum.dim_IntList": "ReduceSum",
}
IN_PLACE = ("", "_")


def function(op: str) -> Rule:
    """A function of each element that ONNX has."""
    return lambda call: call.on(op, [call.value("self")])


def kind(name: str) -> Rule:
    """A function that is a kind of archspec's."""
    return lambda call: [alike(call.net, name, call.net.spread(call.value("self")))]


def softplus(call: Call) -> list[Value]:
    """Softplus of no other slope."""
    call.only("beta", 1)
    call.only("threshold", 20)
    return call.on("Softplus", [call.value("self")])


def pair(op: str) -> Rule:
    """Two tensors, or a tensor and a number."""

    def rule(call: Call) -> list[Value]:
        call.only("rounding_mode", None)
        first, second = call.value("self"), call.value("other")
        by = call.number("alpha", 1)
        if by != 1:
            second = call.on("Mul", [second, Known(np.array(by))])[0]
        return call.on(op, [first, second])

    return rule


def reversed_sub(call: Call) -> list[Value]:
    """other - self."""
    call.only("alpha", 1)
    return call.on("Sub", [call.value("other"), call.value("self")])


def compare(op: str, *, negated: bool = False) -> Rule:
    """Bools."""

    def rule(call: Call) -> list[Value]:
        made = call.on(op, [call.value("self"), call.value("other")])
        return call.on("Not", [*made]) if negated else made

    return rule


def gelu(call: Call) -> list[Value]:
    """Gelu, by erf or by tanh."""
    return call.on("Gelu", [call.value("self")], approximate=call.text("approximate", "none"))


def hardtanh(call: Call) -> list[Value]:
    """A bound on both sides."""
    bounds = Known(np.array(call.number("min_val", -1))), Known(np.array(call.number("max_val", 1)))
    return call.on("Clip", [call.value("self"), *bounds])


def clamp(call: Call) -> list[Value]:
    """Bounds, of which one may be left out."""
    bounds = [None if call.take(name) is None else Known(np.array(call.number(name, 0))) for name in ("min", "max")]
    return call.on("Clip", [call.value("self"), *bounds])


def sloped(op: str, argument: str, standard: float) -> Rule:
    """An activation with a number."""

    def rule(call: Call) -> list[Value]:
        call.only("scale", 1)
        call.only("input_scale", 1)
        return call.on(op, [call.value("self")], alpha=call.number(argument, standard))

    return rule


def prelu(call: Call) -> list[Value]:
    """A learned slope."""
    return call.on("PRelu", [call.value("self"), call.value("weight")])


def glu(call: Call) -> list[Value]:
    """One half of an axis by the gate of the other."""
    value = call.net.opened(call.net.spread(call.value("self")))
    place = call.net.place(value, call.whole("dim", -1))
    axis, size = call.net.without_batch(value, place), value.dims[place]
    if not isinstance(size, int):
        raise call.net.fail("halves the batch")
    dims = (*value.dims[:place], size // 2, *value.dims[place + 1 :])
    return [call.net.flow("glu", [value], dims, {} if axis == len(value.sizes) else {"axis": axis})]


def softmax(op: str) -> Rule:
    """Along one axis."""

    def rule(call: Call) -> list[Value]:
        call.ignore("dtype", "half_to_float")
        return call.on(op, [call.value("self")], axis=call.whole("dim"))

    return rule


def power(call: Call) -> list[Value]:
    """A power."""
    return call.on("Pow", [call.value("self"), call.value("exponent")])


def where(call: Call) -> list[Value]:
    """Elements of one or the other."""
    return call.on("Where", [call.value("condition"), call.value("self"), call.value("other")])


def masked_fill(call: Call) -> list[Value]:
    """A number where the mask says so."""
    return call.on("Where", [call.value("mask"), call.value("value"), call.value("self")])


def passed(call: Call) -> list[Value]:
    """What gives its input in evaluation."""
    call.ignore("p", "memory_format", "inplace")
    if call.flag("train"):
        raise call.net.fail("drops elements, as in training: export the module in evaluation mode")
    return [call.value("input" if "input" in call.args else "self")]


def cast(call: Call) -> list[Value]:
    """Another dtype, where one is said."""
    call.ignore("non_blocking", "copy", "memory_format", "device", "layout", "pin_memory")
    value, dtype = call.value("self"), call.take("dtype")
    other = call.optional("other")
    if dtype is None:
        return [value] if other is None or is_float(other) == is_float(value) else _unknown(call)
    target = TYPES.get(dtype) if isinstance(dtype, int) else None
    if target is None:
        raise call.net.fail("casts to a dtype that no tensor here has")
    return call.on("Cast", [value], to=NUMBERS[target])


def _unknown(call: Call) -> list[Value]:
    raise call.net.fail("casts to the dtype of another tensor")


def reduce(op: str) -> Rule:
    """Axes reduced to one element."""

    def rule(call: Call) -> list[Value]:
        call.ignore("dtype")
        axes = call.take("dim")
        keep = int(call.flag("keepdim"))
        inputs = [call.value("self")] if axes in (None, []) else [call.value("self"), known(call.numbers("dim"))]
        return call.on(op, list(inputs), keepdims=keep)

    return rule


def spread(name: str) -> Rule:
    """Variance and standard deviation."""

    def rule(call: Call) -> list[Value]:
        net = call.net
        value = net.opened(net.spread(call.value("self")))
        call.only("correction", 0, 1, 0.0, 1.0)
        call.only("unbiased", True, False)
        places = sorted({net.place(value, axis) for axis in call.numbers("dim", None, list(range(len(value.dims))))})
        axes, keep = [net.without_batch(value, place) for place in places], call.flag("keepdim")
        dims = [1 if place in places else dim for place, dim in enumerate(value.dims) if keep or place not in places]
        arguments: dict[str, Any] = {"axes": axes[0] if len(axes) == 1 else axes, **({"keepdim": True} if keep else {})}
        return [net.flow(name, [value], dims, arguments)]

    return rule


def length(call: Call) -> list[Value]:
    """linalg_vector_norm, of squares."""
    call.only("ord", 2, 2.0)
    return reduce("ReduceL2")(call)


def rms_norm(call: Call) -> list[Value]:
    """Root mean square normalisation over the last axis."""
    net = call.net
    value: Flow = net.opened(net.spread(call.value("input")))
    weight = call.optional("weight")
    if len(call.sizes("normalized_shape")) != 1:
        raise net.fail("normalises over several axes")
    arguments: dict[str, Any] = {} if call.take("eps") is None else {"eps": number(call.number("eps", 1e-6))}
    if weight is None:
        return [net.flow("rmsnorm", [value], value.dims, {**arguments, "affine": False})]
    return [net.flow("rmsnorm", [value], value.dims, arguments, {"weight": weight})]  # type: ignore[dict-item]


def cumsum(call: Call) -> list[Value]:
    """Running sums."""
    call.ignore("dtype")
    return call.on("CumSum", [call.value("self"), Known(np.array(call.whole("dim")))])


RULES: dict[str, Rule] = {
    **{f"{name}{place}.default": function(op) for name, op in FUNCTIONS.items() for place in IN_PLACE},
    **{f"{name}{place}.default": kind(made) for name, made in KINDS.items() for place in IN_PLACE},
    **{f"{name}{place}.Tensor": pair(op) for name, op in PAIRS.items() for place in IN_PLACE},
    **{f"{name}{place}.Scalar": pair(op) for name, op in PAIRS.items() for place in IN_PLACE},
    **{f"{name}.default": pair(PAIRS[name]) for name in ("maximum", "minimum")},
    **{f"{name}.{form}": compare(op) for name, op in COMPARED.items() for form in ("Tensor", "Scalar")},
    **{f"ne.{form}": compare("Equal", negated=True) for form in ("Tensor", "Scalar")},
    **{f"{name}{place}.default": passed for name in PASSED for place in IN_PLACE},
    **{name: reduce(op) for name, op in REDUCTIONS.items()},
    "celu.default": sloped("Celu", "alpha", 1.0),
    "clamp.default": clamp,
    "clamp_.default": clamp,
    "clamp_min.default": clamp,
    "cumsum.default": cumsum,
    "elu.default": sloped("Elu", "alpha", 1.0),
    "elu_.default": sloped("Elu", "alpha", 1.0),
    "gelu.default": gelu,
    "glu.default": glu,
    "hardtanh.default": hardtanh,
    "hardtanh_.default": hardtanh,
    "leaky_relu.default": sloped("LeakyRelu", "negative_slope", 0.01),
    "leaky_relu_.default": sloped("LeakyRelu", "negative_slope", 0.01),
    "linalg_vector_norm.default": length,
    "log_softmax.int": softmax("LogSoftmax"),
    "_log_softmax.default": softmax("LogSoftmax"),
    "masked_fill.Scalar": masked_fill,
    "masked_fill.Tensor": masked_fill,
    "pow.Tensor_Scalar": power,
    "pow.Tensor_Tensor": power,
    "prelu.default": prelu,
    "rms_norm.default": rms_norm,
    "rsub.Scalar": reversed_sub,
    "softmax.int": softmax("Softmax"),
    "_softmax.default": softmax("Softmax"),
    "softplus.default": softplus,
    "std.correction": spread("std"),
    "std.dim": spread("std"),
    "to.dtype": cast,
    "to.dtype_layout": cast,
    "to.device": cast,
    "_to_copy.default": cast,
    "type_as.default": cast,
    "var.correction": spread("var"),
    "var.dim": spread("var"),
    "where.self": where,
}
