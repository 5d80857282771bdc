"""Recurrent layers, and states that are carried along a sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

from archspec.exporters.onnx.body import Body, Write
from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer

# Where ONNX's gates stand among PyTorch's: i o f c among i f g o, z r h among r z n.
GATES = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}


def _recurrent(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> list[str]:
    kind: Any = layer.traits.kind
    if getattr(kind, "proj", 0):
        raise Unsayable("ONNX's has no projection of the state")
    directions, hidden = (2 if kind.bidirectional else 1), kind.hidden
    more: dict[str, Any] = {"direction": "bidirectional"} if kind.bidirectional else {}
    if kind.kind == "gru":
        more["linear_before_reset"] = int(kind.reset_after)
    if getattr(kind, "nonlinearity", "tanh") == "relu":
        more["activations"] = ["Relu"] * directions
    steps = layer.traits.inputs[0][1]
    value = body.turned(inputs[0], (1, 0, 2))
    states: list[list[str]] = []
    for number in range(kind.layers):
        taken = _taken(body, kind, weights, number)
        made, *last = body.ops(
            kind.kind.upper(), value, *taken, outputs=3 if kind.kind == "lstm" else 2, hidden_size=hidden, **more
        )
        value = body.reshaped(body.turned(made, (0, 2, 1, 3)), (steps, -1, directions * hidden))
        states.append(last)
    outputs = [body.turned(value, (1, 0, 2))]
    if kind.state:
        for column in zip(*states, strict=True):
            joined = column[0] if len(column) == 1 else body.op("Concat", *column, axis=0)
            outputs.append(body.turned(joined, (1, 0, 2)))
    return outputs


def _taken(body: Body, kind: Any, weights: dict[str, str], layer: int) -> list[str]:
    """The matrices and biases of one layer, directions along a first axis, gates in ONNX's order."""
    suffixes = [f"_l{layer}{suffix}" for suffix in ("", "_reverse")[: 2 if kind.bidirectional else 1]]
    taken = []
    for name in ("weight_ih", "weight_hh"):
        taken.append(_joined(body, [_ordered(body, kind, weights[name + suffix]) for suffix in suffixes]))
    if f"bias_ih{suffixes[0]}" in weights:
        pairs = [[weights[f"bias_{name}{suffix}"] for name in ("ih", "hh")] for suffix in suffixes]
    elif f"bias{suffixes[0]}" in weights:
        none = body.filled([len(GATES[kind.kind]) * kind.hidden])
        pairs = [[weights[f"bias{suffix}"], none] for suffix in suffixes]
    else:
        return taken
    sides = [[_ordered(body, kind, side) for side in pair] for pair in pairs]
    return [*taken, _joined(body, [body.op("Concat", *pair, axis=0) for pair in sides])]


def _ordered(body: Body, kind: Any, value: str) -> str:
    order = GATES[kind.kind]
    if len(order) == 1:
        return value
    parts = body.ops("Split", value, body.constant([kind.hidden] * len(order)), outputs=len(order), axis=0)
    return body.op("Concat", *[parts[place] for place in order], axis=0)


def _joined(body: Body, values: list[str]) -> str:
    values = [body.unsqueezed(value, 0) for value in values]
    return values[0] if len(values) == 1 else body.op("Concat", *values, axis=0)


Turn = Callable[[Body, str, list[str]], tuple[str, str]]  # of a state and a step's inputs: the next state, the output


def _scanned(body: Body, state: Sequence[Any], values: list[str], turn: Turn) -> str:
    """What a state makes of steps, which stand along axis 1 of each value and of the output."""
    from onnx import helper

    inner = Body(prefix="step_")
    names = ["step_state", *(f"step_input_{number}" for number in range(len(values)))]
    after, output = turn(inner, names[0], names[1:])
    graph = helper.make_graph(
        inner.nodes, "step",
        [helper.make_tensor_value_info(name, 1, None) for name in names],
        [helper.make_tensor_value_info(name, 1, None) for name in (after, output)],
    )  # fmt: skip
    start = body.filled_as(body.sized(values[0], *state))
    _, made = body.ops(
        "Scan", start, *values, outputs=2, body=graph, num_scan_inputs=len(values),
        scan_input_axes=[1] * len(values), scan_output_axes=[1],
    )  # fmt: skip
    return made


def _selective_scan(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    _, _, channels = layer.traits.inputs[0]
    b_shape: Any = layer.traits.inputs[2]
    states = b_shape[-1]
    u, delta, b, c, *gate = inputs
    if kind.softplus:
        delta = body.op("Softplus", delta)
    rates = body.op("Neg", body.op("Exp", weights["A_log"]))
    grouped = len(b_shape) == 4

    def spread(inner: Body, value: str) -> str:
        """States of each channel, [N, D or 1, states]."""
        if not grouped:
            return inner.unsqueezed(value, 1)
        each = inner.op("Expand", inner.unsqueezed(value, 2), inner.constant([1, 1, channels // b_shape[2], 1]))
        return inner.reshaped(each, (0, channels, states))

    def turn(inner: Body, state: str, taken: list[str]) -> tuple[str, str]:
        x, step, into, out = taken
        kept = inner.op("Mul", state, inner.op("Exp", inner.op("Mul", inner.unsqueezed(step, 2), rates)))
        added = inner.op("Mul", inner.unsqueezed(inner.op("Mul", step, x), 2), spread(inner, into))
        after = inner.op("Add", kept, added)
        return after, inner.reduced("Sum", inner.op("Mul", after, spread(inner, out)), [2])

    made = _scanned(body, (channels, states), [u, delta, b, c], turn)
    if "D" in weights:
        made = body.op("Add", made, body.op("Mul", u, weights["D"]))
    return body.op("Mul", made, body.op("Mul", gate[0], body.op("Sigmoid", gate[0]))) if gate else made


def _ssd(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    _, _, heads, size = layer.traits.inputs[0]
    _, _, groups, states = layer.traits.inputs[2]
    x, step, b, c = inputs
    step = body.op("Softplus", body.op("Add", step, weights["dt_bias"]))
    rates = body.op("Neg", body.op("Exp", weights["A_log"]))

    def spread(inner: Body, value: str) -> str:
        """Of groups to heads, [N, H, 1, states]."""
        each = inner.op("Expand", inner.unsqueezed(value, 2), inner.constant([1, 1, heads // groups, 1]))
        return inner.reshaped(each, (0, heads, 1, states))

    def turn(inner: Body, state: str, taken: list[str]) -> tuple[str, str]:
        value, rate, into, out = taken
        decay = inner.op("Exp", inner.op("Mul", rate, rates))
        kept = inner.op("Mul", state, inner.unsqueezed(decay, 2, 3))
        scaled = inner.op("Mul", value, inner.unsqueezed(rate, 2))
        after = inner.op("Add", kept, inner.op("Mul", inner.unsqueezed(scaled, 3), spread(inner, into)))
        return after, inner.reduced("Sum", inner.op("Mul", after, spread(inner, out)), [3])

    made = _scanned(body, (heads, size, states), [x, step, b, c], turn)
    if "D" in weights:
        made = body.op("Add", made, body.op("Mul", x, body.unsqueezed(weights["D"], 1)))
    return made


def _delta_rule(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    kind: Any = layer.traits.kind
    _, _, k_heads, k_dim = layer.traits.inputs[0]
    _, _, v_heads, v_dim = layer.traits.inputs[2]
    q, k, v, g, beta = inputs
    if kind.qk_norm:
        q, k = (body.op("Div", value, body.reduced("L2", value, [3], keep=True)) for value in (q, k))
    q = body.op("Div", q, body.constant(sqrt(k_dim), ""))

    def spread(inner: Body, value: str) -> str:
        """Of heads of keys to those of values, [N, V, dk, 1]."""
        each = inner.op("Expand", inner.unsqueezed(value, 2), inner.constant([1, 1, v_heads // k_heads, 1]))
        return inner.reshaped(each, (0, v_heads, k_dim, 1))

    by_row = len(layer.traits.inputs[3]) == 4

    def turn(inner: Body, state: str, taken: list[str]) -> tuple[str, str]:
        query, key, value, gate, rate = taken
        key, query = spread(inner, key), spread(inner, query)
        kept = inner.op("Mul", state, inner.unsqueezed(inner.op("Exp", gate), *((3,) if by_row else (2, 3))))
        held = inner.reduced("Sum", inner.op("Mul", kept, key), [2])
        change = inner.op("Mul", inner.op("Sub", value, held), inner.unsqueezed(rate, 2))
        after = inner.op("Add", kept, inner.op("Mul", key, inner.unsqueezed(change, 2)))
        return after, inner.reduced("Sum", inner.op("Mul", after, query), [2])

    return _scanned(body, (v_heads, k_dim, v_dim), [q, k, v, g, beta], turn)


def _linear_attention(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    _, _, heads, k_dim = layer.traits.inputs[0]
    v_dim = layer.traits.inputs[2][3]

    def turn(inner: Body, state: str, taken: list[str]) -> tuple[str, str]:
        query, key, value, gate = taken
        kept = inner.op("Mul", state, inner.unsqueezed(inner.op("Exp", gate), 2, 3))
        after = inner.op("Add", kept, inner.op("Mul", inner.unsqueezed(key, 3), inner.unsqueezed(value, 2)))
        return after, inner.reduced("Sum", inner.op("Mul", after, inner.unsqueezed(query, 3)), [2])

    return _scanned(body, (heads, k_dim, v_dim), inputs, turn)


def _linear_scan(body: Body, layer: Layer, inputs: list[str], weights: dict[str, str]) -> str:
    def turn(inner: Body, state: str, taken: list[str]) -> tuple[str, str]:
        x, decay = taken
        after = inner.op("Add", inner.op("Mul", decay, state), x)
        return after, inner.op("Identity", after)

    return _scanned(body, layer.traits.inputs[0][2:], inputs, turn)


OPERATORS: dict[str, Write] = {}
FUNCTIONS: dict[str, Write] = {
    "rnn": _recurrent,
    "lstm": _recurrent,
    "gru": _recurrent,
    "selective_scan": _selective_scan,
    "ssd": _ssd,
    "gated_delta_rule": _delta_rule,
    "linear_scan": _linear_scan,
    "gated_linear_attention": _linear_attention,
}
