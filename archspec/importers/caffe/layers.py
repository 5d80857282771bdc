"""What each type of Caffe's layers becomes."""

from __future__ import annotations

from archspec.importers.caffe import shapes
from archspec.importers.caffe.net import Net, Rule, only_one, per_axis, said, sides
from archspec.importers.caffe.reading import Message
from archspec.importers.composing.layers import Output

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


RULES: dict[str, Rule] = {
    **shapes.RULES,
    "AbsVal": function("abs"),
    "BatchNorm": batch_norm,
    "Convolution": convolution(turned=False),
    "Deconvolution": convolution(turned=True),
    "Dropout": dropout,
    "ELU": function("elu"),
    "InnerProduct": inner_product,
    "LRN": response_norm,
    "PReLU": prelu,
    "Pooling": pooling,
    "ReLU": relu,
    "Scale": scale,
    "Sigmoid": function("sigmoid", "sigmoid_param"),
    "TanH": function("tanh", "tanh_param"),
}
