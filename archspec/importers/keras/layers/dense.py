"""Layers of matrices: Dense, Embedding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.activations import activated, folded, named
from archspec.importers.keras.layers.base import Arguments, Rule, said
from archspec.importers.keras.network import Network, Tensor, natural, one_tensor


def dense(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Dense: a linear map of the last axis."""
    config.only("quantization_config", None)
    tensor = net.natural(one_tensor(net, args))
    act = named(config)
    units = config.whole("units")
    arguments = said(out=units, bias=config.flag("use_bias", True), act=folded(act))
    made = net.flow("linear", [tensor], (*tensor.shape[:-1], units), tensor.order, arguments, net.name)
    return made if folded(act) else activated(net, made, act)


def embedding(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Embedding: a vector for each number."""
    config.ignore("mask_zero", "input_length")
    config.only("quantization_config", None)
    config.only("sparse", False)
    tensor = net.natural(one_tensor(net, args))
    if tensor.layer < 0 and tensor.origin is not None:
        net.looked_up.add(tensor.origin)
    if tensor.dtype not in ("int32", "int64"):
        # Keras casts whatever comes: archspec's embedding takes whole numbers only.
        tensor = replace(net.each("cast", tensor, {"to": "int64"}), dtype="int64")
    vocab, dim = config.whole("input_dim"), config.whole("output_dim")
    shape = (*tensor.shape, dim)
    made = net.flow("embedding", [tensor], shape, natural(len(shape)), {"vocab": vocab, "dim": dim}, net.name)
    return replace(made, dtype="float32")


RULES: dict[str, Rule] = {"Dense": dense, "Embedding": embedding}
