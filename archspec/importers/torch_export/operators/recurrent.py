"""Recurrent layers: lstm, gru and rnn."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import Weight
from archspec.importers.onnx.operators.products import unfolded
from archspec.importers.onnx.values import Flow, Moved, Samples, Value
from archspec.importers.torch_export.calls import Call, Rule


def recurrent(kind: str, **further: Any) -> Rule:
    """A recurrent layer on a sequence, from states of zeros."""

    def rule(call: Call) -> list[Value]:
        net = call.net
        call.ignore("dropout", "train")
        states = call.take("hx")
        for state in states if isinstance(states, list) else [states]:
            if isinstance(state, (Weight, Moved)) or (isinstance(state, Flow) and state.batched):
                raise net.fail("its first state is learned, or comes from the network")
        first = call.flag("batch_first")
        value = net.spread(call.value("input"))
        if len(value.dims) != 3:
            raise net.fail(f"needs steps, a batch and features, got {net.sizes(value)}")
        value, folded = net.image(value if first else net.transposed(value, (1, 0, 2)))
        weights = call.values("params")
        layers, both, biases = call.whole("num_layers", 1), call.flag("bidirectional"), call.flag("has_biases", True)
        if not weights or not all(isinstance(weight, Weight) for weight in weights):
            raise net.fail("its weights are worked out when the network runs")
        named = {weight.name.rpartition(".")[2]: weight for weight in weights if isinstance(weight, Weight)}
        state = named.get("weight_hh_l0")
        if state is None or len(state.shape) != 2 or len(named) != len(weights):
            raise net.fail("its weights are not called as a module of PyTorch calls them")
        optional = {"layers": layers if layers > 1 else None, "bidirectional": both or None}
        arguments = {"hidden": state.shape[1], **{name: given for name, given in optional.items() if given}, **further}
        arguments |= {} if biases else {"bias": False}
        if "weight_hr_l0" in named:
            arguments |= {"hidden": state.shape[0] // 4, "proj": named["weight_hr_l0"].shape[0]}
        wants_state = any(net.uses[name] for name in call.operation.outputs[1:])
        arguments |= {"state": True} if wants_state else {}
        number, shapes = net.put(kind, [value], arguments, named)
        made = unfolded(net, Flow(number, 0, (Samples(), *shapes[0]), value.batched), folded)
        outputs: list[Value] = [made if first else net.transposed(made, (1, 0, 2))]
        for output, shape in enumerate(shapes[1:], start=1):
            last = unfolded(net, Flow(number, output, (Samples(), *shape), value.batched), folded)
            outputs.append(net.transposed(last, (1, 0, 2)))
        return outputs

    return rule


RULES: dict[str, Rule] = {
    "gru.input": recurrent("gru"),
    "lstm.input": recurrent("lstm"),
    "rnn_relu.input": recurrent("rnn", nonlinearity="relu"),
    "rnn_tanh.input": recurrent("rnn"),
}
