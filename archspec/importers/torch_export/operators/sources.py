"""Tensors that are made up when the network runs."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from archspec.importers.onnx.read import MAX_KNOWN
from archspec.importers.onnx.values import Batch, Initializer, Known, Value
from archspec.importers.torch_export.calls import Call, Rule, known, size_at
from archspec.importers.torch_export.reading import TYPES

MADE = ("layout", "device", "pin_memory", "memory_format")


def arange(call: Call) -> list[Value]:
    """Numbers in their order."""
    call.ignore(*MADE, "dtype")
    start, end, step = call.number("start", 0), call.take("end"), call.number("step", 1)
    if not isinstance(end, (int, float)) or not step or abs((end - start) / step) > MAX_KNOWN:
        raise call.net.fail("counts to the batch size, or too far")
    return [Known(np.arange(start, end, step))]


def filled(standard: float | None) -> Rule:
    """One number everywhere."""

    def rule(call: Call) -> list[Value]:
        call.ignore(*MADE, "self")
        number = call.take("fill_value", 0) if standard is None else standard
        return _full(call, call.sizes("size"), number)

    return rule


def like(standard: float | None) -> Rule:
    """One number everywhere, in the shape of another tensor."""

    def rule(call: Call) -> list[Value]:
        call.ignore(*MADE)
        other = call.value("self")
        sizes = [size_at(call, other, axis) for axis in range(call.rank("self"))]
        number = call.take("fill_value", 0) if standard is None else standard
        return _full(call, sizes, number)

    return rule


def _full(call: Call, sizes: list[Any], number: Any) -> list[Value]:
    dtype = TYPES.get(call.take("dtype") or 7, "float32")
    kind: Any = {"bool": np.bool_}.get(dtype, np.int64 if "int" in dtype else np.float32)
    number = number if isinstance(number, (int, float)) else 0
    if any(isinstance(size, Batch) for size in sizes) or prod(sizes) > MAX_KNOWN:
        value = Initializer("", (1,), dtype, Known(np.array([number], dtype=kind)))
        return call.on("ConstantOfShape", [known(sizes)], value=value)
    return [Known(np.full(tuple(sizes), number, dtype=kind))]


def scalar(call: Call) -> list[Value]:
    """One number."""
    call.ignore(*MADE, "dtype")
    return [Known(np.array(call.number("s", 0)))]


def fill_(call: Call) -> list[Value]:
    """A known tensor, or a part of one, filled anew: the part is a view of the whole."""
    value, number = call.value("self"), call.optional("value")
    if not isinstance(value, Known):
        raise call.net.fail("writes into a tensor that the network works out")
    if value.array.flags.writeable:
        value.array[...] = number.array if isinstance(number, Known) and number.array.dtype != object else 0
    return [value]


def triangle(upper: bool) -> Rule:
    """tril and triu."""

    def rule(call: Call) -> list[Value]:
        return call.on("Trilu", [call.value("self"), Known(np.array(call.whole("diagonal", 0)))], upper=int(upper))

    return rule


RULES: dict[str, Rule] = {
    "arange.default": arange,
    "arange.start": arange,
    "arange.start_step": arange,
    "empty.memory_format": filled(0),
    "fill_.Scalar": fill_,
    "fill_.Tensor": fill_,
    "full.default": filled(None),
    "full_like.default": like(None),
    "new_full.default": filled(None),
    "new_ones.default": filled(1),
    "new_zeros.default": filled(0),
    "ones.default": filled(1),
    "ones_like.default": like(1),
    "scalar_tensor.default": scalar,
    "tril.default": triangle(upper=False),
    "triu.default": triangle(upper=True),
    "zeros.default": filled(0),
    "zeros_like.default": like(0),
}
