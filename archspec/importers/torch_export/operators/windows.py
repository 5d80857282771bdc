"""Normalisations, pools and interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np

from archspec.importers.onnx.network import per_axis
from archspec.importers.onnx.operators.products import unfolded
from archspec.importers.onnx.values import Batch, Flow, Known, Samples, Value
from archspec.importers.torch_export.calls import Call, Rule, known, size_at


def batch_norm(call: Call) -> list[Value]:
    """Batch normalisation by its running statistics."""
    call.ignore("momentum", "cudnn_enabled")
    if call.flag("training"):
        raise call.net.fail("normalises by the batch, as in training: export the module in evaluation mode")
    return _normed(call, "BatchNormalization", ("running_mean", "running_var"))


def instance_norm(call: Call) -> list[Value]:
    """Instance normalisation by the sample itself."""
    call.ignore("running_mean", "running_var", "momentum", "cudnn_enabled")
    call.only("use_input_stats", True)
    return _normed(call, "InstanceNormalization", ())


def _normed(call: Call, op: str, statistics: tuple[str, ...], **attributes: Any) -> list[Value]:
    pair = [call.optional("weight"), call.optional("bias")]
    if pair == [None, None]:
        pair = [Known(np.ones(1)), Known(np.zeros(1))]
    inputs = [call.value("input"), *pair, *(call.value(name) for name in statistics)]
    return call.on(op, inputs, epsilon=call.number("eps", 1e-5), **attributes)


def group_norm(call: Call) -> list[Value]:
    """Group normalisation."""
    call.ignore("cudnn_enabled")
    return _normed(call, "GroupNormalization", (), num_groups=call.whole("num_groups"))


def layer_norm(call: Call) -> list[Value]:
    """Layer normalisation over the last axes."""
    call.ignore("cudnn_enable")
    scale, shift = call.optional("weight"), call.optional("bias")
    axis = -len(call.sizes("normalized_shape"))
    inputs = [call.value("input"), Known(np.ones(1)) if scale is None else scale, shift]
    return call.on("LayerNormalization", inputs, axis=axis, epsilon=call.number("eps", 1e-5))


def pool(op: str, rank: int) -> Rule:
    """max_pool and avg_pool."""

    def rule(call: Call) -> list[Value]:
        kernel = call.numbers("kernel_size", rank)
        attributes: dict[str, Any] = {
            "kernel_shape": kernel,
            "strides": call.numbers("stride", rank, kernel),
            "pads": call.numbers("padding", rank, 0) * 2,
            "ceil_mode": int(call.flag("ceil_mode")),
        }
        if op == "MaxPool":
            attributes["dilations"] = call.numbers("dilation", rank, 1)
        else:
            attributes["count_include_pad"] = int(call.flag("count_include_pad", True))
            call.only("divisor_override", None)
        return call.on(op, [call.value("self")], **attributes)

    return rule


def adaptive(kind: str, rank: int) -> Rule:
    """adaptive_avg_pool and adaptive_max_pool, whose second output nobody reads."""

    def rule(call: Call) -> list[Value]:
        net = call.net
        value, folded = net.image(net.spread(call.value("self")))
        output = call.numbers("output_size", rank)
        number, (made, *_) = net.put(kind, [value], {"output": per_axis(output)})
        return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]

    return rule


def upsample(mode: str) -> Rule:
    """Interpolation to a size, or by a factor."""

    def rule(call: Call) -> list[Value]:
        call.only("align_corners", True, False)
        call.ignore("antialias")
        name = "input" if "input" in call.args else "self"
        value = call.value(name)
        rank = call.rank(name) - 2
        scales = call.take("scale_factors") or None
        if call.take("output_size") is not None:
            target: list[Any] = call.sizes("output_size")
        elif isinstance(scales, list) and len(scales) == rank:
            target = []
            for axis, factor in enumerate(scales):
                size = size_at(call, value, 2 + axis)
                if isinstance(size, Batch) or not isinstance(factor, (int, float)):
                    raise call.net.fail("has neither sizes nor factors")
                target.append(int(size * factor))
        else:
            raise call.net.fail("has neither sizes nor factors")
        for side in ("scales", "scales_h", "scales_w", "scales_d"):
            call.ignore(side)
        sizes = known([size_at(call, value, 0), size_at(call, value, 1), *target])
        return call.on("Resize", [value, None, None, sizes], mode=mode)

    return rule


def shuffle(kind: str, argument: str) -> Rule:
    """pixel_shuffle and its inverse."""

    def rule(call: Call) -> list[Value]:
        net = call.net
        value, folded = net.image(net.spread(call.value("self")))
        number, (made,) = net.put(kind, [value], {"factor": call.whole(argument)})
        return [unfolded(net, Flow(number, 0, (Samples(), *made), value.batched), folded)]

    return rule


RULES: dict[str, Rule] = {
    "batch_norm.default": batch_norm,
    "instance_norm.default": instance_norm,
    "group_norm.default": group_norm,
    "layer_norm.default": layer_norm,
    **{f"max_pool{rank}d.default": pool("MaxPool", rank) for rank in (1, 2, 3)},
    **{f"avg_pool{rank}d.default": pool("AveragePool", rank) for rank in (1, 2, 3)},
    **{f"adaptive_avg_pool{rank}d.default": adaptive("adaptive_avgpool", rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d.default": adaptive("adaptive_maxpool", rank) for rank in (1, 2, 3)},
    **{f"upsample_nearest{rank}d.{form}": upsample("nearest") for rank in (1, 2, 3) for form in ("vec", "default")},
    "upsample_linear1d.vec": upsample("linear"),
    "upsample_bilinear2d.vec": upsample("linear"),
    "upsample_bilinear2d.default": upsample("linear"),
    "upsample_bicubic2d.vec": upsample("cubic"),
    "upsample_trilinear3d.vec": upsample("linear"),
    "pixel_shuffle.default": shuffle("pixel_shuffle", "upscale_factor"),
    "pixel_unshuffle.default": shuffle("pixel_unshuffle", "downscale_factor"),
}
