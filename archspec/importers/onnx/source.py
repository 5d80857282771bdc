"""An ONNX model made into a spec."""

from __future__ import annotations

import os
from collections import Counter
from math import prod

from archspec.importers.composing.compose import spec_of
from archspec.importers.composing.layers import FLOATS, Input, Layer, Output, Weight
from archspec.importers.onnx.applying import applied
from archspec.importers.onnx.network import Network, scope_of
from archspec.importers.onnx.patterns import RULES as PATTERNS
from archspec.importers.onnx.patterns import bias
from archspec.importers.onnx.read import Model, Node, OnnxError, read_model, show_text
from archspec.importers.onnx.rewriting import Rewriting
from archspec.importers.onnx.values import Dim, Flow, Initializer, Samples, Value
from archspec.importers.sources import Converted


def convert(file: str, architecture: str | None) -> Converted:
    """The spec of a model. Raises ArchspecError."""
    model = read_model(file)
    network, outputs = trace(model)
    if not network.layers:
        raise OnnxError(None, "has no layers: its outputs are its inputs")
    exported = bool(model.marks)  # as `archspec export` writes it: nothing was taken apart or left out
    ends = unread(network.layers) if exported else []
    rewriting = Rewriting(network.layers, [*((output.layer, output.output) for output in outputs), *ends])
    rewriting.run([bias] if exported else PATTERNS)
    made = rewriting.outputs[: len(outputs)]
    name = os.path.splitext(os.path.basename(file))[0]
    inputs = {label: Input(flow.layer, flow.sizes, flow.dtype) for label, flow in network.inputs.items()}
    for layer in rewriting.layers:
        if any(model.marks.get(weight.name) == "frozen" for weight in layer.weights.values()):
            layer.keys["freeze"] = True
    spec = spec_of(name, inputs, rewriting.layers, made)
    return Converted({**spec, "expect": {"params": learned(rewriting.layers, model.marks)}})


def learned(layers: list[Layer], marks: dict[str, str]) -> int:
    """The learned numbers of all layers, each tensor once."""
    tensors = {
        weight.name: prod(weight.shape) * _experts(layer)
        for layer in layers
        for name, weight in layer.weights.items()
        if not name.startswith("running_") and marks.get(weight.name) != "buffer"
    }
    return sum(tensors.values())


def _experts(layer: Layer) -> int:
    """How often the weights of a layer stand."""
    copies = layer.keys.get("copies") or (layer.copied.keys if layer.copied else {"count": 1})
    return int(copies["count"])


def trace(model: Model) -> tuple[Network, list[Flow]]:
    """The layers that a model's nodes are, and its outputs."""
    wanted = list(model.nodes) if model.marks else _needed(model)
    uses = Counter(name for node in wanted for name in node.inputs if name)
    uses.update(model.outputs)
    inputs, fixed = _inputs(model)
    network = Network(inputs, fixed, model.opset, uses)
    values: dict[str, Value] = {**inputs}
    for name, initializer in model.initializers.items():
        values[name] = _initial(initializer)

    def apply(node: Node, given: list[Value | None]) -> list[Value]:
        before = network.node, network.scope
        network.node, network.scope, layers = node, scope_of(node.name), len(network.layers)
        try:
            made = applied(network, node, given)
            for layer in network.layers[layers:]:
                layer.keys |= {node.idle: True} if node.idle else {}
            return made
        finally:
            network.node, network.scope = before

    network.apply = apply
    for node in wanted:
        made = apply(node, [values[name] if name else None for name in node.inputs])
        for name, value in zip(node.outputs, made, strict=False):
            if name:
                values[name] = _renamed(node, name, value)
        uses.subtract(filter(None, node.inputs))
        for name in node.inputs:
            if name and not uses[name]:
                values.pop(name, None)  # known numbers may be many
    outputs = []
    for name in model.outputs:
        if name not in values:
            raise OnnxError(None, f"nothing makes the output `{show_text(name)}`")
        outputs.append(network.spread(values[name]))
    return network, outputs


def unread(layers: list[Layer]) -> list[Output]:
    """What layers put out that no layer reads."""
    read = {source for layer in layers for source in layer.inputs}
    made = [(number, output) for number, layer in enumerate(layers) for output in range(len(layer.shapes))]
    return [output for output in made if output not in read]


def _needed(model: Model) -> list[Node]:
    """The nodes that an output depends on, in their order."""
    wanted, kept = set(model.outputs), []
    for node in reversed(model.nodes):
        if not wanted.isdisjoint(node.outputs):
            wanted.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def _inputs(model: Model) -> tuple[dict[str, Flow], int | None]:
    """The inputs, and the batch size where the file has one number for it."""
    inputs: dict[str, Flow] = {}
    batches = {sizes[0] for _, sizes in model.inputs.values() if sizes}
    numbers = {size for size in batches if isinstance(size, int)}
    fixed = numbers.pop() if len(numbers) == 1 and len(batches) == 1 else None
    if not model.inputs or (len(batches) > 1 and len(numbers) != 0):
        raise OnnxError(None, f"its inputs have no batch axis in common: {dict(model.inputs) or 'there are none'}")
    for place, (name, (dtype, sizes)) in enumerate(model.inputs.items()):
        if not sizes:
            raise OnnxError(None, f"input `{show_text(name)}` has no axes")
        dims: list[Dim] = [Samples()]
        for size in sizes[1:]:
            if isinstance(size, str):
                hint = "fix all sizes but the batch when you export it"
                raise OnnxError(None, f"input `{show_text(name)}` has an axis of any size, `{show_text(size)}`", hint)
            dims.append(size)
        inputs[name] = Flow(-1 - place, 0, tuple(dims), True, dtype)
    return inputs, fixed


def _initial(initializer: Initializer) -> Value:
    if initializer.dtype in FLOATS:
        return Weight(initializer.name, initializer.shape, initializer.dtype)
    if initializer.known is None:
        return Weight(initializer.name, initializer.shape, initializer.dtype)
    return initializer.known


def _renamed(node: Node, name: str, value: Value) -> Value:
    """An Identity of a learned tensor is a tensor of its own: exporters merge those of equal values."""
    if node.op == "Identity" and isinstance(value, Weight):
        return Weight(name, value.shape, value.dtype, value.turned)
    return value
