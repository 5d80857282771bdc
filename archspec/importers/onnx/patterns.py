"""Patterns of exporters: activations written out, biases added later, moves that undo each other."""

from __future__ import annotations

from math import isclose, prod, sqrt
from typing import Any

from archspec.importers.composing.layers import Layer, Output
from archspec.importers.onnx.rewriting import Rewriting, Rule


def alike(value: Any, wanted: float) -> bool:
    """Whether a constant is the number meant, which was a float of 32 bits."""
    return isinstance(value, (int, float)) and isclose(value, wanted, rel_tol=1e-5)


def operands(net: Rewriting, number: int, kind: str) -> tuple[Output, Output] | None:
    """The two inputs of a layer of that kind."""
    layer = net.layers[number]
    return two(net, layer) if layer.kind == kind and len(layer.inputs) == 2 else None


def two(net: Rewriting, layer: Layer | None) -> tuple[Output, Output] | None:
    """The two inputs of a layer."""
    return None if layer is None else (net.read(layer.inputs[0]), net.read(layer.inputs[1]))


def pairs(found: tuple[Output, Output] | None) -> list[tuple[Output, Output]]:
    """Both orders of two inputs."""
    return [] if found is None else [found, (found[1], found[0])]


def constant(net: Rewriting, source: Output, kind: str, by: float) -> Output | None:
    """What a layer with this constant reads."""
    layer = net.maker(source, kind)
    name = {"pow": "exponent"}.get(kind, "by")
    return net.read(layer.inputs[0]) if layer and alike(layer.arguments.get(name), by) else None


def bias(net: Rewriting, number: int) -> bool:
    """A learned vector added to a product with a matrix: the bias of a linear layer."""
    for product, vector in pairs(operands(net, number, "add")):
        linear, learned = net.maker(product, "linear"), net.maker(vector, "parameter")
        if linear is None or learned is None or learned.inputs or "bias" in linear.weights:
            continue
        vector_weight = learned.weights["weight"]
        if (linear.arguments["out"],) == learned.shape == vector_weight.shape:
            arguments = {name: value for name, value in linear.arguments.items() if name != "bias"}
            net.layers[number].scope = linear.scope
            source = net.read(linear.inputs[0])
            return net.become(number, "linear", [source], arguments, {**linear.weights, "bias": vector_weight})
    return False


def silu(net: Rewriting, number: int) -> bool:
    """x * sigmoid(x)."""
    for value, gate in pairs(operands(net, number, "mul")):
        if net.one(gate, "sigmoid") == value:
            return net.become(number, "silu", [value])
    return False


def gelu(net: Rewriting, number: int) -> bool:
    """x * (1 + erf(x / sqrt 2)) / 2, the half at either place."""
    layer = net.layers[number]
    if layer.kind == "scale" and alike(layer.arguments["by"], 0.5):
        for value, rest in pairs(two(net, net.maker(net.read(layer.inputs[0]), "mul"))):
            if _erf_of(net, rest, value):
                return net.become(number, "gelu", [value])
    for half, rest in pairs(operands(net, number, "mul")):
        whole = constant(net, half, "scale", 0.5)
        if whole is not None and _erf_of(net, rest, whole):
            return net.become(number, "gelu", [whole])
    return False


def _erf_of(net: Rewriting, source: Output, value: Output) -> bool:
    erf = constant(net, source, "offset", 1)
    scaled = None if erf is None else net.one(erf, "erf")
    return scaled is not None and constant(net, scaled, "scale", sqrt(0.5)) == value


def tanh_gelu(net: Rewriting, number: int) -> bool:
    """x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))."""
    for half, rest in pairs(operands(net, number, "mul")):
        value = constant(net, half, "scale", 0.5)
        tanh = constant(net, rest, "offset", 1)
        inner = None if tanh is None else net.one(tanh, "tanh")
        total = None if inner is None else constant(net, inner, "scale", 0.7978845608)
        for plain, cube in pairs(None if total is None else two(net, net.maker(total, "add"))):
            power = constant(net, cube, "scale", 0.044715)
            if plain == value and power is not None and constant(net, power, "pow", 3) == value:
                return net.become(number, "gelu", [value], {"approximate": "tanh"})
    return False


def hardswish(net: Rewriting, number: int) -> bool:
    """x * relu6(x + 3) / 6."""
    layer = net.layers[number]
    if layer.kind == "scale" and alike(layer.arguments["by"], 1 / 6):
        source = net.read(layer.inputs[0])
        for value, gate in pairs(two(net, net.maker(source, "mul"))):
            shifted = net.one(gate, "relu6")
            if shifted is not None and constant(net, shifted, "offset", 3) == value:
                return net.become(number, "hardswish", [value])
        shifted = net.one(source, "relu6")
        ungated = None if shifted is None else constant(net, shifted, "offset", 3)
        if ungated is not None:
            return net.become(number, "hardsigmoid", [ungated])
    for value, gate in pairs(operands(net, number, "mul")):
        if net.one(gate, "hardsigmoid") == value:
            return net.become(number, "hardswish", [value])
    return False


def permutes(net: Rewriting, number: int) -> bool:
    """Two permutations are one; one that changes nothing is none."""
    layer = net.layers[number]
    if layer.kind != "permute":
        return False
    order = layer.arguments["order"]
    source = net.read(layer.inputs[0])
    if order == sorted(order):
        return net.skip(number, source)
    before = net.maker(source, "permute")
    if before is None:
        return False
    joined = [before.arguments["order"][axis - 1] for axis in order]
    return net.become(number, "permute", [net.read(before.inputs[0])], {"order": joined})


RESHAPES = ("reshape", "flatten", "squeeze", "unsqueeze")


def reshapes(net: Rewriting, number: int) -> bool:
    """Two reshapes are one; one that changes nothing is none."""
    layer = net.layers[number]
    if layer.kind not in RESHAPES:
        return False
    source = net.read(layer.inputs[0])
    if source[0] >= 0 and net.layers[source[0]].shapes[source[1]] == layer.shape:
        return net.skip(number, source)
    before = net.maker(source, *RESHAPES)
    if before is None:
        return False
    origin = net.read(before.inputs[0])
    if origin[0] < 0:
        return False
    kind, arguments = reshaping(net.layers[origin[0]].shapes[origin[1]], layer.shape)
    return net.become(number, kind, [origin], arguments)


def reshaping(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    """The kind that makes one shape of another, and its arguments: the plainest there is."""
    for short, long, kind in ((after, before, "squeeze"), (before, after, "unsqueeze")):
        if len(short) == len(long) - 1:
            for axis, size in enumerate(long):
                if size == 1 and long[:axis] + long[axis + 1 :] == short:
                    return kind, {"axis": axis + 1}
    merged = len(before) - len(after) + 1
    for start in range(len(before) - merged + 1 if merged > 1 else 0):
        end = start + merged
        if after == (*before[:start], prod(before[start:end]), *before[end:]):
            first = {"start": start + 1} if start else {}
            return "flatten", first | ({"end": end} if end < len(before) else {})
    return "reshape", {"shape": list(after)}


def learned_shape(net: Rewriting, number: int) -> bool:
    """A learned tensor that is only reshaped has that shape; one that is only spread over the batch is so itself."""
    layer = net.layers[number]
    if layer.kind in RESHAPES:
        source = net.read(layer.inputs[0])
        learned = net.maker(source, "parameter", "constant")
        if learned and not learned.inputs:
            arguments = {**learned.arguments, "shape": layer.shape[0] if len(layer.shape) == 1 else list(layer.shape)}
            layer.scope = learned.scope
            return net.become(number, learned.kind, [], arguments, learned.weights)
    if layer.kind == "expand" and len(layer.inputs) == 2:
        learned = net.maker(net.read(layer.inputs[0]), "parameter")
        if learned and not learned.inputs and learned.shape == layer.shape:
            arguments = {name: value for name, value in learned.arguments.items() if name != "once"}
            layer.scope = learned.scope
            return net.become(number, "parameter", [net.read(layer.inputs[1])], arguments, learned.weights)
    return False


def selects(net: Rewriting, number: int) -> bool:
    """A part of one position whose axis is dropped: that position selected."""
    layer = net.layers[number]
    source = net.read(layer.inputs[0]) if layer.inputs else (-1, 0)
    if layer.kind != "squeeze" or source[0] < 0:
        return False
    split = net.layers[source[0]]
    axis = layer.arguments["axis"]
    if split.kind != "split" or split.arguments.get("axis", 1) != axis or net.readers[source] != 1:
        return False
    if any(shape[axis - 1] != 1 for shape in split.shapes):
        return False
    return net.become(number, "select", [net.read(split.inputs[0])], {"axis": axis, "index": source[1]})


MOST_JOINED = 200  # each is compared with those before it


def concats(net: Rewriting, number: int) -> bool:
    """Tensors side by side that begin with those of an earlier layer: that one, and the rest."""
    layer = net.layers[number]
    if layer.kind != "concat" or not 1 < len(layer.inputs) <= MOST_JOINED:
        return False
    inputs = tuple([net.read(source) for source in layer.inputs])
    axis = layer.arguments.get("axis", 1)
    if net.joined.get((axis, *inputs)) is not None:
        return False
    net.joined[axis, *inputs] = number
    for end in range(len(inputs) - 1, 1, -1):
        earlier = net.joined.get((axis, *inputs[:end]))
        if earlier is not None and net.alive(earlier):
            return net.become(number, "concat", [(earlier, 0), *inputs[end:]], layer.arguments)
    return False


def roll(net: Rewriting, number: int) -> bool:
    """The end of an axis before its beginning."""
    found = operands(net, number, "concat")
    if found is None:
        return False
    late, early = (net.maker(source, "slice") for source in found)
    axis = net.layers[number].arguments.get("axis", 1)
    if late is None or early is None or net.read(late.inputs[0]) != net.read(early.inputs[0]):
        return False
    if any(part.arguments["axis"] != axis or "step" in part.arguments for part in (late, early)):
        return False
    if (
        "end" in late.arguments
        or "start" in early.arguments
        or late.arguments.get("start") != early.arguments.get("end")
    ):
        return False
    shift = -late.arguments["start"]
    size = net.layers[number].shape[axis - 1]
    shift = shift + size if -shift > size // 2 else shift
    source = net.read(late.inputs[0])
    before = net.maker(source, "roll")
    if before is not None and axis not in _listed(before.arguments["axes"]):
        axes = [*_listed(before.arguments["axes"]), axis]
        shifts = [*_listed(before.arguments["shift"]), shift]
        return net.become(number, "roll", [net.read(before.inputs[0])], {"shift": shifts, "axes": axes})
    return net.become(number, "roll", [source], {"shift": shift, "axes": axis})


def _listed(value: Any) -> list[int]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def channels_first(net: Rewriting, number: int) -> bool:
    """A layer normalisation of channels that were taken to the end and back."""
    layer = net.layers[number]
    if layer.kind != "permute":
        return False
    rank = len(layer.shape)
    norm = net.maker(net.read(layer.inputs[0]), "layernorm")
    if norm is None or layer.arguments["order"] != [rank, *range(1, rank)] or "dims" in norm.arguments:
        return False
    before = net.maker(net.read(norm.inputs[0]), "permute")
    if before is None or before.arguments["order"] != [*range(2, rank + 1), 1]:
        return False
    layer.scope = norm.scope
    return net.become(
        number, "layernorm", [net.read(before.inputs[0])], {**norm.arguments, "channels_first": True}, norm.weights
    )


def groupnorm(net: Rewriting, number: int) -> bool:
    """Groups of channels normalised as channels of their own, then scaled and shifted channel by channel."""
    for scaled, shift in pairs(operands(net, number, "add")):
        shift_layer = net.maker(shift, "parameter")
        if shift_layer is None:
            continue
        for normed, scale in pairs(two(net, net.maker(scaled, "mul"))):
            scale_layer = net.maker(scale, "parameter")
            back = net.maker(normed, *RESHAPES)
            norm = net.maker(net.read(back.inputs[0]), "instancenorm") if back else None
            cut = net.maker(net.read(norm.inputs[0]), *RESHAPES) if norm else None
            if scale_layer is None or norm is None or cut is None or norm.arguments.get("affine"):
                continue
            shape = net.layers[number].shape
            vector = (shape[0], *(1,) * (len(shape) - 1))
            if scale_layer.shape != vector or shift_layer.shape != vector:
                continue
            source = net.read(cut.inputs[0])
            if source[0] < 0 or net.layers[source[0]].shapes[source[1]] != shape:
                continue
            arguments = {"groups": norm.shape[0]} | {
                key: norm.arguments[key] for key in ("eps",) if key in norm.arguments
            }
            weights = {"weight": scale_layer.weights["weight"], "bias": shift_layer.weights["weight"]}
            return net.become(number, "groupnorm", [source], arguments, weights)
    return False


RULES: list[Rule] = [
    permutes,
    reshapes,
    learned_shape,
    bias,
    silu,
    gelu,
    tanh_gelu,
    hardswish,
    selects,
    roll,
    concats,
    channels_first,
    groupnorm,
]
