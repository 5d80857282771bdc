"""Operators with matrices: convolutions, linear maps, products, attention."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.network import number
from archspec.importers.onnx.values import Flow, Samples, Value
from archspec.importers.torch_export.calls import Call, Rule, size_at


def convolution(rank: int, turned: bool = False) -> Rule:
    """conv1d to conv3d, and the transposed ones."""

    def rule(call: Call) -> list[Value]:
        inputs = [call.value("input"), call.value("weight"), call.optional("bias")]
        attributes: dict[str, Any] = {
            "strides": call.numbers("stride", rank, 1),
            "dilations": call.numbers("dilation", rank, 1),
            "group": call.whole("groups", 1),
        }
        if turned:
            attributes["output_padding"] = call.numbers("output_padding", rank, 0)
            if not any(attributes["output_padding"]):
                del attributes["output_padding"]
        if isinstance(call.args.get("padding"), str):
            if call.text("padding", "valid") == "same":
                attributes["auto_pad"] = "SAME_UPPER"
        else:
            attributes["pads"] = call.numbers("padding", rank, 0) * 2
        if inputs[2] is None:
            inputs.pop()
        return call.on("ConvTranspose" if turned else "Conv", inputs, **attributes)

    return rule


def general(call: Call) -> list[Value]:
    """convolution, of any rank."""
    rank = call.rank("input") - 2
    return convolution(rank, call.flag("transposed"))(call)


def linear(call: Call) -> list[Value]:
    """x W^T + b."""
    bias = call.optional("bias")
    matrix = call.value("weight")
    if not isinstance(matrix, Weight):
        turned = call.on("Transpose", [matrix], perm=[1, 0])
        made = call.on("MatMul", [call.value("input"), *turned])
        return made if bias is None else call.on("Add", [*made, bias])
    return call.on("Gemm", [call.value("input"), matrix, bias], transB=1)


def addmm(call: Call) -> list[Value]:
    """b + x W, the matrix as it lies."""
    call.only("beta", 1)
    call.only("alpha", 1)
    bias, matrix = call.value("self"), call.value("mat2")
    if isinstance(matrix, Weight) and isinstance(bias, Weight):
        return call.on("Gemm", [call.value("mat1"), matrix, bias])
    return call.on("Add", [*call.on("MatMul", [call.value("mat1"), matrix]), bias])


def product(second: str) -> Rule:
    """matmul, mm and bmm."""
    return lambda call: call.on("MatMul", [call.value("self"), call.value(second)])


def einsum(call: Call) -> list[Value]:
    """A sum of products, written out."""
    call.ignore("path")
    equation = call.text("equation", "").replace(" ", "")
    return call.on("Einsum", list(call.values("operands" if "operands" in call.args else "tensors")), equation=equation)


def attention(call: Call) -> list[Value]:
    """scaled_dot_product_attention."""
    net = call.net
    flows: list[Flow] = [net.spread(call.value(name)) for name in ("query", "key", "value")]
    call.ignore("dropout_p", "enable_gqa")
    arguments: dict[str, Any] = {"causal": True} if call.flag("is_causal") else {}
    scale = call.take("scale")
    if scale is not None:
        arguments["scale"] = number(call.number("scale", 1.0))
    mask = call.optional("attn_mask")
    query, value = flows[0], flows[2]
    if any(len(flow.dims) < 3 or flow.dims[0] != Samples() or not flow.batched for flow in flows):
        raise net.fail(f"needs [batch, heads, steps, size], got {', '.join(map(net.sizes, flows))}")
    if arguments and size_at(call, flows[1], -2) != size_at(call, query, -2) and arguments.get("causal"):
        raise net.fail("is causal with other keys than queries, aligned at the first of them")
    if len(query.dims) == 3:
        raise net.fail(f"has no heads: {net.sizes(query)}")
    if mask is not None:
        flows.append(_mask(call, mask, query))
    return [net.flow("scaled_dot_product_attention", flows, (*query.dims[:-1], value.dims[-1]), arguments)]


def _mask(call: Call, mask: Value, query: Flow) -> Flow:
    """A bias of the scores, [heads, T, S]."""
    net = call.net
    made = net.spread(mask, query)
    if made.batched:
        return made
    sizes = made.sizes
    while len(sizes) > len(query.sizes) and sizes[0] == 1:
        made = net.reshaped(made, made.dims[1:])
        sizes = made.sizes
    if len(sizes) < len(query.sizes):
        made = net.reshaped(made, (*(1,) * (len(query.sizes) - len(sizes)), *sizes))
    return made


RULES: dict[str, Rule] = {
    **{f"conv{rank}d.default": convolution(rank) for rank in (1, 2, 3)},
    **{f"conv{rank}d.padding": convolution(rank) for rank in (1, 2, 3)},
    "conv_transpose1d.default": convolution(1, turned=True),
    "conv_transpose2d.input": convolution(2, turned=True),
    "conv_transpose3d.input": convolution(3, turned=True),
    "convolution.default": general,
    "linear.default": linear,
    "addmm.default": addmm,
    "matmul.default": product("other"),
    "mm.default": product("mat2"),
    "bmm.default": product("mat2"),
    "einsum.default": einsum,
    "scaled_dot_product_attention.default": attention,
}
