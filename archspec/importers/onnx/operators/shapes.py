"""Operators that move elements: Reshape, Transpose, Slice, Concat, Gather and their like."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.operators.base import Inputs, Rule, axes, flow, given, numbers, whole
from archspec.importers.onnx.ranges import slices, split_sizes
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.targets import target_dims
from archspec.importers.onnx.values import Batch, Dim, Flow, Known, Mixed, Samples, Value, sizes_of


def reshape(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The same elements under other axes."""
    value = flow(net, inputs)
    target = numbers(net, inputs, 1)
    if target is None:
        raise net.fail("has no shape")
    if not node.attributes.get("allowzero"):
        for place, size in enumerate(target):
            if size == 0 and place >= len(value.dims):
                raise net.fail(f"copies axis {place} of an input with {len(value.dims)}")
        target = [_size(value.dims[place]) if size == 0 else size for place, size in enumerate(target)]
    return [to(net, value, target)]


def _size(dim: Dim) -> Any:
    return Batch(dim.times) if isinstance(dim, Samples) else dim


def to(net: Network, value: Flow, target: list[Any]) -> Flow:
    """A tensor under axes of these sizes, of which one may be -1."""
    if not value.batched:
        value = net.opened(value)
        target = [size.times if isinstance(size, Batch) else size for size in target]
    return net.reshaped(value, target_dims(net, value, target))


def flatten(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Two axes: those before `axis`, and the others."""
    value = net.opened(flow(net, inputs))
    axis = node.attributes.get("axis", 1)
    axis = axis if axis >= 0 else axis + len(value.dims)
    if not 0 <= axis <= len(value.dims):
        raise net.fail(f"axis {axis} is out of range")
    first, second = (_product(side) for side in (value.dims[:axis], value.dims[axis:]))
    return [to(net, value, [first, second])]


def _product(dims: tuple[Dim, ...]) -> Any:
    times = prod(dim.times if isinstance(dim, Samples) else dim for dim in dims)
    return Batch(times) if any(isinstance(dim, Samples) for dim in dims) else times


def transpose(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The axes in another order."""
    value = given(net, inputs, 0)
    if isinstance(value, Weight) and len(value.shape) == 2:
        order = node.attributes.get("perm") or [1, 0]
        return [replace(value, turned=not value.turned) if list(order) == [1, 0] else value]
    made = net.spread(value)
    order = node.attributes.get("perm") or range(len(made.dims) - 1, -1, -1)
    return [net.transposed(made, tuple(order))]


def squeeze(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Axes of size 1 dropped."""
    value = net.opened(flow(net, inputs))
    listed = axes(net, node, inputs)
    dropped = [place for place, dim in enumerate(value.dims) if dim == 1] if listed is None else listed
    places = {net.place(value, axis) for axis in dropped}
    for place in places:
        if value.dims[place] != 1:
            raise net.fail(f"drops axis {place} of {net.sizes(value)}")
    return [net.reshaped(value, tuple(dim for place, dim in enumerate(value.dims) if place not in places))]


def unsqueeze(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Axes of size 1 put in."""
    value = net.opened(flow(net, inputs))
    listed = axes(net, node, inputs) or []
    rank = len(value.dims) + len(listed)
    if rank > 64 or any(not -rank <= axis < rank for axis in listed):
        raise net.fail(f"puts in the axes {listed[:64]}, of {rank}")
    places = {axis % rank for axis in listed}
    left = iter(value.dims)
    return [net.reshaped(value, tuple(1 if place in places else next(left) for place in range(rank)))]


def slice_(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Ranges of axes, a layer for each that is not taken whole."""
    value = net.opened(flow(net, inputs))
    arrays = [item.array if isinstance(item, Known) else None for item in inputs]
    if any(item is not None and array is None for item, array in zip(inputs[1:], arrays[1:], strict=True)):
        raise net.fail("its range is worked out when the network runs")
    sizes = [2**62 if isinstance(dim, Samples) else dim for dim in value.dims]
    try:
        ranges = slices(node, tuple(sizes), arrays[1:])
    except Mixed:
        raise net.fail("its range depends on the batch size") from None
    for place, (size, part) in enumerate(zip(sizes, ranges, strict=True)):
        dim = value.dims[place]
        if isinstance(dim, Samples):
            every = part.stop is None or part.stop >= 2**31 - 1 or part.stop == (net.fixed or 0) * dim.times
            if part.start not in (None, 0) or not every or part.step not in (None, 1):
                raise net.fail("takes a part of the batch")
            continue
        start, stop, step = part.indices(size)
        if step < 0:
            if len(range(start, stop, step)) != size:
                raise net.fail("takes positions backwards, which no layer does")
            value = net.flow(
                "index", [value], value.dims, {"axis": value.axis(place), "positions": list(range(size - 1, -1, -1))}
            )
            continue
        taken = len(range(start, stop, step))
        if not taken:
            raise net.fail(f"takes nothing of axis {place}, which has {size} positions")
        if taken == size:
            continue
        arguments = {"axis": value.axis(place)}
        arguments |= {"start": start} if start else {}
        arguments |= {"end": stop} if stop < size else {}
        arguments |= {"step": step} if step != 1 else {}
        dims = (*value.dims[:place], taken, *value.dims[place + 1 :])
        value = net.flow("slice", [value], dims, arguments)
    return [value]


def split(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """One axis cut into several tensors."""
    value = net.opened(flow(net, inputs))
    place = net.place(value, node.attributes.get("axis", 0))
    axis = net.without_batch(value, place)
    size: Any = value.dims[place]
    arrays = [item.array if isinstance(item, Known) else None for item in inputs]
    sizes = split_sizes(node, arrays, size)
    if len(sizes) == 1:
        return [value]
    equal = len(set(sizes)) == 1
    arguments: dict[str, Any] = {"parts": len(sizes)} if equal else {"sizes": sizes}
    arguments |= {"axis": axis} if axis != 1 else {}
    number, shapes = net.put("split", [value], arguments)
    made = zip(shapes, sizes, strict=True)
    return [
        Flow(number, output, (*value.dims[:place], part, *value.dims[place + 1 :]), value.batched, value.dtype)
        for output, (_, part) in enumerate(made)
    ]


def concat(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Tensors side by side."""
    values = [given(net, inputs, place) for place in range(len(inputs))]
    if len(values) == 1:
        return values
    batched = [value for value in values if isinstance(value, Flow) and value.batched]
    flows = [net.opened(net.spread(value)) if not batched else _repeated(net, value, batched[0]) for value in values]
    first = flows[0]
    place = net.place(first, node.attributes.get("axis", 0))
    axis = net.without_batch(first, place)
    if any(len(value.dims) != len(first.dims) or value.place != first.place for value in flows):
        raise net.fail(f"{' and '.join(map(net.sizes, flows))} do not fit")
    total: Any = sum(value.dims[place] for value in flows)
    dims = (*first.dims[:place], total, *first.dims[place + 1 :])
    return [net.flow("concat", flows, dims, {"axis": axis} if axis != 1 else {})]


def _repeated(net: Network, value: Value, like: Flow) -> Flow:
    """A tensor that is one for all samples, spread over them."""
    made = net.spread(value, like)
    if made.batched:
        return made
    return net.over_batch(made, like)


def pad(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Positions added or cut off."""
    value = net.opened(flow(net, inputs))
    pads = whole(net, inputs, 1) or node.attributes.get("pads") or []
    listed = whole(net, inputs, 3)
    rank = len(value.dims)
    places = list(range(rank)) if listed is None else [net.place(value, axis) for axis in listed]
    if len(pads) != 2 * len(places):
        raise net.fail(f"has {len(pads)} paddings for {len(places)} axes")
    if not any(pads):
        return [value]
    modes = {"constant": "zeros", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    mode = node.attributes.get("mode", "constant")
    if mode not in modes:
        raise net.fail(f"mode `{mode}` is not known")
    pairs = {place: (pads[n], pads[n + len(places)]) for n, place in enumerate(places)}
    return [padded(net, value, pairs, modes[mode])]


def padded(net: Network, value: Flow, pairs: dict[int, tuple[int, int]], mode: str = "zeros") -> Flow:
    """Positions added before and after axes."""
    dims: list[Dim] = []
    written: list[int] = []
    for place, dim in enumerate(value.dims):
        before, after = pairs.get(place, (0, 0))
        if isinstance(dim, Samples):
            if before or after:
                raise net.fail("pads the batch")
            dims.append(dim)
            written[:0] = [0, 0] * len(sizes_of((dim,)))
        else:
            dims.append(dim + before + after)
            written[:0] = [before, after]
    while written[-2:] == [0, 0]:
        written = written[:-2]
    arguments: dict[str, Any] = {"padding": written}
    arguments |= {"mode": mode} if mode != "zeros" else {}
    return net.flow("pad", [value], dims, arguments) if written else value


def gather(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Positions of an axis: one, a list, or those that a tensor numbers in a table."""
    table, index = given(net, inputs, 0), given(net, inputs, 1)
    axis = node.attributes.get("axis", 0)
    if (
        isinstance(table, Weight)
        and len(table.shape) == 2
        and axis in (0, -2)
        and isinstance(index, Flow)
        and not table.turned
    ):
        vocab, dim = table.shape
        made = net.flow("embedding", [index], (*index.dims, dim), {"vocab": vocab, "dim": dim}, {"weight": table})
        return [made]
    value = net.opened(net.spread(table))
    place = net.place(value, axis)
    number = net.without_batch(value, place)
    before, after = value.dims[:place], value.dims[place + 1 :]
    if isinstance(index, Known) and index.array.ndim == 0:
        chosen = whole(net, inputs, 1) or [0]
        return [net.flow("select", [value], (*before, *after), {"axis": number, "index": chosen[0]})]
    if isinstance(index, Known) and index.array.size <= 16:
        chosen = whole(net, inputs, 1) or [0]
        dims = (*before, len(chosen), *after)
        made = net.flow("index", [value], dims, {"axis": number, "positions": chosen})
        return [net.reshaped(made, (*before, *index.shape, *after))]
    rows = net.opened(net.spread(index))
    if rows.batched and (value.batched or place):
        raise net.fail("its index differs from sample to sample, and so does what it takes from")
    dims = (*before, *rows.dims, *after)
    return [net.flow("index", [value, rows], dims, {"axis": number})]


RULES: dict[str, Rule] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Transpose": transpose,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Slice": slice_,
    "Split": split,
    "Concat": concat,
    "Pad": pad,
    "Gather": gather,
}
