"""Convolutions: plain, transposed, depthwise and separable."""

from __future__ import annotations

from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.activations import activated, folded, named
from archspec.importers.keras.layers.base import Arguments, Rule, form_of, padding_of, per_axis, said
from archspec.importers.keras.network import Network, Tensor, one_tensor


def convolution(rank: int) -> Rule:
    """Conv1D, Conv2D and Conv3D."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        kernel, stride, dilation = (config.sizes(key, rank, 1) for key in ("kernel_size", "strides", "dilation_rate"))
        config.only("quantization_config", None)
        if rank == 1 and config.data.get("padding") == "causal":
            config.take("padding")
            tensor = net.window("pad", tensor, {"padding": [dilation[0] * (kernel[0] - 1), 0]})
            padding: Any = 0
        else:
            padding = padding_of(config, kernel, stride, dilation)
        act = named(config)
        arguments = said(
            out=config.whole("filters"),
            kernel=per_axis(kernel),
            stride=per_axis(stride),
            padding=padding,
            dilation=per_axis(dilation),
            groups=config.whole("groups", 1),
            bias=config.flag("use_bias", True),
            act=folded(act),
        )
        return _activated(net, net.window("conv", tensor, arguments, net.name), act)

    return rule


def transposed(rank: int) -> Rule:
    """Conv1DTranspose, Conv2DTranspose and Conv3DTranspose."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        kernel, stride, dilation = (config.sizes(key, rank, 1) for key in ("kernel_size", "strides", "dilation_rate"))
        config.only("output_padding", None)
        config.only("groups", 1)
        config.only("quantization_config", None)
        same = config.word("padding", "valid", "valid", "same") == "same"
        cuts = []
        for side, step, reach in zip(kernel, stride, dilation, strict=True):
            cover = reach * (side - 1) + 1
            # The output has size * stride positions, and without `same` those that the kernel reaches beyond.
            surplus = cover - step if same else min(cover - step, 0)
            cut = max(-(-surplus // 2), 0)
            cuts.append((cut, 2 * cut - surplus))
        act = named(config)
        arguments = said(
            out=config.whole("filters"),
            kernel=per_axis(kernel),
            stride=per_axis(stride),
            padding=per_axis(tuple(cut for cut, _ in cuts)),
            output_padding=per_axis(tuple(extra for _, extra in cuts)),
            dilation=per_axis(dilation),
            bias=config.flag("use_bias", True),
            act=folded(act),
        )
        return _activated(net, net.window("conv_transpose", tensor, arguments, net.name), act)

    return rule


def depthwise(rank: int) -> Rule:
    """DepthwiseConv1D and DepthwiseConv2D: some output channels for each input channel."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        config.only("groups", 1)
        config.ignore("filters")  # what Keras 2 writes there is no size
        config.only("quantization_config", None)
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        act = named(config)
        arguments = said(**_depthwise(config, tensor, rank), bias=config.flag("use_bias", True), act=folded(act))
        return _activated(net, net.window("conv", tensor, arguments, net.name), act)

    return rule


def separable(rank: int) -> Rule:
    """SeparableConv1D and SeparableConv2D: a depthwise convolution without a bias, then one of size 1."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        config.only("groups", 1)
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        act = named(config)
        with net.inside(net.name):
            made = net.window("conv", tensor, said(**_depthwise(config, tensor, rank), bias=False), "depthwise")
            arguments = said(out=config.whole("filters"), kernel=1, bias=config.flag("use_bias", True), act=folded(act))
            return _activated(net, net.window("conv", made, arguments, "pointwise"), act)

    return rule


def _depthwise(config: Config, tensor: Tensor, rank: int) -> dict[str, Any]:
    kernel, stride, dilation = (config.sizes(key, rank, 1) for key in ("kernel_size", "strides", "dilation_rate"))
    channels = tensor.sizes[0]
    return {
        "out": channels * config.whole("depth_multiplier", 1),
        "kernel": per_axis(kernel),
        "stride": per_axis(stride),
        "padding": padding_of(config, kernel, stride, dilation),
        "dilation": per_axis(dilation),
        "groups": channels,
    }


def _activated(net: Network, tensor: Tensor, act: str) -> Tensor:
    return tensor if folded(act) else activated(net, tensor, act)


RULES: dict[str, Rule] = {
    **{f"Conv{rank}D": convolution(rank) for rank in (1, 2, 3)},
    **{f"Convolution{rank}D": convolution(rank) for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": transposed(rank) for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": depthwise(rank) for rank in (1, 2)},
    **{f"SeparableConv{rank}D": separable(rank) for rank in (1, 2)},
}
