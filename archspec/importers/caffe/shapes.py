"""Layers that join, cut and move blobs, and those of all elements along an axis."""

from __future__ import annotations

from math import prod

from archspec.importers.caffe.net import Net, Rule, only_one
from archspec.importers.caffe.reading import Message
from archspec.importers.composing.layers import Output


def eltwise(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Sums, products and the largest of blobs."""
    param = layer.message("eltwise_param")
    param.ignore("stable_prod_grad")
    kinds = {"SUM": "add", "PROD": "mul", "MAX": "maximum", "1": "add", "0": "mul", "2": "maximum"}
    kind = kinds.get(str(param.one("operation", "SUM")))
    if kind is None or any(coefficient != 1 for coefficient in param.all("coeff")):
        raise param.fail("must be a plain SUM, PROD or MAX", "operation")
    return [net.put(layer, kind, sources)]


def concat(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Blobs side by side."""
    param = layer.message("concat_param")
    axis = param.whole("axis", param.whole("concat_dim", 1, 1), 1)
    if len(sources) == 1:
        return sources
    return [net.put(layer, "concat", sources, {"axis": axis} if axis != 1 else {})]


def slice_(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """A blob cut along an axis."""
    param = layer.message("slice_param")
    axis = param.whole("axis", param.whole("slice_dim", 1, 1), 1)
    source = only_one(layer, sources)
    shape = net.shape(source)
    if axis > len(shape):
        raise param.fail(f"must be an axis of {len(shape)}", "axis")
    points, count = param.wholes("slice_point", 1), len(layer.texts("top"))
    size = shape[axis - 1]
    ends = [*points, size] if points else [size // max(count, 1) * (n + 1) for n in range(count)]
    sizes = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    made = net.put(layer, "split", [source], {"sizes": sizes, **({"axis": axis} if axis != 1 else {})})
    return [(made[0], output) for output in range(len(sizes))]


def softmax(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Softmax over the channels."""
    param = layer.message("softmax_param")
    param.ignore("engine")
    param.only("axis", 1)
    source = only_one(layer, sources)
    return [net.put(layer, "softmax", [source], {} if len(net.shape(source)) == 1 else {"axis": 1})]


def flatten(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """All axes but the batch as one."""
    param = layer.message("flatten_param")
    param.only("axis", 1)
    param.only("end_axis", -1)
    source = only_one(layer, sources)
    return [source if len(net.shape(source)) == 1 else net.put(layer, "flatten", [source])]


def reshape(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Other axes: 0 keeps one, -1 is what is left."""
    param = layer.message("reshape_param")
    param.only("axis", 0)
    param.only("num_axes", -1)
    source = only_one(layer, sources)
    shape = net.shape(source)
    dims = param.message("shape").wholes("dim", -1)
    if not dims or dims[0] not in (0, 1) or len(dims) > 16:
        raise param.fail("must keep the batch", "shape")
    sizes = [shape[place] if size == 0 and place < len(shape) else size for place, size in enumerate(dims[1:])]
    known = prod(size for size in sizes if size != -1)
    if sizes.count(-1) > 1 or 0 in sizes or prod(shape) % max(known, 1):
        raise param.fail(f"{dims} does not fit {list(shape)}", "shape")
    return [net.put(layer, "reshape", [source], {"shape": sizes})]


def crop(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """A blob cut to another one's size, from an offset."""
    param = layer.message("crop_param")
    axis, offsets = param.whole("axis", 2, 1), param.wholes("offset")
    if len(sources) != 2:
        raise layer.fail(f"takes two blobs, got {len(sources)}", "bottom")
    shape, other = net.shape(sources[0]), net.shape(sources[1])
    count = len(shape) + 1 - axis
    offsets = offsets * count if len(offsets) == 1 else offsets or [0] * count
    if len(other) != len(shape) or count < 1 or len(offsets) != count:
        raise param.fail(f"{list(shape)} cannot be cut to {list(other)}", "offset")
    cuts: list[int] = []
    for place, offset in zip(range(len(shape) - 1, axis - 2, -1), reversed(offsets), strict=True):
        rest = shape[place] - other[place] - offset
        if rest < 0:
            raise param.fail(f"{list(shape)} cannot be cut to {list(other)} from {offset}", "offset")
        cuts += [-offset, -rest]
    return [net.put(layer, "pad", sources[:1], {"padding": cuts})]


def power(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """(shift + scale * x) ^ power."""
    param = layer.message("power_param")
    made = only_one(layer, sources)
    numbers = (("scale", "by", 1.0), ("shift", "by", 0.0), ("power", "exponent", 1.0))
    for key, argument, plain in numbers:
        value = param.number(key, plain)
        if value != plain:
            kind = {"scale": "scale", "shift": "offset", "power": "pow"}[key]
            made = net.put(layer, kind, [made], {argument: value}, name="")
    return [made]


def split(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """One blob under several names."""
    return [only_one(layer, sources)] * max(len(layer.texts("top")), 1)


RULES: dict[str, Rule] = {
    "Concat": concat,
    "Crop": crop,
    "Eltwise": eltwise,
    "Flatten": flatten,
    "Power": power,
    "Reshape": reshape,
    "Slice": slice_,
    "Softmax": softmax,
    "Split": split,
}
