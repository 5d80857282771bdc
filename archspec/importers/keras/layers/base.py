"""What the rules of layers have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.network import Network, Tensor

Arguments = list[Any]
Rule = Callable[[Network, Config, Arguments, dict[str, Any]], Tensor | list[Tensor]]


def per_axis(sizes: tuple[int, ...]) -> Any:
    """One number where all axes have the same."""
    return sizes[0] if len(set(sizes)) == 1 else list(sizes)


def form_of(config: Config) -> str:
    """Where the channels are."""
    return config.word("data_format", "channels_last", "channels_last", "channels_first")


def padding_of(config: Config, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Any:
    """Padding as archspec writes it; TensorFlow's `same` is ONNX's SAME_UPPER, half the kernel where that is whole."""
    if config.word("padding", "valid", "valid", "same") == "valid" or set(kernel) == {1}:
        return 0
    if set(stride) == {1} and all(side % 2 for side in kernel):
        if set(dilation) == {1}:
            return "half"
        return per_axis(tuple(reach * (side // 2) for side, reach in zip(kernel, dilation, strict=True)))
    return "same_upper"


def said(**arguments: Any) -> dict[str, Any]:
    """Arguments that are not what they are where nothing is said."""
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "output_padding": 0, "act": None}
    return {name: value for name, value in arguments.items() if name not in plain or value != plain[name]}
