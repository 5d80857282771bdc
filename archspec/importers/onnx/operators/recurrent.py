"""LSTM, GRU and RNN: steps first in ONNX, a direction an axis of its own; archspec has both otherwise."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.operators.base import Inputs, Rule, flow, given
from archspec.importers.onnx.operators.products import unfolded
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Flow, Known, Moved, Samples, Value

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """A recurrent layer of one or two directions."""
    value = flow(net, inputs)
    if len(value.dims) != 3:
        raise net.fail(f"needs [steps, batch, features], got {net.sizes(value)}")
    steps_first = not node.attributes.get("layout", 0)
    value, folded = net.image(net.transposed(value, (1, 0, 2)) if steps_first else value)
    directions = {"forward": 1, "bidirectional": 2}.get(node.attributes.get("direction", "forward"))
    if directions is None:
        raise net.fail("runs backwards only")
    for place, what in ((4, "sequence lengths"), (7, "peepholes")):
        if place < len(inputs) and inputs[place] is not None:
            raise net.fail(f"has {what}, which the kind has not")
    for place in (5, 6):
        start = inputs[place] if place < len(inputs) else None
        if isinstance(start, (Weight, Moved)) or (isinstance(start, Flow) and start.batched):
            raise net.fail("its first state is learned, or comes from the network")
    hidden = node.attributes.get("hidden_size", 0)
    gates = GATES[node.op] * hidden
    matrices, states = _weights(net, inputs, 1), _weights(net, inputs, 2)
    biases = _weights(net, inputs, 3) if len(inputs) > 3 and not isinstance(inputs[3], (Known, type(None))) else []
    features = value.sizes[-1]
    counts = [sum(_numel(weight) for weight in weights) for weights in (matrices, states, biases)]
    if counts[:2] != [directions * gates * features, directions * gates * hidden] or counts[2] not in (
        0,
        2 * directions * gates,
    ):
        raise net.fail(f"its weights have {counts} elements, which {hidden} units on {features} features do not have")
    arguments: dict[str, Any] = {"hidden": hidden}
    arguments |= {"bidirectional": True} if directions == 2 else {}
    arguments |= {} if biases else {"bias": False}
    wants_state = any(net.uses[name] for name in node.outputs[1:] if name)
    arguments |= {"state": True} if wants_state else {}
    weights = {weight.name: weight for weight in (*matrices, *states, *biases)}
    number, shapes = net.put(node.op.lower(), [value], arguments, weights)
    made = unfolded(net, Flow(number, 0, (Samples(), *shapes[0]), value.batched), folded)
    batch, steps = made.dims[0], made.dims[1]
    split = net.reshaped(made, (batch, steps, directions, hidden))
    outputs: list[Value] = [net.transposed(split, (1, 2, 0, 3) if steps_first else (0, 1, 2, 3))]
    for output, shape in enumerate(shapes[1:], start=1):
        state = unfolded(net, Flow(number, output, (Samples(), *shape), value.batched), folded)
        outputs.append(net.transposed(state, (1, 0, 2)) if steps_first else state)
    return outputs


def _weights(net: Network, inputs: Inputs, place: int) -> tuple[Weight, ...]:
    value = given(net, inputs, place)
    if isinstance(value, Weight):
        return (value,)
    if isinstance(value, Moved):
        return value.sources
    raise net.fail(f"its input {place + 1} is no learned tensor")


def _numel(weight: Weight) -> int:
    numel = 1
    for size in weight.shape:
        numel *= size
    return numel


RULES: dict[str, Rule] = dict.fromkeys(GATES, recurrent)
