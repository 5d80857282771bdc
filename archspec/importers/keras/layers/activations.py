"""Activations: layers of their own, and those that other layers name."""

from __future__ import annotations

from typing import Any

from archspec.errors import show, suggestion
from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.base import Arguments, Rule
from archspec.importers.keras.network import Network, Tensor, one_tensor
from archspec.text.document import Map

# Functions of each element, as Keras names them.
KINDS = {
    "celu": "celu",
    "elu": "elu",
    "exponential": "exp",
    "gelu": "gelu",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "leaky_relu": "leaky_relu",
    "log_sigmoid": "logsigmoid",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "softplus": "softplus",
    "softsign": "softsign",
    "swish": "silu",
    "tanh": "tanh",
}
OVER_AXIS = {"softmax": "softmax", "log_softmax": "log_softmax"}
SLOPES = {"leaky_relu": 0.2}  # where Keras's own differs


def named(config: Config, key: str = "activation") -> str:
    """The activation that a key names."""
    value = config.take(key)
    if isinstance(value, Map):  # a layer, or a function by its registered name
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name")
        value = {"ReLU": "relu", "Softmax": "softmax"}.get(str(value), value)
        if isinstance(inner, Map) and set(inner) - {"name", "trainable", "dtype"}:
            raise config.fail(f"an activation with arguments: {show(inner)}", key)
    if value is None:
        return "linear"
    if not isinstance(value, str) or (value != "linear" and value not in KINDS and value not in OVER_AXIS):
        raise config.fail(
            f"{show(value)} is no activation that archspec knows", key, suggestion(str(value), [*KINDS, *OVER_AXIS])
        )
    return str(value)


def folded(name: str) -> str | None:
    """An activation that a layer can have in it, as its kind."""
    return KINDS.get(name) if name not in SLOPES else None


def activated(net: Network, tensor: Tensor, name: str, own: str = "", axis: int = -1) -> Tensor:
    """A tensor with an activation behind it."""
    if name == "linear":
        return tensor
    if name in KINDS:
        return net.each(KINDS[name], tensor, {"slope": SLOPES[name]} if name in SLOPES else {}, own)
    rank = len(tensor.shape)
    if not -rank <= axis < rank:
        raise net.fail(f"axis {axis} is out of range: its input has {rank} axes behind the batch")
    place = tensor.place(axis % rank)
    return net.each(OVER_AXIS[name], tensor, {} if place == rank else {"axis": place}, own)


def activation(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Activation: one by its name."""
    tensor = one_tensor(net, args)
    name = named(config)
    return net.each("identity", tensor, {}, net.name) if name == "linear" else activated(net, tensor, name, net.name)


def relu(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """ReLU with a slope on the negative side, or cut off above."""
    config.only("threshold", 0, 0.0, None)
    slope, most = config.take("negative_slope", 0.0) or 0.0, config.take("max_value")
    tensor = one_tensor(net, args)
    if most is not None and slope:
        raise config.fail("has both a slope and an upper end", "max_value")
    if slope:
        return net.each("leaky_relu", tensor, {"slope": slope}, net.name)
    if most is not None and most != 6:
        return net.each("clamp", tensor, {"min": 0, "max": most}, net.name)
    return net.each("relu" if most is None else "relu6", tensor, {}, net.name)


def leaky_relu(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """LeakyReLU; Keras 2 calls the slope alpha."""
    slope = config.number("negative_slope", config.number("alpha", 0.3))
    return net.each("leaky_relu", one_tensor(net, args), {"slope": slope}, net.name)


def elu(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """ELU."""
    alpha = config.number("alpha", 1.0)
    return net.each("elu", one_tensor(net, args), {"alpha": alpha} if alpha != 1 else {}, net.name)


def prelu(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """PReLU: a slope for each element, but for axes that share one."""
    tensor = one_tensor(net, args)
    shared = config.take("shared_axes") or []
    if not isinstance(shared, list) or not all(isinstance(axis, int) for axis in shared):
        raise config.fail("must be a list of axes", "shared_axes")
    rank = len(tensor.shape)
    alone = set(range(rank)) - {axis - 1 if axis > 0 else rank + axis for axis in shared}
    if alone - {rank - 1} and any(tensor.shape[axis] != 1 for axis in alone - {rank - 1}):
        raise config.fail("has a slope for each position: archspec's prelu has one for each channel", "shared_axes")
    tensor = net.laid(tensor, (rank - 1, *range(rank - 1)))
    return net.each("prelu", tensor, {"per_channel": True}, net.name)


def softmax(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Softmax along an axis."""
    axis = config.take("axis", -1)
    if not isinstance(axis, int) or isinstance(axis, bool) or axis == 0:
        raise config.fail("must be one axis, and not the batch", "axis")
    return activated(net, one_tensor(net, args), "softmax", net.name, axis - 1 if axis > 0 else axis)


def operation(kind: str) -> Rule:
    """A function of `keras.ops` that is an activation."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        return activated(net, one_tensor(net, args[:1]), kind, net.name)

    return rule


RULES: dict[str, Rule] = {
    "Activation": activation,
    "ELU": elu,
    "LeakyReLU": leaky_relu,
    "PReLU": prelu,
    "ReLU": relu,
    "Softmax": softmax,
}
OPERATIONS: dict[str, Rule] = {
    "".join(word.capitalize() for word in name.split("_")): operation(name)
    for name in KINDS
    if name not in ("exponential", "gelu", "leaky_relu", "hard_swish", "swish", "celu", "elu")
}
