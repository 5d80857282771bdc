"""ScatterND where it writes a part of a tensor, as `x[:, 1:, 1:] = y` does."""

from __future__ import annotations

from typing import Any

import numpy as np

from archspec.importers.onnx.network import Network
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, given, stretched
from archspec.importers.onnx.operators.shapes import padded, to
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Batch, Flow, Known, Samples, Value, sizes_of


def scatter(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A box of the first input written anew: the third one padded, where the box is."""
    index = given(net, inputs, 1)
    if node.attributes.get("reduction", "none") != "none":
        raise net.fail("adds to what is there, which no layer does")
    if not isinstance(index, Known) or index.array.dtype == object:
        raise net.fail("writes where the network finds out, or the batch size decides")
    data, updates = net.opened(flow(net, inputs)), net.opened(flow(net, inputs, 2))
    first, last = _box(net, index.array, len(data.dims))
    pairs: dict[int, tuple[int, int]] = {}
    region: list[Any] = []
    for place, dim in enumerate(data.dims):
        size = dim.times * (net.fixed or 0) if isinstance(dim, Samples) else dim
        low, high = (first[place], last[place] + 1) if place < len(first) else (0, size)
        if low < 0 or high > size or (isinstance(dim, Samples) and place < len(first) and (low, high) != (0, size)):
            raise net.fail(f"writes positions {low} to {high} of axis {place} of {net.sizes(data)}")
        region.append(Batch(dim.times) if isinstance(dim, Samples) else high - low)
        if (low, high) != (0, size):
            pairs[place] = (low, size - high)
    part = padded(net, to(net, updates, region), pairs)
    if not pairs:
        return [part]
    mask: list[int] = []
    for place, dim in enumerate(data.dims):
        mask += [size if place in pairs else 1 for size in sizes_of((dim,))]
    number, _ = net.put("constant", [], {"shape": mask, "dtype": "bool"})
    box = Flow(number, 0, tuple(mask), False, "bool")
    flows = [box, part, data]
    made = net.flow("where", flows, data.dims, stretched(flows))
    net.layers[made.layer].dtype = data.dtype
    return [Flow(made.layer, 0, made.dims, made.batched, data.dtype)]


def _box(net: Network, index: np.ndarray[Any, Any], rank: int) -> tuple[list[int], list[int]]:
    """The first and the last position along each axis that an index names. Raises OnnxError where it is no box."""
    if index.ndim < 1 or not 1 <= index.shape[-1] <= rank or not index.size:
        raise net.fail(f"has an index of {list(index.shape)} for {rank} axes")
    places = index.reshape(-1, index.shape[-1]).astype(np.int64)
    low, high = places.min(axis=0), places.max(axis=0)
    extent = [int(size) for size in high - low + 1]
    count = 1
    for size in extent:
        count *= size
    if count != len(places) or not np.array_equal(places, np.indices(extent).reshape(len(extent), -1).T + low):
        raise net.fail("writes positions that are no box")
    return low.tolist(), high.tolist()


RULES: dict[str, Rule] = {"ScatterND": scatter}
