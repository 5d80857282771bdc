"""Recurrent layers, and the wrappers around them."""

from __future__ import annotations

from typing import Any

from archspec.importers.keras.config import Config, mapping
from archspec.importers.keras.layers.base import Arguments, Rule
from archspec.importers.keras.network import Network, Tensor, natural, one_tensor

IGNORED = ("dropout", "recurrent_dropout", "stateful", "unroll", "unit_forget_bias", "implementation", "time_major")
KINDS = {"GRU": "gru", "LSTM": "lstm", "SimpleRNN": "rnn"}
MERGES = ("concat", "sum", "ave", "mul")


def recurrent(kind: str) -> Rule:
    """LSTM, GRU and SimpleRNN in one direction."""

    def rule(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor | list[Tensor]:
        tensor = _steps(net, args, kwargs)
        config.only("go_backwards", False)
        sequences, state = config.flag("return_sequences", False), config.flag("return_state", False)
        outputs = _run(net, config, kind, tensor, {"state": True} if state else {}, net.name)
        if not sequences:
            last = outputs[0]
            arguments = {"axis": 1, "index": -1}
            outputs[0] = net.flow("select", [last], last.shape[1:], natural(1), arguments)
        states = [net.flow("flatten", [each], each.shape[1:], natural(1)) for each in outputs[1:]]
        return [outputs[0], *states]

    return rule


def _steps(net: Network, args: Arguments, kwargs: dict[str, Any]) -> Tensor:
    if kwargs or len(args) != 1:
        raise net.fail("takes a sequence: states that other layers give are not known")
    tensor = net.natural(one_tensor(net, args))
    if len(tensor.shape) != 2:
        raise net.fail(f"takes steps and their features, got {list(tensor.shape)}")
    return tensor


def _run(net: Network, config: Config, kind: str, tensor: Tensor, further: dict[str, Any], name: str) -> list[Tensor]:
    config.ignore(*IGNORED)
    config.only("zero_output_for_mask", False, True)
    units, bias = config.whole("units"), config.flag("use_bias", True)
    arguments: dict[str, Any] = {"hidden": units, **further}
    if kind == "rnn":
        nonlinearity = config.word("activation", "tanh", "tanh", "relu")
        arguments |= {"nonlinearity": nonlinearity} if nonlinearity == "relu" else {}
    else:
        config.only("activation", "tanh")
        config.only("recurrent_activation", "sigmoid", "hard_sigmoid")
    after = kind == "gru" and config.flag("reset_after", True)
    if kind == "gru" and not after:
        arguments["reset_after"] = False
    # Keras adds one vector, but for a GRU that resets behind the matrix, which has two.
    if not bias or not after:
        arguments["bias"] = 1 if bias else False
    layer = net.put(kind, [tensor], arguments, name)
    number = len(net.layers) - 1
    return [Tensor(number, output, shape, natural(2)) for output, shape in enumerate(layer.shapes)]


def bidirectional(net: Network, config: Config, args: Arguments, kwargs: dict[str, Any]) -> Tensor | list[Tensor]:
    """Bidirectional: a recurrent layer both ways."""
    tensor = _steps(net, args, kwargs)
    entry = mapping(config.take("layer"), "`layer`", config.path)
    kind = KINDS.get(str(entry.get("class_name")))
    if kind is None:
        raise config.fail("is no LSTM, GRU or SimpleRNN", "layer")
    inner = Config(mapping(entry.get("config"), "`config`", config.path), config.path)
    _check_backward(config, inner)
    merge = config.take("merge_mode", "concat")
    if merge is not None and merge not in MERGES:
        raise config.fail(f"must be one of {', '.join(MERGES)} or null", "merge_mode")
    inner.only("go_backwards", False)
    inner.only("return_state", False)
    sequences = inner.flag("return_sequences", False)
    further = {"bidirectional": True, **({} if sequences else {"state": True})}
    with net.inside(net.name):
        outputs = _run(net, inner, kind, tensor, further, kind)
        inner.done()
        return _joined(net, outputs[0] if sequences else outputs[1], merge, sequences=sequences)


def _check_backward(config: Config, inner: Config) -> None:
    """Raise SpecError where the layer of the way back differs in more than its name and way."""
    backward = config.take("backward_layer")
    if backward is None:
        return
    theirs = mapping(mapping(backward, "`backward_layer`", config.path).get("config"), "`config`", config.path)
    apart = {key for key in {*theirs, *inner.data} if theirs.get(key) != inner.data.get(key)}
    if apart - {"name", "go_backwards"}:
        raise config.fail(f"differs from the layer of the way there in {', '.join(sorted(apart))}", "backward_layer")


def _joined(net: Network, both: Tensor, merge: str | None, *, sequences: bool) -> Tensor | list[Tensor]:
    """Both ways as one: side by side in the last axis of a sequence, in the first of last states."""
    units = both.shape[1] // 2 if sequences else both.shape[1]
    if merge == "concat":
        return both if sequences else net.flow("flatten", [both], (2 * units,), natural(1))
    axis = 2 if sequences else 1
    layer = net.put("split", [both], {"parts": 2, "axis": axis})
    number = len(net.layers) - 1
    ways = [Tensor(number, output, shape, natural(2)) for output, shape in enumerate(layer.shapes)]
    if not sequences:
        ways = [net.flow("flatten", [way], (units,), natural(1)) for way in ways]
    if merge is None:
        return ways
    made = net.flow("mul" if merge == "mul" else "add", ways, ways[0].shape, ways[0].order)
    return net.each("scale", made, {"by": 0.5}) if merge == "ave" else made


RULES: dict[str, Rule] = {
    **{name: recurrent(kind) for name, kind in KINDS.items()},
    "CuDNNGRU": recurrent("gru"),
    "CuDNNLSTM": recurrent("lstm"),
    "Bidirectional": bidirectional,
}
