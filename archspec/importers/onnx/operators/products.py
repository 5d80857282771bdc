"""Layers with matrices: Conv, ConvTranspose, Gemm, MatMul, Einsum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.network import Network, per_axis
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, given, meet, stretched
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Dim, Flow, Samples, Value

AUTO = {"SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower"}


def padding(net: Network, node: Node, rank: int) -> Any:
    """Padding as archspec writes it: ONNX's order, one number where all are equal."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto in AUTO:
        return AUTO[auto]
    if auto not in ("NOTSET", "VALID"):
        raise net.fail(f"its padding `{auto}` is not known")
    pads = [] if auto == "VALID" else node.attributes.get("pads") or []
    if len(pads) not in (0, 2 * rank):
        raise net.fail(f"has {len(pads)} paddings for {rank} axes")
    begins, ends = pads[: len(pads) // 2], pads[len(pads) // 2 :]
    return (per_axis(begins) if begins == ends else list(pads)) if pads else 0


def sides(net: Network, node: Node, name: str, rank: int) -> Any:
    """An attribute with a number for each axis; None where all are 1."""
    values = node.attributes.get(name) or []
    if len(values) not in (0, rank):
        raise net.fail(f"has {len(values)} {name} for {rank} axes")
    return None if set(values) <= {1} else per_axis(values)


def convolution(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """Conv and ConvTranspose."""
    kernel, bias = given(net, inputs, 1), inputs[2] if len(inputs) > 2 else None
    value, folded = net.image(flow(net, inputs))
    if not isinstance(kernel, Weight):
        return _dynamic(net, node, value, kernel, bias, folded)
    shape = kernel.shown
    rank = len(value.dims) - 2
    if len(shape) != rank + 2:
        raise net.fail(f"its kernel {list(shape)} does not fit an input of {net.sizes(value)}")
    groups = node.attributes.get("group", 1)
    turned = node.op == "ConvTranspose"
    arguments: dict[str, Any] = {"out": shape[1] * groups if turned else shape[0], "kernel": per_axis(shape[2:])}
    pads = padding(net, node, rank)
    if isinstance(pads, str) and turned:
        raise net.fail("its padding depends on the output: archspec needs it in numbers")
    optional = {
        "stride": sides(net, node, "strides", rank),
        "padding": pads,
        "output_padding": node.attributes.get("output_padding"),
        "dilation": sides(net, node, "dilations", rank),
        "groups": groups if groups != 1 else None,
    }
    if optional["output_padding"] is not None:
        optional["output_padding"] = per_axis(optional["output_padding"])
    if turned and isinstance(pads, list):
        raise net.fail("its padding differs between begin and end")
    arguments |= {name: found for name, found in optional.items() if found}
    weights = {"weight": kernel}
    if isinstance(bias, Weight):
        weights["bias"] = bias
    else:
        arguments["bias"] = False
    expected = (shape[1] * groups) if not turned else shape[0]
    if value.sizes[0] != expected:
        raise net.fail(f"its kernel {list(shape)} with {groups} groups reads {expected} channels, got {value.sizes[0]}")
    kind = "conv_transpose" if turned else "conv"
    number, (made,) = net.put(kind, [value], arguments, weights)
    result = Flow(number, 0, (Samples(), *made), value.batched)
    if bias is not None and not isinstance(bias, Weight):
        result = _added(net, result, bias, rank)
    return [unfolded(net, result, folded)]


def _added(net: Network, value: Flow, bias: Value, rank: int) -> Flow:
    vector = net.opened(net.spread(bias))
    vector = net.reshaped(vector, (*vector.dims, *(1,) * rank))
    return net.flow("add", [value, vector], value.dims, {"broadcast": True})


def _dynamic(net: Network, node: Node, value: Flow, kernel: Value, bias: Value | None, folded: int) -> list[Value]:
    """A convolution whose kernel is worked out by layers, once for the batch."""
    if node.op != "Conv" or (bias is not None and not isinstance(bias, Weight)):
        raise net.fail("its kernel is worked out by other nodes, which only Conv may have")
    taken = net.opened(net.spread(kernel))
    if taken.batched or folded != 1:
        raise net.fail("its kernel differs from sample to sample")
    rank = len(value.dims) - 2
    groups = node.attributes.get("group", 1)
    optional = {
        "stride": sides(net, node, "strides", rank),
        "padding": padding(net, node, rank),
        "dilation": sides(net, node, "dilations", rank),
        "groups": groups if groups != 1 else None,
    }
    arguments = {name: found for name, found in optional.items() if found}
    number, (made,) = net.put("dynamic_conv", [value, taken], arguments)
    result = Flow(number, 0, (Samples(), *made), value.batched)
    return [result if bias is None else _added(net, result, bias, rank)]


def unfolded(net: Network, value: Flow, folded: int) -> Flow:
    """Samples that were positions of an axis, an axis again."""
    if folded == 1:
        return value
    dims = (Samples(1, folded), *value.dims[1:])
    number, _ = net.put("unfold_batch", [value], {"sizes": folded})
    return Flow(number, 0, dims, value.batched)


def gemm(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A linear layer."""
    matrix, bias = given(net, inputs, 1), inputs[2] if len(inputs) > 2 else None
    factors = [node.attributes.get(name, 1.0) for name in ("alpha", "beta")]
    if node.attributes.get("transA") or factors[0] != 1 or (bias is not None and factors[1] != 1):
        raise net.fail("has factors or a transposed first input, which a linear layer has not")
    if isinstance(matrix, Weight):
        matrix = matrix if node.attributes.get("transB") else replace(matrix, turned=not matrix.turned)
        return [linear(net, flow(net, inputs), matrix, bias)]
    right = net.opened(net.spread(matrix))
    right = net.transposed(right, (1, 0)) if node.attributes.get("transB") else right
    (made,) = _matmul(net, [flow(net, inputs), right])
    return [made] if bias is None else [sum_of(net, [made, bias])]


def sum_of(net: Network, values: list[Value]) -> Flow:
    """Values added."""
    flows, dims = meet(net, values)
    return net.flow("add", flows, dims, stretched(flows))


def linear(net: Network, value: Flow, matrix: Weight, bias: Value | None) -> Flow:
    """A linear layer with a matrix [out, in], as its reader sees it."""
    if len(matrix.shape) != 2:
        raise net.fail(f"its matrix has {len(matrix.shape)} axes")
    out, size = matrix.shown
    if value.dims[-1] != size:
        if not isinstance(value.dims[-1], Samples) or value.batched:
            raise net.fail(f"a matrix of {size} inputs meets {net.sizes(value)}")
        value = net.opened(value)
    weights = {"weight": matrix}
    arguments: dict[str, Any] = {"out": out}
    if isinstance(bias, Weight) and bias.shape == (out,):
        weights["bias"] = bias
    else:
        arguments["bias"] = False
    made = net.flow("linear", [value], (*value.dims[:-1], out), arguments, weights)
    return made if bias is None or "bias" in weights else sum_of(net, [made, bias])


def matmul(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A linear layer where the second input is a learned matrix, else a product of two tensors."""
    left, right = given(net, inputs, 0), given(net, inputs, 1)
    if isinstance(right, Weight) and len(right.shape) == 2:
        return [linear(net, net.spread(left), replace(right, turned=not right.turned), None)]
    return list(_matmul(net, [left, right]))


def _matmul(net: Network, values: list[Value]) -> tuple[Flow]:
    batched = [value for value in values if isinstance(value, Flow) and value.batched]
    like = max(batched, key=lambda value: len(value.dims)) if batched else None
    flows = [net.opened(net.spread(value)) if like is None else net.spread(value, like) for value in values]
    if min(len(value.dims) for value in flows) < 2:
        raise net.fail("is a product with a vector: archspec's has two axes or more on both sides")
    left, right = (_matrix(net, value) for value in flows)
    (*lead_a, m, k), (*lead_b, other, n) = left.dims, right.dims
    if k != other:
        raise net.fail(f"inner sizes differ: {net.sizes(left)} by {net.sizes(right)}")
    lead = _lead(net, (left, right), lead_a, lead_b)
    alike = left.sizes[:-2] == right.sizes[:-2] and left.batched == right.batched
    made = net.flow("matmul", [left, right], (*lead, m, n), {} if alike else {"broadcast": True})
    if flows[0] is not left:
        made = net.reshaped(made, (*flows[0].dims[:-1], n))
    return (made,)


def _matrix(net: Network, value: Flow) -> Flow:
    """A tensor whose last two axes are archspec's own: a row where the batch alone is the last but one."""
    if isinstance(value.dims[-1], Samples) and not value.batched:
        value = net.opened(value)
    if isinstance(value.dims[-1], Samples):
        raise net.fail(f"sums over the batch: its input is {net.sizes(value)}")
    row = value.dims[-2]
    if not isinstance(row, Samples):
        return value
    if row == Samples():
        return net.reshaped(value, (*value.dims[:-2], Samples(), 1, value.dims[-1]))
    if row.before != 1:
        raise net.fail(f"the batch is inside an axis of {net.sizes(value)}")
    return net.reshaped(value, (*value.dims[:-2], Samples(), row.behind, value.dims[-1]))


def _lead(net: Network, flows: tuple[Flow, Flow], a: list[Dim], b: list[Dim]) -> list[Dim]:
    lead: list[Dim] = []
    for back in range(max(len(a), len(b)), 0, -1):
        sizes = {side[-back] for side in (a, b) if len(side) >= back} - {1}
        marks = [size for size in sizes if isinstance(size, Samples)]
        if len(marks) > 1 or (marks and sizes - {marks[0], marks[0].behind}) or len(sizes) > 2:
            raise net.fail(f"{net.sizes(flows[0])} by {net.sizes(flows[1])}: leading axes do not fit")
        if not marks and len(sizes) > 1:
            raise net.fail(f"{net.sizes(flows[0])} by {net.sizes(flows[1])}: leading axes do not fit")
        lead.append(marks[0] if marks else sizes.pop() if sizes else 1)
    return lead


def einsum(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A sum of products of two tensors."""
    equation = node.attributes.get("equation", "").replace(" ", "")
    terms, arrow, output = equation.partition("->")
    letters = terms.split(",")
    if not arrow or len(letters) != 2 or "." in equation or len(inputs) != 2:
        raise net.fail(f"`{equation}` is no sum of products of two tensors, with its output written out")
    values = [net.spread(given(net, inputs, place)) for place in range(2)]
    batch = ""
    for term, value in zip(letters, values, strict=True):
        if len(term) != len(value.dims):
            raise net.fail(f"`{term}` names {len(term)} axes, its input is {net.sizes(value)}")
        if value.batched and value.place is not None:
            if (batch and batch != term[value.place]) or value.dims[value.place] != Samples():
                raise net.fail("the batch has two letters, or shares one: samples would mix")
            batch = term[value.place]
    if batch and (
        batch not in output or not all(batch in term or not v.batched for term, v in zip(letters, values, strict=True))
    ):
        raise net.fail("it sums over the batch")
    sizes: dict[str, Dim] = {}
    flows = []
    for term, value in zip(letters, values, strict=True):
        behind = len(term) - term.index(batch) if batch and batch in term else None
        made = value if value.batched else net.remarked(value, behind, None)
        flows.append(made)
        sizes |= dict(zip(term, made.dims, strict=True))
    written = ",".join(term.replace(batch, "") if batch else term for term in letters)
    shown = output.replace(batch, "") if batch else output
    dims = [sizes[letter] for letter in output]
    return [net.flow("einsum", flows, dims, {"equation": f"{written}->{shown}"})]


RULES: dict[str, Rule] = {
    "Conv": convolution,
    "ConvTranspose": convolution,
    "Gemm": gemm,
    "MatMul": matmul,
    "Einsum": einsum,
}
