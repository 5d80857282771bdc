"""What each type of Caffe's layers becomes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from archspec.importers.caffe.reading import Message
from archspec.importers.composing.layers import MAX_DEPTH, Output
from archspec.importers.composing.sheet import Sheet

LOSSES = (
    "Accuracy",
    "EuclideanLoss",
    "HingeLoss",
    "InfogainLoss",
    "SigmoidCrossEntropyLoss",
    "Silence",
    "SoftmaxWithLoss",
)
FILLERS = ("weight_filler", "bias_filler", "engine", "filler")


class Net:
    """The layers and blobs so far."""

    def __init__(self, inputs: list[tuple[int, ...]]) -> None:
        self.sheet = Sheet(inputs)
        self.blobs: dict[str, Output] = {}
        self.scope: tuple[str, ...] = ()
        self.name = ""

    def named(self, name: str) -> None:
        """The layer that is read; slashes in its name are modules."""
        *scope, self.name = name.split("/")
        self.scope = tuple(scope[:MAX_DEPTH])

    def shape(self, source: Output) -> tuple[int, ...]:
        """The shape of an output, without the batch."""
        return self.sheet.shape(source)

    def put(
        self, layer: Message, kind: str, sources: list[Output], arguments: Any = None, *, name: str | None = None
    ) -> Output:
        """A layer, called as the source calls it where nothing else is said."""
        made = self.sheet.put(layer.fail, kind, sources, arguments, self.name if name is None else name)
        self.sheet.layers[made[0]].scope = self.scope
        return made


Rule = Callable[[Net, Message, list[Output]], list[Output]]


def sides(param: Message, stem: str, rank: int, default: int, least: int) -> list[int]:
    """Sizes of a window: one, one for each axis, or by the names of height and width."""
    names = {"kernel_size": ("kernel_h", "kernel_w")}.get(stem, (f"{stem}_h", f"{stem}_w"))
    if rank == 2 and any(name in param.fields for name in names):
        return [param.whole(name, default, least) for name in names]
    values = param.wholes(stem, least) or [default]
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        raise param.fail(f"has {len(values)} numbers for {rank} axes", stem)
    return values


def per_axis(sizes: list[int]) -> Any:
    """One number where all axes have the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def said(**arguments: Any) -> dict[str, Any]:
    """Arguments that are not what they are where nothing is said."""
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True}
    return {name: value for name, value in arguments.items() if name not in plain or value != plain[name]}


def only_one(layer: Message, sources: list[Output]) -> Output:
    """The one bottom of a layer."""
    if len(sources) != 1:
        raise layer.fail(f"takes one blob, got {len(sources)}", "bottom")
    return sources[0]


def convolution(turned: bool) -> Rule:
    """Convolution and Deconvolution."""

    def rule(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
        param = layer.message("convolution_param")
        param.ignore(*FILLERS, "force_nd_im2col")
        param.only("axis", 1)
        made = []
        for source in sources:
            rank = len(net.shape(source)) - 1
            arguments = said(
                out=param.whole("num_output", None, 1),
                kernel=per_axis(sides(param, "kernel_size", rank, 0, 1)),
                stride=per_axis(sides(param, "stride", rank, 1, 1)),
                padding=per_axis(sides(param, "pad", rank, 0, 0)),
                dilation=per_axis(sides(param, "dilation", rank, 1, 1)),
                groups=param.whole("group", 1, 1),
                bias=param.flag("bias_term", True),
            )
            made.append(net.put(layer, "conv_transpose" if turned else "conv", [source], arguments))
        if len(made) > 1:
            raise layer.fail("is applied to several blobs, which is not known", "bottom")
        param.done()
        return made

    return rule


def inner_product(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """A linear layer on all that comes in."""
    param = layer.message("inner_product_param")
    param.ignore(*FILLERS)
    param.only("axis", 1)
    param.only("transpose", "false")
    source = only_one(layer, sources)
    if len(net.shape(source)) > 1:
        source = net.put(layer, "flatten", [source], name="")
    arguments = said(out=param.whole("num_output", None, 1), bias=param.flag("bias_term", True))
    param.done()
    return [net.put(layer, "linear", [source], arguments)]


def pooling(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Pooling, whose output is rounded up."""
    param = layer.message("pooling_param")
    param.ignore("engine")
    source = only_one(layer, sources)
    kind = {"MAX": "maxpool", "AVE": "avgpool", "0": "maxpool", "1": "avgpool"}.get(str(param.one("pool", "MAX")))
    if kind is None:
        raise param.fail("must be MAX or AVE", "pool")
    shape = net.shape(source)
    if param.flag("global_pooling", False):
        param.ignore(*param.fields)
        return [net.put(layer, "global_maxpool" if kind == "maxpool" else "global_avgpool", [source])]
    rank = len(shape) - 1
    kernel, stride, pad = (
        sides(param, stem, rank, default, least)
        for stem, default, least in (("kernel_size", 0, 1), ("stride", 1, 1), ("pad", 0, 0))
    )
    rounded = param.text("round_mode", "CEIL") == "CEIL"
    param.done()
    whole = all((size + 2 * p - k) % s == 0 for size, k, s, p in zip(shape[1:], kernel, stride, pad, strict=True))
    arguments = said(kernel=per_axis(kernel), padding=per_axis(pad))
    arguments |= {"stride": per_axis(stride)} if stride != kernel else {}
    arguments |= {"ceil": True} if rounded and not whole else {}
    made = net.put(layer, kind, [source], arguments)
    for size, k, s, p, found in zip(shape[1:], kernel, stride, pad, net.shape(made)[1:], strict=True):
        wanted = -(-(size + 2 * p - k) // s) + 1 if rounded else (size + 2 * p - k) // s + 1
        wanted -= 1 if p and (wanted - 1) * s >= size + p else 0
        if wanted != found:
            raise layer.fail(f"gives {wanted} positions, archspec's pool {found}", "pooling_param")
    return [made]


def function(kind: str, *params: str) -> Rule:
    """A function of each element."""

    def rule(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
        layer.ignore(*params)
        return [net.put(layer, kind, [only_one(layer, sources)])]

    return rule


def relu(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """ReLU, with a slope on the negative side."""
    param = layer.message("relu_param")
    param.ignore("engine")
    slope = param.number("negative_slope", 0.0)
    param.done()
    arguments = {"slope": slope} if slope else {}
    return [net.put(layer, "leaky_relu" if slope else "relu", [only_one(layer, sources)], arguments)]


def prelu(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """PReLU: a learned slope for each channel, or for all."""
    param = layer.message("prelu_param")
    param.ignore("filler")
    arguments = {} if param.flag("channel_shared", False) else {"per_channel": True}
    return [net.put(layer, "prelu", [only_one(layer, sources)], arguments)]


def dropout(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Dropout."""
    param = layer.message("dropout_param")
    ratio = param.number("dropout_ratio", 0.5)
    return [net.put(layer, "dropout", [only_one(layer, sources)], {"p": ratio})]


def response_norm(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """LRN across channels."""
    param = layer.message("lrn_param")
    param.ignore("alpha", "beta", "k", "engine")
    param.only("norm_region", "ACROSS_CHANNELS", 0)
    return [net.put(layer, "lrn", [only_one(layer, sources)], {"size": param.whole("local_size", 5, 1)})]


def batch_norm(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """BatchNorm: statistics and how many there are of; a Scale behind it learns."""
    param = layer.message("batch_norm_param")
    param.ignore("moving_average_fraction", "use_global_stats")
    eps = param.number("eps", 1e-5)
    param.done()
    arguments = {"affine": False, **({"eps": eps} if eps != 1e-5 else {})}
    return [net.put(layer, "batchnorm", [only_one(layer, sources)], arguments)]


def scale(net: Net, layer: Message, sources: list[Output]) -> list[Output]:
    """Scale: what a BatchNorm right before it lacks; else a learned number for each channel."""
    param = layer.message("scale_param")
    param.ignore("filler", "bias_filler")
    param.only("axis", 1)
    param.only("num_axes", 1)
    shift = param.flag("bias_term", False)
    source = only_one(layer, sources)
    before = net.sheet.layers[source[0]] if source[0] >= 0 else None
    if before is not None and before.kind == "batchnorm" and before.arguments.get("affine") is False:
        arguments = {name: value for name, value in before.arguments.items() if name != "affine"}
        name, scope = before.name, before.scope
        inputs = before.inputs
        if source[0] == len(net.sheet.layers) - 1:
            net.sheet.layers.pop()
            net.scope = scope
            return [
                net.put(layer, "batchnorm", inputs, arguments if shift else {**arguments, "bias": False}, name=name)
            ]
    channels = net.shape(source)[0]
    sizes = [channels, *[1] * (len(net.shape(source)) - 1)]
    net.scope, own = (*net.scope, net.name), net.name
    factor = net.put(layer, "parameter", [], {"shape": sizes, "once": True}, name="scale")
    made = net.put(layer, "mul", [source, factor], {"broadcast": True}, name="")
    if shift:
        summand = net.put(layer, "parameter", [], {"shape": sizes, "once": True}, name="bias")
        made = net.put(layer, "add", [made, summand], {"broadcast": True}, name="")
    net.scope, net.name = net.scope[:-1], own
    return [made]


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
    "AbsVal": function("abs"),
    "BatchNorm": batch_norm,
    "Concat": concat,
    "Convolution": convolution(turned=False),
    "Crop": crop,
    "Deconvolution": convolution(turned=True),
    "Dropout": dropout,
    "ELU": function("elu"),
    "Eltwise": eltwise,
    "Flatten": flatten,
    "InnerProduct": inner_product,
    "LRN": response_norm,
    "PReLU": prelu,
    "Pooling": pooling,
    "Power": power,
    "ReLU": relu,
    "Reshape": reshape,
    "Scale": scale,
    "Sigmoid": function("sigmoid", "sigmoid_param"),
    "Slice": slice_,
    "Softmax": softmax,
    "Split": split,
    "TanH": function("tanh", "tanh_param"),
}
