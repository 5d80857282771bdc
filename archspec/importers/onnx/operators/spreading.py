"""Operators that read elements again: Expand, Tile, ConstantOfShape."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import FLOATS
from archspec.importers.onnx.network import Network, short
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, given, numbers
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Batch, Dim, Flow, Samples, Value, sizes_of


def expand(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Axes of size 1 stretched."""
    value = given(net, inputs, 0)
    target = numbers(net, inputs, 1) or []
    spread_over = any(isinstance(size, Batch) for size in target)
    made = net.spread(value)
    if spread_over and not made.batched:
        made = net.opened(made)
        missing = len(target) - len(made.dims)
        place = next(place for place, size in enumerate(target) if isinstance(size, Batch)) - missing
        if target[place + missing] != Batch(1) or (place >= 0 and made.dims[place] != 1):
            raise net.fail("the batch is a part of the axis that is stretched")
        rest = (*made.dims[: max(place, 0)], *made.dims[max(place, 0) + (place >= 0) :])
        marks: tuple[Dim, ...] = (Samples(), *(1,) * (-place - 1)) if place < 0 else (Samples(),)
        at = max(place, 0)
        made = net.reshaped(made, (*rest[:at], *marks, *rest[at:]))
        made = net.over_batch(made, None)
    return [_stretched(net, made, target)]


def _stretched(net: Network, value: Flow, target: list[Any]) -> Flow:
    if not value.batched:
        value = net.opened(value)
        target = [size.times if isinstance(size, Batch) else size for size in target]
    rank = max(len(target), len(value.dims))
    dims: list[Dim] = [*(1,) * (rank - len(value.dims)), *value.dims]
    goals: list[Any] = [*(1,) * (rank - len(target)), *target]
    wanted: list[Dim] = []
    for dim, goal in zip(dims, goals, strict=True):
        if isinstance(dim, Samples):
            fixed = None if net.fixed is None else net.fixed * dim.times
            if goal not in (1, Batch(dim.times), fixed):
                raise net.fail(f"stretches the batch axis of {net.sizes(value)} to {goal}")
            wanted.append(dim)
        elif isinstance(goal, Batch) or (dim != 1 and goal not in (1, dim)) or goal < 1:
            raise net.fail(f"stretches {net.sizes(value)} to {goals}")
        else:
            wanted.append(goal if dim == 1 else dim)
    whole_flow = net.reshaped(value, tuple(dims))
    if wanted == dims:
        return whole_flow
    made = Flow(0, 0, tuple(wanted), False)
    return net.flow("expand", [whole_flow], wanted, {"shape": list(made.sizes)})


def filled(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """One number everywhere."""
    sizes = numbers(net, inputs, 0) or []
    dims: list[Dim] = []
    for size in sizes:
        if isinstance(size, Batch) and size.times != 1:
            raise net.fail("the batch is a part of one of its axes")
        dims.append(Samples() if isinstance(size, Batch) else int(size))
    value = node.attributes.get("value")
    dtype = value.dtype if value is not None else "float32"
    kept = {} if dtype in FLOATS else {"dtype": dtype}
    number, (shape,) = net.put("constant", [], {"shape": short(sizes_of(tuple(dims))) or 1, **kept})
    net.layers[number].dtype = dtype
    return [Flow(number, 0, tuple(dims) if shape == sizes_of(tuple(dims)) else (*dims, 1), False, dtype)]


def tile(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The whole repeated along axes; once for each sample along the batch."""
    value = flow(net, inputs)
    times = numbers(net, inputs, 1) or []
    if len(times) == len(value.dims) and isinstance(times[0], Batch) and not value.batched:
        value = net.remarked(value, len(value.dims), None)
        if value.dims[0] != Samples() or times[0] != Batch(1):
            raise net.fail("repeats over the batch what is there more than once")
        value, times = net.over_batch(value, None), [1, *times[1:]]
    value = value if value.batched else net.opened(value)
    if len(times) != len(value.dims) or any(isinstance(count, Batch) or count < 1 for count in times):
        raise net.fail(f"repeats {net.sizes(value)} by {times}")
    if all(count == 1 for count in times):
        return [value]
    if value.place is not None and times[value.place] != 1:
        raise net.fail("repeats the batch")
    dims = tuple(dim if isinstance(dim, Samples) else dim * count for dim, count in zip(value.dims, times, strict=True))
    repeats: list[int] = []
    for dim, count in zip(value.dims, times, strict=True):
        repeats += [count] * (1 if not isinstance(dim, Samples) else (dim.before > 1) + (dim.behind > 1))
    return [net.flow("tile", [value], dims, {"repeats": short(repeats)})]


RULES: dict[str, Rule] = {"Expand": expand, "ConstantOfShape": filled, "Tile": tile}
