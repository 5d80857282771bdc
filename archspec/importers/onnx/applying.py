"""An operator applied: worked out on known numbers, put off for learned tensors, made a layer otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from archspec.errors import did_you_mean
from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.evaluate import evaluate
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.operators import RULES
from archspec.importers.onnx.operators.own import layer
from archspec.importers.onnx.read import OWN, Node
from archspec.importers.onnx.values import Batch, Flow, Known, Moved, Samples, Value

MOVES = frozenset({"Slice", "Concat", "Unsqueeze", "Squeeze"})
MOST_MOVES = 20  # that are put off


def applied(network: Network, node: Node, given: list[Value | None]) -> list[Value]:
    """What an operator gives. Raises OnnxError."""
    if node.op in ("Shape", "Size"):
        return [_sizes(network, node, given)]
    learned = [value for value in given if isinstance(value, (Weight, Moved))]
    rest = [value for value in given if not isinstance(value, (Weight, Moved))]
    steps = 1 + max([value.steps for value in learned if isinstance(value, Moved)], default=0)
    plain = steps <= MOST_MOVES and all(isinstance(value, (Known, type(None))) for value in rest)
    if node.op in MOVES and learned and plain:
        sources = [source for value in learned for source in (value.sources if isinstance(value, Moved) else (value,))]
        return [Moved(tuple(dict.fromkeys(sources)), node, tuple(given), steps)]
    known = [value for value in given if isinstance(value, Known) or value is None]
    if len(known) == len(given):
        folded = evaluate(node, known, network.fixed)
        if folded is not None:
            return list(folded)
    rule = layer if node.op.startswith(f"{OWN}:") else RULES.get(node.op)
    if rule is None:
        hint = did_you_mean(node.op, RULES) or "operators that archspec has no kind for are not left out"
        raise network.fail("there is no kind of layer for this operator", hint)
    try:
        return rule(network, node, given)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Attributes and inputs may be of any type and number: what a rule stumbles over is not that operator's.
        raise network.fail(f"its attributes or inputs are none of this operator's ({type(error).__name__})") from None


def _sizes(network: Network, node: Node, given: list[Value | None]) -> Known:
    (value,) = given
    if isinstance(value, Moved):
        value = network.spread(value)
    shape: tuple[Any, ...] = ()
    if isinstance(value, Flow):
        shape = tuple(
            (Batch(dim.times) if value.batched else 1) if isinstance(dim, Samples) else dim for dim in value.dims
        )
    elif isinstance(value, Weight):
        shape = value.shown
    elif value is not None:
        shape = value.shape
    if node.op == "Size":
        total: Any = 1
        for size in shape:
            total = total * size
        return Known(np.array(total, dtype=object if isinstance(total, Batch) else np.int64))
    shape = shape[node.attributes.get("start", 0) : node.attributes.get("end", None)]
    array = np.empty(len(shape), dtype=object if any(isinstance(size, Batch) for size in shape) else np.int64)
    for place, size in enumerate(shape):
        array[place] = size
    return Known(array)
