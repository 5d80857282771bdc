"""Arithmetic on known numbers: what an exporter leaves of `x.shape[0] // 2`, worked out."""

from __future__ import annotations

import numpy as np

from archspec.importers.onnx.arithmetic import RULES
from archspec.importers.onnx.ranges import Array, TooLarge
from archspec.importers.onnx.read import Node, OnnxError
from archspec.importers.onnx.values import Batch, Known, Mixed

SPREADS = frozenset({"Expand", "Tile", "ConstantOfShape"})  # over the batch, which layers can do


def evaluate(node: Node, inputs: list[Known | None], fixed: int | None) -> list[Known] | None:
    """The outputs of a node on known numbers; None where it has to be a layer.

    ``fixed``: the batch size where the file has one, for arithmetic that no multiple of it comes out of. Raises
    OnnxError.
    """
    rule = RULES.get(node.op)
    if rule is None:
        return None
    arrays = [None if value is None else value.array for value in inputs]
    try:
        with np.errstate(all="ignore"):
            try:
                made = rule(node, arrays)
            except Mixed:
                if fixed is None:
                    raise
                made = rule(node, [None if array is None else plain(array, fixed) for array in arrays])
            return [Known(_tidy(np.asarray(array))) for array in (made if isinstance(made, list) else [made])]
    except TooLarge:
        return None
    except Mixed:
        if node.op in SPREADS:
            return None
        raise OnnxError(node, "the batch size goes into arithmetic that gives no multiple of it") from None
    except OnnxError:
        raise
    except (ArithmeticError, ValueError, TypeError, IndexError, KeyError, AttributeError, MemoryError) as error:
        raise OnnxError(node, f"cannot be worked out on {_shapes(arrays)}: {type(error).__name__}") from None


def plain(array: Array, batch: int) -> Array:
    """Numbers, the batch size put in."""
    if array.dtype != object:
        return array
    flat = [item.times * batch if isinstance(item, Batch) else item for item in array.flat]
    return np.array(flat, dtype=np.int64).reshape(array.shape)


def _shapes(arrays: list[Array | None]) -> str:
    return ", ".join(str(list(array.shape)) for array in arrays if array is not None) or "nothing"


def _tidy(array: Array) -> Array:
    """Whole numbers as such where no batch size is among them."""
    if array.dtype == object and not any(isinstance(item, Batch) for item in array.flat):
        values = array.tolist()
        return np.array(values, dtype=np.float64 if any(isinstance(item, float) for item in array.flat) else np.int64)
    return array
