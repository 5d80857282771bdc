"""Pooling, over windows and over all positions."""

from __future__ import annotations

from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.base import Arguments, Rule, form_of, padding_of, per_axis, said
from archspec.importers.keras.network import Network, Tensor, natural, one_tensor


def pool(kind: str, rank: int) -> Rule:
    """MaxPooling and AveragePooling."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        kernel = config.sizes("pool_size", rank, 2)
        stride = kernel if config.take("strides") is None else config.sizes("strides", rank)
        padding = padding_of(config, kernel, stride, (1,) * rank)
        arguments: dict[str, Any] = said(kernel=per_axis(kernel), padding=padding)
        if stride != kernel:
            arguments["stride"] = per_axis(stride)
        if kind == "avgpool" and padding:
            arguments["count_include_pad"] = False
        return net.window(kind, tensor, arguments, net.name)

    return rule


def whole(kind: str, reduction: str, rank: int) -> Rule:
    """GlobalAveragePooling and GlobalMaxPooling."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = one_tensor(net, args)
        form, keep = form_of(config), config.flag("keepdims", False)
        config.take("keep_dims")
        if len(tensor.shape) != rank + 1:
            raise net.fail(f"takes channels and {rank} spatial axes, got {list(tensor.shape)}")
        channels = rank if form == "channels_last" else 0
        if tensor.origin is None and tensor.order[-1] == channels:
            axes = [tensor.place(axis) for axis in range(rank + 1) if axis != channels]
            shape = tuple(size if axis == channels else 1 for axis, size in enumerate(tensor.shape))
            arguments = {"axes": axes[0] if len(axes) == 1 else sorted(axes), **({"keepdim": True} if keep else {})}
            if keep:
                return net.flow(reduction, [tensor], shape, tensor.order, arguments, net.name)
            return net.flow(reduction, [tensor], (tensor.shape[channels],), (0,), arguments, net.name)
        tensor = net.image(tensor, rank, form)
        made = net.window(kind, tensor, {}, net.name)
        return made if keep else net.flow("flatten", [made], (tensor.shape[channels],), natural(1))

    return rule


RULES: dict[str, Rule] = {
    **{f"MaxPooling{rank}D": pool("maxpool", rank) for rank in (1, 2, 3)},
    **{f"AveragePooling{rank}D": pool("avgpool", rank) for rank in (1, 2, 3)},
    **{f"GlobalAveragePooling{rank}D": whole("global_avgpool", "mean", rank) for rank in (1, 2, 3)},
    **{f"GlobalMaxPooling{rank}D": whole("global_maxpool", "max", rank) for rank in (1, 2, 3)},
}
