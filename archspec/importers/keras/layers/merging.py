"""Several tensors into one, and a tensor with a number."""

from __future__ import annotations

from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.base import Arguments, Rule
from archspec.importers.keras.network import Network, Tensor, natural, tensors_of

NUMBERS = {"add": "offset", "mul": "scale"}


def merge(kind: str, least: int = 1) -> Rule:
    """Add, Multiply, Average and the like: element by element."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        return _merged(net, kind, tensors_of(net, args))

    return rule


def _merged(net: Network, kind: str, tensors: list[Tensor], name: str | None = None) -> Tensor:
    tensors, shape = met(net, tensors)
    unequal = {"broadcast": True} if len({tensor.shape for tensor in tensors}) > 1 else {}
    return net.flow(kind, tensors, shape, tensors[0].order, unequal, net.name if name is None else name)


def met(net: Network, tensors: list[Tensor]) -> tuple[list[Tensor], tuple[int, ...]]:
    """Tensors laid alike, and the shape that they stretch to."""
    if len(tensors) < 2:
        raise net.fail(f"takes two tensors or more, got {len(tensors)}")
    rank = len(tensors[0].shape)
    if any(len(tensor.shape) != rank for tensor in tensors):
        raise net.fail(f"takes tensors of as many axes, got {[list(tensor.shape) for tensor in tensors]}")
    shape = []
    for sizes in zip(*[tensor.shape for tensor in tensors], strict=True):
        if len(set(sizes) - {1}) > 1:
            raise net.fail(f"{[list(tensor.shape) for tensor in tensors]} do not fit")
        shape.append(max(sizes))
    largest = next((tensor for tensor in tensors if tensor.shape == tuple(shape)), tensors[0])
    return [net.laid(tensor, largest.order) for tensor in tensors], tuple(shape)


def average(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Average: the sum by how many there are."""
    tensors = tensors_of(net, args)
    return net.each("scale", _merged(net, "add", tensors, ""), {"by": f"$(1 / {len(tensors)})"}, net.name)


def concatenate(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Concatenate: side by side along one axis."""
    tensors = tensors_of(net, args)
    axis, rank = config.take("axis", -1), len(tensors[0].shape)
    if not isinstance(axis, int) or isinstance(axis, bool) or axis == 0 or not -rank <= axis <= rank:
        raise config.fail(f"must be an axis of {rank} behind the batch", "axis")
    axis = axis - 1 if axis > 0 else rank + axis
    first = tensors[0]
    tensors = [net.laid(tensor, first.order) if len(tensor.shape) == rank else tensor for tensor in tensors]
    others = {tensor.shape[:axis] + tensor.shape[axis + 1 :] for tensor in tensors}
    if len(others) > 1:
        raise net.fail(f"{[list(tensor.shape) for tensor in tensors]} differ in another axis than the one joined")
    total = sum(tensor.shape[axis] for tensor in tensors)
    shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
    place = first.place(axis)
    return net.flow("concat", tensors, shape, first.order, {} if place == 1 else {"axis": place}, net.name)


def scaled_sum(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """InceptionResNetV2's CustomScaleLayer: the first tensor and the second by a number."""
    first, second = _two(net, tensors_of(net, args))
    return _merged(net, "add", [first, net.each("scale", second, {"by": config.number("scale", 1.0)})])


def layer_scale(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """ConvNeXt's LayerScale: each channel by a learned number."""
    config.ignore("init_values")
    (tensor,) = tensors_of(net, args)
    width = config.whole("projection_dim")
    if tensor.shape[-1] != width:
        raise config.fail(f"is {width}, its input has {tensor.shape[-1]} channels", "projection_dim")
    with net.inside(net.name):
        sizes = tuple(width if axis == len(tensor.shape) - 1 else 1 for axis in tensor.order)
        while sizes[0] == 1 and len(sizes) > 1:
            sizes = sizes[1:]
        net.put("parameter", [], {"shape": sizes[0] if len(sizes) == 1 else list(sizes), "once": True}, "gamma")
        gamma = Tensor(len(net.layers) - 1, 0, sizes, natural(len(sizes)))
        return net.flow("mul", [tensor, gamma], tensor.shape, tensor.order, {"broadcast": True})


def operation(kind: str) -> Rule:
    """A function of `keras.ops` of two tensors, or of a tensor and a number."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        values = [*args, *(kwargs.pop(key) for key in ("x1", "x2", "y") if key in kwargs)]
        numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        tensors = [value for value in values if isinstance(value, Tensor)]
        if len(values) != 2 or len(numbers) + len(tensors) != 2 or not tensors:
            raise net.fail("takes two tensors, or a tensor and a number")
        if not numbers:
            return _merged(net, kind, tensors)
        by, first = numbers[0], isinstance(values[0], Tensor)
        if kind == "sub" and first:
            return net.each("offset", tensors[0], {"by": -by}, net.name)
        if kind == "div" and first and by:
            return net.each("scale", tensors[0], {"by": f"$(1 / {by})" if isinstance(by, int) else 1 / by}, net.name)
        if kind not in NUMBERS:
            raise net.fail(f"{kind} of a number and a tensor is not known")
        return net.each(NUMBERS[kind], tensors[0], {"by": by}, net.name)

    return rule


def _two(net: Network, tensors: list[Tensor]) -> list[Tensor]:
    if len(tensors) != 2:
        raise net.fail(f"takes two tensors, got {len(tensors)}")
    return tensors


RULES: dict[str, Rule] = {
    "Add": merge("add"),
    "Average": average,
    "Concatenate": concatenate,
    "CustomScaleLayer": scaled_sum,
    "LayerScale": layer_scale,
    "Maximum": merge("maximum"),
    "Minimum": merge("minimum"),
    "Multiply": merge("mul"),
    "Subtract": merge("sub"),
}
OPERATIONS: dict[str, Rule] = {
    "Add": operation("add"),
    "Divide": operation("div"),
    "Multiply": operation("mul"),
    "Subtract": operation("sub"),
    "TrueDivide": operation("div"),
}
