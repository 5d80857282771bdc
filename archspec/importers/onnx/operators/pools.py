"""Pools and resampling: MaxPool, AveragePool, LpPool, the global ones, Resize, DepthToSpace."""

from __future__ import annotations

from typing import Any

from archspec.importers.onnx.network import Network, per_axis
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, numbers
from archspec.importers.onnx.operators.products import padding, sides, unfolded
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Flow, Samples, Value

MODES = {
    "nearest": ("nearest",) * 4,
    "linear": ("", "linear", "bilinear", "trilinear"),
    "cubic": ("", "", "bicubic", ""),
}


def pool(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """MaxPool, AveragePool and LpPool."""
    if len(node.outputs) > 1 and node.outputs[1]:
        raise net.fail("its second output, the places of the maxima, is no tensor here")
    value, folded = net.image(flow(net, inputs))
    rank = len(value.dims) - 2
    kernel = node.attributes.get("kernel_shape") or []
    if len(kernel) != rank:
        raise net.fail(f"its window {kernel} does not fit an input of {net.sizes(value)}")
    strides = node.attributes.get("strides") or [1] * rank
    arguments: dict[str, Any] = {"kernel": per_axis(kernel)}
    if list(strides) != list(kernel):
        arguments["stride"] = per_axis(strides)
    pads, dilation = padding(net, node, rank), sides(net, node, "dilations", rank)
    if node.attributes.get("ceil_mode"):
        arguments["ceil"] = True
    if node.op == "LpPool":
        if pads or dilation:
            raise net.fail("has padding or dilation, which `lppool` has not")
        arguments["norm"] = node.attributes.get("p", 2)
    elif pads:
        arguments["padding"] = pads
    kinds = {"MaxPool": "maxpool", "AveragePool": "avgpool", "LpPool": "lppool"}
    if node.op == "MaxPool" and dilation:
        arguments["dilation"] = dilation
    elif node.op == "AveragePool":
        if dilation:
            raise net.fail("has dilation, which `avgpool` has not")
        if not node.attributes.get("count_include_pad") and (pads or "ceil" in arguments):
            arguments["count_include_pad"] = False
    number, (made,) = net.put(kinds[node.op], [value], arguments)
    return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]


def whole_pool(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """GlobalAveragePool and GlobalMaxPool."""
    value, folded = net.image(flow(net, inputs))
    kind = "global_avgpool" if node.op == "GlobalAveragePool" else "global_maxpool"
    number, (made,) = net.put(kind, [value])
    return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]


def resize(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Resize and Upsample: to a size, or by a scale."""
    value, folded = net.image(flow(net, inputs))
    rank = len(value.dims) - 2
    mode = node.attributes.get("mode", "nearest")
    if mode not in MODES or rank > 3 or not MODES[mode][rank]:
        raise net.fail(f"mode `{mode}` on {rank} axes is not known")
    first = 1 if node.op == "Upsample" else 2
    scales = numbers(net, inputs, first) or node.attributes.get("scales")
    sizes = numbers(net, inputs, 3) if node.op == "Resize" else None
    skipped = 2
    if node.attributes.get("axes") is not None:
        if node.attributes["axes"] != list(range(2, rank + 2)):
            raise net.fail("resizes some axes by number: give a size or scale for every one behind the channels")
        skipped = 0
    if sizes and len(sizes) == rank + skipped:
        target = [int(size) for size in sizes[skipped:]]
    elif scales and len(scales) == rank + skipped:
        target = [int(size * scale) for size, scale in zip(value.sizes[1:], scales[skipped:], strict=True)]
    else:
        raise net.fail("has neither sizes nor scales for every axis")
    factors = {new / old for new, old in zip(target, value.sizes[1:], strict=True)}
    factor = factors.pop() if len(factors) == 1 else 0.0
    whole_factor = factor.is_integer() and factor > 0
    arguments: dict[str, Any] = {"scale": int(factor)} if whole_factor else {"size": per_axis(target)}
    if mode != "nearest":
        arguments["mode"] = MODES[mode][rank]
    if target == list(value.sizes[1:]):
        return [unfolded(net, value, folded)]
    number, (made,) = net.put("upsample", [value], arguments)
    return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]


def shuffle(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """DepthToSpace and SpaceToDepth: PyTorch's order is a pixel shuffle, TensorFlow's is written out."""
    value, folded = net.image(flow(net, inputs))
    factor = node.attributes.get("blocksize", 0)
    channels, height, width = value.sizes if len(value.sizes) == 3 else (0, 0, 0)
    if factor < 1 or not channels:
        raise net.fail(f"needs [batch, C, H, W] and a block size, got {net.sizes(value)} and {factor}")
    if node.op == "SpaceToDepth":
        shapes = [channels, height // factor, factor, width // factor, factor], [3, 5, 1, 2, 4]
        target = (channels * factor**2, height // factor, width // factor)
    elif node.attributes.get("mode", "DCR") == "CRD":
        number, (made,) = net.put("pixel_shuffle", [value], {"factor": factor})
        return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]
    else:
        shapes = [factor, factor, channels // factor**2, height, width], [3, 4, 1, 5, 2]
        target = (channels // factor**2, height * factor, width * factor)
    cut = net.flow("reshape", [value], (Samples(), *shapes[0]), {"shape": shapes[0]})
    turned = net.flow("permute", [cut], (Samples(), *(shapes[0][axis - 1] for axis in shapes[1])), {"order": shapes[1]})
    made_flow = net.flow("reshape", [turned], (Samples(), *target), {"shape": list(target)})
    return [unfolded(net, made_flow, folded)]


RULES: dict[str, Rule] = {
    "MaxPool": pool,
    "AveragePool": pool,
    "LpPool": pool,
    "GlobalAveragePool": whole_pool,
    "GlobalMaxPool": whole_pool,
    "Resize": resize,
    "Upsample": resize,
    "DepthToSpace": shuffle,
    "SpaceToDepth": shuffle,
}
