"""A network as an ONNX model without weights.

Weights are inputs of the graph, called as a checkpoint calls them, and marked: `archspec.weight` among the metadata of
the input. ONNX's checker refuses initializers whose data is nowhere.
"""

from __future__ import annotations

from typing import Any

from archspec.analysis.report import Report, of_one_point
from archspec.errors import UsageError, printable
from archspec.exporters.onnx.body import OPSET, OWN, Body, element
from archspec.exporters.onnx.layers import Layers, of_experts
from archspec.exporters.refusal import Unsayable, refused
from archspec.graph.graph import Graph, Group, Layer
from archspec.graph.stored import full_name, of_kind, stored
from archspec.graph.walk import UNROLLED, Place, Step, origin, sources, walk
from archspec.memory.owners import Name, owners
from archspec.studies.tensors import Tensor, tensors

FORM = "onnx"
IR = 10  # functions with overloads, metadata of values
MARK, IDLE = "archspec.weight", "archspec.idle"
BATCH = "batch"


def model(report: Report) -> bytes:
    """The model's file. Raises UsageError."""
    of_one_point(report, "export")
    if not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out, too many to export")
    try:
        import onnx
    except ImportError:
        hint = "pip install 'archspec-nn[onnx]'"
        raise UsageError("writing ONNX needs the `onnx` package, which is not installed", hint=hint) from None
    from onnx.checker import ValidationError
    from onnx.shape_inference import InferenceError

    made = _Model(report).made()
    try:
        onnx.checker.check_model(made, full_check=True)
    except (ValidationError, InferenceError) as error:
        raise UsageError(f"ONNX's checker refuses the graph: {printable(str(error).strip())[:300]}") from None
    file: bytes = made.SerializeToString(deterministic=True)
    return file


class _Model:
    def __init__(self, report: Report) -> None:
        self.graph: Graph = report.graph
        self.name = printable(report.variant or report.spec.name)
        self.prefix = ""
        self.named = False
        self.taken: set[str] = set()
        self.body = Body(self.node_name)
        self.layers = Layers(self.body)
        self.owners = owners(self.graph)
        self.names: dict[Name, str] = {}
        self.routes: dict[str, str] = {}  # of rows that were sent to experts: the tensor that numbers these
        self.listed: dict[str, list[Tensor]] = {}
        self.weights: dict[str, Any] = {}
        self.inputs = list(self.graph.inputs)
        self.values: dict[tuple[str, int], str] = {("", port): name for port, name in enumerate(self.inputs)}

    def node_name(self, operator: str) -> str:
        """A name for a node of the layer at hand: the modules around it, the layer's own where it has one."""
        stem = f"{self.prefix}/{operator}" if self.named else self.prefix
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def made(self) -> Any:
        """The model."""
        from onnx import helper

        from archspec import __version__

        for step in walk(self.graph, UNROLLED):
            if isinstance(step.item, Layer):
                self.layer(step, step.item)
        outputs = self.outputs()
        inputs = [_value(name, (BATCH, *tensor.shape[1:]), tensor.dtype) for name, tensor in self.graph.inputs.items()]
        read = {name for node in self.body.nodes for name in node.input}  # no operator counts batches
        weights = [value for name, value in self.weights.items() if name in read]
        graph = helper.make_graph(self.body.nodes, self.name, [*inputs, *weights], outputs)
        opsets = [helper.make_opsetid("", OPSET)]
        if self.layers.functions:
            opsets.append(helper.make_opsetid(OWN, 1))
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=IR, functions=self.layers.functions, producer_name=OWN,
            producer_version=__version__,
        )  # fmt: skip

    def layer(self, step: Step, layer: Layer) -> None:
        """Write a layer's nodes."""
        self.prefix = "/" + step.path.replace(".", "/")
        self.named = layer.node.named or bool(layer.traits.weights)
        before = len(self.body.nodes)
        read = [self.values[source.path, source.port] for source in sources(step, UNROLLED)]
        try:
            index = next((self.routes[value] for value in read if value in self.routes), None)
            if of_experts(layer) is not None:
                if index is None:
                    raise Unsayable("its rows come from no `dispatch`, which says whose they are")
                made = self.layers.put(layer, [*read, index], self.of_experts(step, layer))
            else:
                made = self.layers.put(layer, read, self.held(step, layer))
        except Unsayable as error:
            raise refused(step.path, _kind(step), error.reason, FORM) from None
        if step.state.idle:
            for node in self.body.nodes[before:]:
                entry = node.metadata_props.add()
                entry.key, entry.value = IDLE, "train_only" if step.state.train else "unused"
        if layer.traits.kind.kind == "dispatch":
            index = made.pop()
            self.routes[made[0]] = index
        elif index is not None and layer.traits.kind.kind != "combine":
            self.routes |= dict.fromkeys(made, index)
        for port, name in enumerate(made):
            self.values[step.path, port] = name

    def held(self, step: Step, layer: Layer) -> dict[str, str]:
        """What the weights of a layer are called, by the kind's names for them; its own are inputs from here on."""
        if layer.stored is not None and layer.stored != of_kind(layer):
            raise Unsayable("its `weights` say other names or shapes than PyTorch's module has")
        held: dict[str, str] = {}
        for weight in stored(layer):
            own = Name(step.path, weight.weight)
            owner = self.owners.get(own)
            if owner is None:
                name = self.names[own] = full_name(step.path, weight.name)
                mark = "buffer" if weight.buffer else "frozen" if step.state.frozen else "parameter"
                self.weights[name] = _value(name, weight.shape, weight.dtype, mark)
            else:
                name = self.names[owner]
            held[weight.weight] = name
        return held

    def of_experts(self, step: Step, layer: Layer) -> dict[str, str]:
        """The same of a layer in experts: a weight of each, or one of all."""
        if not self.listed:
            for tensor in tensors(self.graph):
                self.listed.setdefault(tensor.layer, []).append(tensor)
        kinds, found = stored(layer), self.listed[step.path]
        held: dict[str, str] = {}
        for place, weight in enumerate(kinds):
            own = found[place :: len(kinds)]
            for number, tensor in enumerate(own):
                if tensor.tied_to is not None:
                    raise Unsayable("it shares its weights, which ONNX cannot say of experts")
                mark = "buffer" if tensor.buffer else "frozen" if step.state.frozen else "parameter"
                self.weights[tensor.name] = _value(tensor.name, tensor.shape, weight.dtype, mark)
                held[weight.weight if len(own) == 1 else f"{weight.weight}.{number}"] = tensor.name
        return held

    def outputs(self) -> list[Any]:
        """The graph's outputs, each a tensor of its own."""
        self.prefix, self.named = "/output", True
        found: list[Any] = []
        taken = set(self.inputs)
        body = self.graph.body
        for number, tensor in zip(body.outputs, self.graph.outputs, strict=False):
            source = origin(Place(body), number, UNROLLED)
            name = self.values[source.path, source.port]
            if name in taken:
                name = self.body.op("Identity", name)
            taken.add(name)
            samples = BATCH if tensor.shape[0] == 1 else None  # positions may be samples, so many to each
            found.append(_value(name, (samples, *tensor.shape[1:]), tensor.dtype))
        return found


def _kind(step: Step) -> str:
    return step.item.label if isinstance(step.item, Group) else step.item.traits.kind.kind


def _value(name: str, shape: tuple[Any, ...], dtype: str, mark: str = "") -> Any:
    """A tensor that goes in or out."""
    from onnx import helper

    value = helper.make_tensor_value_info(name, element(dtype), list(shape))
    if mark:
        entry = value.metadata_props.add()
        entry.key, entry.value = MARK, mark
    return value
