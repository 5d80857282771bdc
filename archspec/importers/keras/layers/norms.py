"""Normalisations, dropout, and what is done to inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.base import Arguments, Rule
from archspec.importers.keras.network import Network, Tensor, natural, one_tensor


def batch_norm(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """BatchNormalization of one axis, the channels."""
    config.ignore("momentum", "synchronized", "fused", "virtual_batch_size", "renorm_clipping", "renorm_momentum")
    config.only("renorm", False)  # which stores more
    tensor = one_tensor(net, args)
    axis = axes_of(config, tensor)
    if len(axis) != 1:
        raise config.fail("must be one axis", "axis")
    tensor = channel_first(net, tensor, axis[0])
    center, scale = config.flag("center", True), config.flag("scale", True)
    arguments: dict[str, Any] = {"eps": config.number("epsilon", 1e-3)}
    if not center and not scale:
        arguments["affine"] = False
    elif not (center and scale):
        arguments["bias" if scale else "scale"] = False
    return net.each("batchnorm", tensor, {**arguments, "counter": False}, net.name)


def layer_norm(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """LayerNormalization over the last axes."""
    config.only("rms_scaling", False)
    tensor = net.natural(one_tensor(net, args))
    axes, rank = axes_of(config, tensor), len(tensor.shape)
    if axes != list(range(rank - len(axes), rank)):
        raise config.fail("must be the last axes", "axis")
    center, scale = config.flag("center", True), config.flag("scale", True)
    if center and not scale:
        raise config.fail("without a scale there is no shift in archspec's layernorm", "scale")
    arguments: dict[str, Any] = {"dims": len(axes)} if len(axes) > 1 else {}
    arguments["eps"] = config.number("epsilon", 1e-3)
    if not scale:
        arguments["affine"] = False
    elif not center:
        arguments["bias"] = False
    return net.each("layernorm", tensor, arguments, net.name)


def rms_norm(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """RMSNormalization over the last axis."""
    tensor = net.natural(one_tensor(net, args))
    if axes_of(config, tensor) != [len(tensor.shape) - 1]:
        raise config.fail("must be the last axis", "axis")
    return net.each("rmsnorm", tensor, {"eps": config.number("epsilon", 1e-6)}, net.name)


def group_norm(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """GroupNormalization; -1 groups are as many as channels."""
    tensor = one_tensor(net, args)
    (axis,) = axes_of(config, tensor)
    tensor = channel_first(net, tensor, axis)
    groups = config.take("groups", 32)
    if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
        raise config.fail("must be a number of groups", "groups")
    center, scale = config.flag("center", True), config.flag("scale", True)
    if center != scale:
        raise config.fail("a scale without a shift, or the other way, is not known", "scale")
    arguments = {"groups": tensor.sizes[0] if groups == -1 else groups, "eps": config.number("epsilon", 1e-3)}
    return net.each("groupnorm", tensor, arguments if scale else {**arguments, "affine": False}, net.name)


def normalization(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Normalization by a mean and a variance that were measured, or are in the config."""
    config.only("invert", False)
    tensor = one_tensor(net, args)
    axis = axes_of(config, tensor, optional=True)
    mean, variance = config.take("mean"), config.take("variance")
    if (mean is None) != (variance is None):
        raise config.fail("of mean and variance only one is said", "mean")
    if mean is None:
        if len(axis) != 1:
            raise config.fail("must be one axis", "axis")
        tensor = channel_first(net, tensor, axis[0])
        return net.each("batchnorm", tensor, {"eps": 0, "affine": False, "counter": True}, net.name)
    # Both are constants: nothing is stored, each element is shifted and scaled.
    with net.inside(net.name):
        for kind, name in (("sub", "mean"), ("div", "deviation")):
            sizes = tuple(tensor.shape[axis] if axis in axis_set(axis, config, tensor) else 1 for axis in tensor.order)
            net.put("constant", [], {"shape": list(sizes)}, name)
            constant = Tensor(len(net.layers) - 1, 0, sizes, natural(len(sizes)))
            made = net.flow(kind, [tensor, constant], tensor.shape, tensor.order, {"broadcast": True})
            tensor = replace(made, origin=tensor.origin)
    return tensor


def axis_set(axis: int, config: Config, tensor: Tensor) -> set[int]:
    """The axes that have numbers of their own."""
    return set(axes_of(config, tensor, optional=True))


def rescaling(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Rescaling: x * scale + offset, each a number or one for each channel."""
    tensor = one_tensor(net, args)
    scale, offset = config.take("scale"), config.take("offset", 0.0)
    for key, value in (("scale", scale), ("offset", offset)):
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in items):
            raise config.fail("must be a number, or one for each channel", key)
        if isinstance(value, list) and len(value) != tensor.shape[-1]:
            raise config.fail(f"has {len(value)} numbers for {tensor.shape[-1]} channels", key)
    tensor = _by(net, "scale", "mul", scale, tensor, net.name)
    return tensor if offset == 0 else _by(net, "offset", "add", offset, tensor, "")


def _by(net: Network, plain: str, kind: str, value: Any, tensor: Tensor, name: str) -> Tensor:
    if not isinstance(value, list):
        return net.each(plain, tensor, {"by": value}, name)
    last = len(tensor.shape) - 1
    sizes = tuple(tensor.shape[last] if axis == last else 1 for axis in tensor.order)
    net.put("constant", [], {"shape": list(sizes)})
    constant = Tensor(len(net.layers) - 1, 0, sizes, natural(len(sizes)))
    made = net.flow(kind, [tensor, constant], tensor.shape, tensor.order, {"broadcast": True}, name)
    return replace(made, origin=tensor.origin)


def axes_of(config: Config, tensor: Tensor, *, optional: bool = False) -> list[int]:
    """The axes that the config names, counted from the first behind the batch."""
    value = config.take("axis", -1)
    rank = len(tensor.shape)
    if value is None and optional:
        return []
    axes = []
    for axis in value if isinstance(value, list) else [value]:
        if not isinstance(axis, int) or isinstance(axis, bool) or axis == 0 or not -rank <= axis <= rank:
            raise config.fail(f"must be an axis of {rank} behind the batch", "axis")
        axes.append(axis - 1 if axis > 0 else rank + axis)
    return sorted(set(axes))


def channel_first(net: Network, tensor: Tensor, axis: int) -> Tensor:
    """A tensor with this axis in front."""
    if tensor.order[0] == axis:
        return tensor
    return net.laid(tensor, (axis, *(other for other in range(len(tensor.shape)) if other != axis)))


def dropout(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Dropout; one number for a sample where the noise has no other axes."""
    tensor = one_tensor(net, args)
    rate, noise = config.number("rate", 0.5), config.take("noise_shape")
    sample = isinstance(noise, list) and len(noise) > 1 and set(noise[1:]) == {1}
    return net.each("stochastic_depth" if sample else "dropout", tensor, {"p": rate}, net.name)


def stochastic_depth(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """ConvNeXt's StochasticDepth."""
    return net.each("stochastic_depth", one_tensor(net, args), {"p": config.number("drop_path_rate", 0.0)}, net.name)


RULES: dict[str, Rule] = {
    "BatchNormalization": batch_norm,
    "BatchNormalizationV1": batch_norm,
    "Dropout": dropout,
    "GaussianDropout": dropout,
    "GroupNormalization": group_norm,
    "LayerNormalization": layer_norm,
    "Normalization": normalization,
    "RMSNormalization": rms_norm,
    "Rescaling": rescaling,
    "SpatialDropout1D": dropout,
    "SpatialDropout2D": dropout,
    "SpatialDropout3D": dropout,
    "StochasticDepth": stochastic_depth,
    "SyncBatchNormalization": batch_norm,
}
