"""Normalisations and reductions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.network import Network, known_scalar, number, short
from archspec.importers.onnx.operators.base import Inputs, Rule, axes, flow, given, meet, stretched
from archspec.importers.onnx.operators.products import unfolded
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Flow, Known, Samples, Value


def epsilon(node: Node, standard: float = 1e-5) -> dict[str, Any]:
    """The argument `eps`, where it is not the kind's own."""
    eps = number(node.attributes.get("epsilon", 1e-5))
    return {} if eps == standard else {"eps": eps}


def batchnorm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Batch normalisation with its running statistics."""
    if node.attributes.get("training_mode"):
        return [_standardised(net, node, inputs)]
    value, folded = net.image(flow(net, inputs))
    scale, shift = given(net, inputs, 1), given(net, inputs, 2)
    arguments = epsilon(node)
    weights: dict[str, Weight] = {}
    if isinstance(scale, Weight) and isinstance(shift, Weight):
        weights = {"weight": scale, "bias": shift}
    elif isinstance(scale, Known) and isinstance(shift, Known):
        arguments["affine"] = False
    else:
        raise net.fail("its scale is learned and its shift is not, or the other way round")
    for name, place in (("running_mean", 3), ("running_var", 4)):
        statistic = given(net, inputs, place)
        if isinstance(statistic, Weight):
            weights[name] = statistic
        elif isinstance(statistic, Flow):
            raise net.fail("its statistics are worked out when the network runs")
    made, dims = value, value.dims
    return [unfolded(net, net.flow("batchnorm", [made], dims, arguments, weights), folded)]


def _standardised(net: Network, node: Node, inputs: Inputs) -> Flow:
    """A learned tensor normalised by its own statistics: a kernel, standardised before it is used."""
    value = flow(net, inputs)
    if value.batched:
        raise net.fail("normalises by the batch, as in training: export the model in evaluation mode")
    value = net.remarked(value, len(value.dims), None)
    if value.place != 0:
        raise net.fail(f"normalises {net.sizes(value)} by its first axis")
    value = net.flow("batchnorm", [value], value.dims, {**epsilon(node), "affine": False, "track": False})
    for place, kind in ((1, "mul"), (2, "add")):
        factor = given(net, inputs, place)
        if isinstance(factor, Known) and not np.any(factor.array - (place == 1)):
            continue
        vector = net.opened(net.spread(factor))
        vector = net.reshaped(vector, (*vector.dims, *(1,) * (len(value.dims) - 2)))
        flows, dims = meet(net, [value, vector])
        value = net.flow(kind, flows, dims, stretched(flows))
    return value


def instancenorm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Instance normalisation; on one group for each channel of groups, a group normalisation follows."""
    value, folded = net.image(flow(net, inputs))
    scale, shift = given(net, inputs, 1), given(net, inputs, 2)
    arguments = epsilon(node)
    weights: dict[str, Weight] = {}
    if isinstance(scale, Weight) and isinstance(shift, Weight):
        arguments["affine"], weights = True, {"weight": scale, "bias": shift}
    elif not (isinstance(scale, Known) and isinstance(shift, Known)):
        raise net.fail("its scale is learned and its shift is not, or the other way round")
    return [unfolded(net, net.flow("instancenorm", [value], value.dims, arguments, weights), folded)]


def groupnorm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Group normalisation of opset 21, with a scale for each channel."""
    value, folded = net.image(flow(net, inputs))
    scale, shift = given(net, inputs, 1), given(net, inputs, 2)
    arguments = {"groups": node.attributes.get("num_groups", 1), **epsilon(node)}
    weights: dict[str, Weight] = {}
    if isinstance(scale, Weight) and isinstance(shift, Weight) and scale.shape == (value.sizes[0],):
        weights = {"weight": scale, "bias": shift}
    elif isinstance(scale, Known) and isinstance(shift, Known):
        arguments["affine"] = False
    else:
        raise net.fail("its scale and shift are no learned vectors of its channels")
    return [unfolded(net, net.flow("groupnorm", [value], value.dims, arguments, weights), folded)]


def layernorm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Layer normalisation over the last axes."""
    if any(node.outputs[1:]):
        raise net.fail("its further outputs are no tensors here")
    value = net.opened(flow(net, inputs))
    place = net.place(value, node.attributes.get("axis", -1))
    if any(isinstance(dim, Samples) for dim in value.dims[place:]):
        raise net.fail("normalises over the batch")
    count = len(value.dims) - place
    arguments = {"dims": count} if count != 1 else {}
    arguments |= epsilon(node)
    scale, shift = given(net, inputs, 1), inputs[2] if len(inputs) > 2 else None
    weights: dict[str, Weight] = {}
    normed = value.dims[place:]
    if isinstance(scale, Weight) and scale.shape == normed:
        weights["weight"] = scale
        if isinstance(shift, Weight) and shift.shape == normed:
            weights["bias"] = shift
        elif shift is None or isinstance(shift, Known):
            arguments["bias"] = False
        else:
            raise net.fail("its shift is worked out when the network runs")
    elif isinstance(scale, Known) and (shift is None or isinstance(shift, Known)):
        arguments["affine"] = False
    else:
        raise net.fail("its scale is no learned tensor of the axes it normalises over")
    return [net.flow("layernorm", [value], value.dims, arguments, weights)]


def reduce(kind: str, net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Axes reduced to one element."""
    value = net.opened(flow(net, inputs))
    listed = axes(net, node, inputs)
    if not listed:
        if node.attributes.get("noop_with_empty_axes"):
            return [value]
        listed = list(range(len(value.dims)))
    places = sorted({net.place(value, axis) for axis in listed})
    numbers = [net.without_batch(value, place) for place in places]
    keep = bool(node.attributes.get("keepdims", 1))
    dims = [1 if place in places else dim for place, dim in enumerate(value.dims) if keep or place not in places]
    arguments: dict[str, Any] = {"axes": short(numbers)}
    arguments |= {"keepdim": True} if keep else {}
    if node.op == "ReduceSumSquare":
        value = net.flow("square", [value], value.dims)
    if node.op == "ReduceL2":
        value = net.flow("square", [value], value.dims)
        made = net.flow("sum", [value], dims, arguments)
        return [net.flow("sqrt", [made], dims)]
    if node.op == "ReduceL1":
        value = net.flow("abs", [value], value.dims)
    if node.op in ("ReduceLogSumExp", "ReduceLogSum"):
        value = net.flow("exp", [value], value.dims) if node.op == "ReduceLogSumExp" else value
        made = net.flow("sum", [value], dims, arguments)
        return [net.flow("log", [made], dims)]
    return [net.flow(kind, [value], dims, arguments)]


def lp_norm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Divided by its length along an axis."""
    value = net.opened(flow(net, inputs))
    if node.attributes.get("p", 2) != 2:
        raise net.fail("is no norm of squares")
    return [
        net.flow("normalize", [value], value.dims, {"axis": net.without_batch(value, node.attributes.get("axis", -1))})
    ]


def lrn(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Local response normalisation."""
    value, folded = net.image(flow(net, inputs))
    arguments = {"size": node.attributes.get("size", 1)}
    for name, (own, standard) in {"alpha": ("alpha", 1e-4), "beta": ("beta", 0.75), "bias": ("k", 1.0)}.items():
        said = number(node.attributes.get(name, standard))
        arguments |= {} if said == standard else {own: said}
    return [unfolded(net, net.flow("lrn", [value], value.dims, arguments), folded)]


def cumsum(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Running sums."""
    value = net.opened(flow(net, inputs))
    axis = given(net, inputs, 1)
    if not isinstance(axis, Known) or node.attributes.get("exclusive") or node.attributes.get("reverse"):
        raise net.fail("runs backwards, leaves its own element out, or along an axis that is worked out")
    return [net.flow("cumsum", [value], value.dims, {"axis": net.without_batch(value, int(axis.array.reshape(-1)[0]))})]


def identity(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The tensor as it is."""
    return [given(net, inputs, 0)]


def dropout(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Dropout, whose ratio is an input since opset 12."""
    if any(node.outputs[1:]):
        raise net.fail("its mask is no tensor here")
    value, ratio = flow(net, inputs), inputs[1] if len(inputs) > 1 else None
    said = node.attributes.get("ratio", 0.5) if ratio is None else known_scalar(ratio)
    if said is None:
        raise net.fail("its ratio is worked out when the network runs")
    return [net.flow("dropout", [value], value.dims, {"p": number(said)})]


def mean(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The mean of several tensors."""
    flows, dims = meet(net, [given(net, inputs, place) for place in range(len(inputs))])
    made = net.flow("add", flows, dims, stretched(flows)) if len(flows) > 1 else flows[0]
    return [net.flow("scale", [made], dims, {"by": number(1 / len(flows))})]


RULES: dict[str, Rule] = {
    "BatchNormalization": batchnorm,
    "InstanceNormalization": instancenorm,
    "GroupNormalization": groupnorm,
    "LayerNormalization": layernorm,
    "LpNormalization": lp_norm,
    "LRN": lrn,
    "CumSum": cumsum,
    "Identity": identity,
    "Dropout": dropout,
    "Mean": mean,
    **{
        op: partial(reduce, kind)
        for op, kind in {
            "ReduceMean": "mean",
            "ReduceSum": "sum",
            "ReduceMax": "max",
            "ReduceMin": "min",
            "ReduceL2": "sum",
            "ReduceL1": "sum",
            "ReduceSumSquare": "sum",
            "ReduceLogSumExp": "sum",
            "ReduceLogSum": "sum",
        }.items()
    },
}
