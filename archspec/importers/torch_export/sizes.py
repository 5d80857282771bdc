"""Arithmetic on sizes, which exported programs write as nodes of their own."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from archspec.errors import ArchspecError
from archspec.importers.onnx.values import Batch, Mixed
from archspec.importers.torch_export.calls import Call, size_at

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "_operator.add": operator.add,
    "_operator.floordiv": operator.floordiv,
    "_operator.mod": operator.mod,
    "_operator.mul": operator.mul,
    "_operator.sub": operator.sub,
    "math.floor": lambda a, b: int(a // 1),
}
# What only checks sizes, or says what they may be.
COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")
CHECKS = ("_assert", "sym_constrain", *(f"_operator.{name}" for name in COMPARISONS))


def is_size(target: str) -> bool:
    """Whether an operator works out a size."""
    return target in ARITHMETIC or target.endswith(("aten.sym_size.int", "aten.sym_numel.default"))


def is_check(target: str) -> bool:
    """Whether an operator gives nothing that a layer reads."""
    return any(mark in target for mark in CHECKS)


def size_of(call: Call) -> Any:
    """The size that a node works out. Raises OnnxError."""
    if call.operation.target.endswith("sym_size.int"):
        return size_at(call, call.value("self"), call.whole("dim"))
    if call.operation.target.endswith("sym_numel.default"):
        total: Any = 1
        for axis in range(call.rank("self")):
            total = total * size_at(call, call.value("self"), axis)
        return total
    values = [*call.args.values()]
    call.ignore(*call.args)
    if not all(isinstance(value, (int, float, Batch)) for value in values) or not 1 <= len(values) <= 2:
        raise call.net.fail("works out a size of what is none")
    try:
        return ARITHMETIC[call.operation.target](values[0], values[-1])
    except (Mixed, ArithmeticError, TypeError, ArchspecError):
        raise call.net.fail("the batch size goes into arithmetic that gives no multiple of it") from None
