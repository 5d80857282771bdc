"""Layers that only move elements, pad, cut, or change the resolution."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from archspec.errors import show
from archspec.importers.keras.config import Config, is_whole
from archspec.importers.keras.layers.base import Arguments, Rule, form_of, per_axis
from archspec.importers.keras.network import Network, Tensor, natural, one_tensor

# What is done to images in training, their sizes kept.
AUGMENTATIONS = (
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
)


def zero_padding(rank: int, sign: int) -> Rule:
    """ZeroPadding and Cropping: before and after each spatial axis."""
    key = "padding" if sign > 0 else "cropping"

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = net.image(
            one_tensor(net, args),
            rank,
            form_of(config) if rank > 1 or "data_format" in config.data else "channels_last",
        )
        pairs = _pairs(config, key, rank)
        listed = [sign * side for pair in reversed(pairs) for side in pair]
        return net.window("pad", tensor, {"padding": listed}, net.name)

    return rule


def _pairs(config: Config, key: str, rank: int) -> list[tuple[int, int]]:
    value = config.take(key, 1)
    items = value if isinstance(value, list) else [value] * rank
    if rank == 1 and len(items) == 2 and all(is_whole(item, 0) for item in items):
        items = [items]
    pairs = [item if isinstance(item, list) else [item, item] for item in items]
    if len(pairs) != rank or not all(len(pair) == 2 and all(is_whole(side, 0) for side in pair) for pair in pairs):
        raise config.fail(f"must be {rank} pairs of whole numbers, got {show(value)}", key)
    return [(pair[0], pair[1]) for pair in pairs]


def upsampling(rank: int) -> Rule:
    """UpSampling: positions repeated, or interpolated."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
        tensor = net.image(one_tensor(net, args), rank, form_of(config))
        scale = config.sizes("size", rank, 2)
        mode = config.word("interpolation", "nearest", "nearest", "bilinear", "bicubic") if rank == 2 else "nearest"
        arguments = {"scale": per_axis(scale), **({"mode": mode} if mode != "nearest" else {})}
        return net.window("upsample", tensor, arguments, net.name)

    return rule


def flatten(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Flatten, in Keras's order of the axes; with channels first Keras moves them to the end before."""
    tensor = one_tensor(net, args)
    if form_of(config) == "channels_first" and len(tensor.shape) > 1:
        tensor = _permuted(tensor, (*range(1, len(tensor.shape)), 0))
    return net.reshaped(tensor, (prod(tensor.shape),), net.name)


def reshape(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Reshape; -1 is what is left."""
    tensor = one_tensor(net, args)
    target = config.take("target_shape")
    plain = isinstance(target, list) and all(is_whole(size, 1) or size == -1 for size in target)
    if not plain or target.count(-1) > 1:
        raise config.fail(f"must be a list of sizes, one of them -1 at most, got {show(target)}", "target_shape")
    known = prod(size for size in target if size != -1)
    if -1 in target and prod(tensor.shape) % known:
        raise config.fail(f"{show(target)} does not fit {list(tensor.shape)}", "target_shape")
    shape = tuple(prod(tensor.shape) // known if size == -1 else size for size in target)
    return net.reshaped(tensor, shape or (1,), net.name, target.index(-1) if -1 in target else None)


def permute(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Permute: how the axes are called; a layer stands only where one minds how they lie."""
    tensor = one_tensor(net, args)
    dims = config.take("dims")
    if not isinstance(dims, list) or sorted(map(str, dims)) != [str(axis + 1) for axis in range(len(tensor.shape))]:
        raise config.fail(f"must be an order of {len(tensor.shape)} axes, got {show(dims)}", "dims")
    return _permuted(net.natural(tensor) if tensor.origin else tensor, tuple(axis - 1 for axis in dims))


def _permuted(tensor: Tensor, dims: tuple[int, ...]) -> Tensor:
    """The axes under other numbers: the new one i was dims[i]."""
    shape = tuple(tensor.shape[axis] for axis in dims)
    return replace(tensor, shape=shape, order=tuple(dims.index(axis) for axis in tensor.order), origin=None)


def repeat_vector(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """RepeatVector: [D] to [n, D]."""
    tensor, count = one_tensor(net, args), config.whole("n")
    if len(tensor.shape) != 1:
        raise net.fail(f"takes one axis, got {list(tensor.shape)}")
    row = net.flow("reshape", [tensor], (1, *tensor.shape), natural(2), {"shape": [1, *tensor.shape]})
    shape = (count, *tensor.shape)
    return net.flow("expand", [row], shape, natural(2), {"shape": list(shape)}, net.name)


def resizing(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Resizing to sizes in numbers."""
    config.ignore("fill_mode", "fill_value", "antialias")
    config.only("crop_to_aspect_ratio", False)
    config.only("pad_to_aspect_ratio", False)
    tensor = net.image(one_tensor(net, args), 2, form_of(config))
    mode = config.word("interpolation", "bilinear", "nearest", "bilinear", "bicubic")
    size = (config.whole("height"), config.whole("width"))
    return net.window("upsample", tensor, {"size": per_axis(size), "mode": mode}, net.name)


def passed(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Layers that give what they take when the network runs."""
    for key in list(config.data):
        config.ignore(key)
    return net.each("identity", one_tensor(net, args), {}, net.name)


RULES: dict[str, Rule] = {
    "ActivityRegularization": passed,
    **{f"Cropping{rank}D": zero_padding(rank, -1) for rank in (1, 2, 3)},
    "Flatten": flatten,
    "GaussianNoise": passed,
    "Identity": passed,
    "Masking": passed,
    "Permute": permute,
    **dict.fromkeys(AUGMENTATIONS, passed),
    "RepeatVector": repeat_vector,
    "Reshape": reshape,
    "Resizing": resizing,
    **{f"UpSampling{rank}D": upsampling(rank) for rank in (1, 2, 3)},
    **{f"ZeroPadding{rank}D": zero_padding(rank, 1) for rank in (1, 2, 3)},
}
