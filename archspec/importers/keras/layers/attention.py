"""Attention with its projections, and without."""

from __future__ import annotations

from math import prod
from typing import Any

from archspec.importers.keras.config import Config
from archspec.importers.keras.layers.base import Arguments, Rule
from archspec.importers.keras.network import Network, Tensor, natural, tensors_of

IGNORED = ("dropout", "flash_attention", "query_shape", "key_shape", "value_shape", "softmax_robust_masking")
ROLES = ("query", "value", "key")


def multi_head(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """MultiHeadAttention: each projection a layer of its own, as Keras names it."""
    heads, size = config.whole("num_heads"), config.whole("key_dim")
    config.ignore(*IGNORED)
    value_size = config.take("value_dim") or size
    if not isinstance(value_size, int) or isinstance(value_size, bool):
        raise config.fail("must be a size", "value_dim")
    config.only("attention_axes", None, [1])
    config.only("output_shape", None)
    config.only("use_gate", False)
    config.only("sliding_window", None)
    return _attention(net, config, args, kwargs, (heads, heads), size, value_size)


def grouped(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """GroupQueryAttention: several heads share a key and a value."""
    heads, shared, size = (config.whole(key) for key in ("num_query_heads", "num_key_value_heads", "head_dim"))
    config.ignore(*IGNORED)
    config.only("use_gate", False)
    config.only("sliding_window", None)
    return _attention(net, config, args, kwargs, (heads, shared), size, size)


def _attention(
    net: Network,
    config: Config,
    args: Arguments,
    kwargs: dict[str, Any],
    heads: tuple[int, int],
    size: int,
    value_size: int,
) -> Tensor:
    causal = kwargs.pop("use_causal_mask", False)
    if kwargs.pop("return_attention_scores", False):
        raise net.fail("gives its scores too, which is not known")
    named = dict(zip(ROLES, args, strict=False)) | {role: kwargs.pop(role) for role in ROLES if role in kwargs}
    if kwargs:
        raise net.fail(f"is called with {', '.join(kwargs)}, which is not known")
    if not {"query", "value"} <= set(named):
        raise net.fail("takes a query and a value")
    named.setdefault("key", named["value"])
    bias = config.flag("use_bias", True)
    tensors = {role: net.natural(tensors_of(net, [named[role]])[0]) for role in ROLES}
    for role, tensor in tensors.items():
        if len(tensor.shape) != 2:
            raise net.fail(f"takes a {role} of steps and their features, got {list(tensor.shape)}")
    plain = {} if bias else {"bias": False}
    ways = {"query": (heads[0], size), "key": (heads[1], size), "value": (heads[1], value_size)}
    with net.inside(net.name):
        made = []
        for role, (count, width) in ways.items():
            tensor = tensors[role]
            steps = tensor.shape[0]
            tensor = net.flow(
                "linear", [tensor], (steps, count * width), natural(2), {"out": count * width, **plain}, role
            )
            tensor = net.flow("reshape", [tensor], (steps, count, width), natural(3), {"shape": ["...", count, width]})
            made.append(net.flow("permute", [tensor], (count, steps, width), natural(3), {"order": [2, 1, 3]}))
        steps = made[0].shape[1]
        if causal and made[1].shape[1] != steps:
            raise net.fail(f"is causal with {steps} queries and {made[1].shape[1]} keys, which is not known")
        shape = (heads[0], steps, value_size)
        arguments = {"causal": True} if causal else {}
        tensor = net.flow("scaled_dot_product_attention", made, shape, natural(3), arguments)
        shape = (steps, heads[0], value_size)
        tensor = net.flow("permute", [tensor], shape, natural(3), {"order": [2, 1, 3]})
        tensor = net.flow("flatten", [tensor], (steps, prod(shape[1:])), natural(2), {"start": 2})
        out = tensors["query"].shape[1]
        return net.flow("linear", [tensor], (steps, out), natural(2), {"out": out, **plain}, "attention_output")


def attention(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    """Attention: products of queries and keys as they are."""
    config.only("use_scale", False)
    config.only("score_mode", "dot")
    config.ignore("dropout")
    causal = kwargs.pop("use_causal_mask", False)
    if kwargs:
        raise net.fail(f"is called with {', '.join(kwargs)}, which is not known")
    tensors = [net.natural(tensor) for tensor in tensors_of(net, args)]
    if not 2 <= len(tensors) <= 3 or any(len(tensor.shape) != 2 for tensor in tensors):
        raise net.fail("takes query, value and perhaps key, each of steps and their features")
    query, value, key = tensors if len(tensors) == 3 else (*tensors, tensors[1])
    with net.inside(net.name):
        opened = [
            net.flow("unsqueeze", [tensor], (1, *tensor.shape), natural(3), {"axis": 1})
            for tensor in (query, key, value)
        ]
        shape = (query.shape[0], value.shape[1])
        arguments = {"scale": 1, **({"causal": True} if causal else {})}
        made = net.flow("scaled_dot_product_attention", opened, (1, *shape), natural(3), arguments)
        return net.flow("squeeze", [made], shape, natural(2), {"axis": 1})


RULES: dict[str, Rule] = {
    "Attention": attention,
    "GroupQueryAttention": grouped,
    "GroupedQueryAttention": grouped,
    "MultiHeadAttention": multi_head,
}
