"""What the rules of operators have in common: inputs, attributes, tensors that meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.importers.onnx.network import Network
from archspec.importers.onnx.ranges import axes_of
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Batch, Dim, Flow, Known, Mixed, Samples, Value

Inputs = list[Value | None]
Rule = Callable[[Network, Node, Inputs], list[Value]]


def given(net: Network, inputs: Inputs, place: int) -> Value:
    """An input that has to be there. Raises OnnxError."""
    value = inputs[place] if place < len(inputs) else None
    if value is None:
        raise net.fail(f"lacks its input {place + 1}")
    return value


def flow(net: Network, inputs: Inputs, place: int = 0) -> Flow:
    """An input as what a layer puts out."""
    return net.spread(given(net, inputs, place))


def numbers(net: Network, inputs: Inputs, place: int) -> list[Any] | None:
    """The numbers of an input, some of which may be multiples of the batch; None where it is left out."""
    value = inputs[place] if place < len(inputs) else None
    if value is None:
        return None
    if not isinstance(value, Known):
        raise net.fail(f"its input {place + 1} is worked out when the network runs: no layer has a size like that")
    if value.array.size > 1024:
        raise net.fail(f"its input {place + 1} has {value.array.size:,} numbers")
    return [item if isinstance(item, (Batch, float)) else int(item) for item in value.array.reshape(-1).tolist()]


def whole(net: Network, inputs: Inputs, place: int) -> list[int] | None:
    """The numbers of an input, none of which may depend on the batch."""
    found = numbers(net, inputs, place)
    if found is not None and any(isinstance(item, Batch) for item in found):
        if net.fixed is None:
            raise net.fail(f"its input {place + 1} depends on the batch size")
        found = [item.times * net.fixed if isinstance(item, Batch) else item for item in found]
    return found


def axes(net: Network, node: Node, inputs: Inputs) -> list[int] | None:
    """Axes, an attribute or since opset 13 an input."""
    arrays = [value.array if isinstance(value, Known) else None for value in inputs]
    try:
        return axes_of(node, arrays)
    except Mixed:
        raise net.fail("its axes depend on the batch size") from None


def meet(net: Network, values: list[Value]) -> tuple[list[Flow], tuple[Dim, ...]]:
    """Tensors that an operator stretches to each other, as archspec does it, and the axes of the result."""
    batched = [value for value in values if isinstance(value, Flow) and value.batched]
    like = max(batched, key=lambda value: len(value.dims)) if batched else None
    if like is None:
        flows = [net.opened(net.spread(value)) for value in values]
    else:
        flows = [net.spread(value, like) for value in values]
    rank = max(len(value.dims) for value in flows)
    behind = None if like is None or like.place is None else len(like.dims) - like.place
    dims: list[Dim] = []
    for back in range(rank, 0, -1):
        sizes = [value.dims[-back] for value in flows if len(value.dims) >= back]
        dims.append(_meeting(net, flows, sizes, back == behind))
    return flows, tuple(dims)


def _meeting(net: Network, flows: list[Flow], sizes: list[Dim], batch: bool) -> Dim:
    here = [size for size in sizes if isinstance(size, Samples)]
    if here:
        mark = max(here, key=lambda size: size.times)
        for size in sizes:
            alike = size == mark or (mark.before == 1 and size in (1, mark.behind, Samples()))
            if not batch or not alike:
                shown = " and ".join(map(net.sizes, flows))
                raise net.fail(f"{shown} meet with the batch in different axes: samples would mix")
        return mark
    wide = {size for size in sizes if size != 1}
    if len(wide) > 1:
        raise net.fail(f"{' and '.join(map(net.sizes, flows))} do not fit")
    return wide.pop() if wide else 1


def stretched(flows: list[Flow]) -> dict[str, Any]:
    """The argument that lets unequal shapes meet."""
    alike = len({value.sizes for value in flows}) == 1 and len({value.batched for value in flows}) == 1
    return {} if alike else {"broadcast": True}
