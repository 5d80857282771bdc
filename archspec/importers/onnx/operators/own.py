"""Functions that `archspec export` writes: each is a layer of the kind that it is called as."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import FLOATS, Weight
from archspec.importers.onnx.network import Network
from archspec.importers.onnx.network import number as plain
from archspec.importers.onnx.operators.base import Inputs
from archspec.importers.onnx.operators.experts import Copies, of_experts
from archspec.importers.onnx.read import Node
from archspec.importers.onnx.values import Flow, Samples, Value
from archspec.kinds import kinds
from archspec.kinds.base import Kind


def layer(net: Network, node: Node, inputs: Inputs) -> list[Value]:
    """The attributes are the kind's arguments, the inputs the layer's and then its weights."""
    kind = node.op.partition(":")[2]
    if kind not in kinds():
        raise net.fail("there is no kind of layer of this name")
    attributes = dict(node.attributes)
    active = attributes.pop("experts_active", None)
    order = [name for name in kinds()[kind].model_fields if name in attributes]  # attributes stand in any
    arguments = {name: _argument(kinds()[kind], name, attributes[name]) for name in [*order, *attributes]}
    learned = [value for value in inputs if isinstance(value, Weight)]
    flows = [net.image(net.spread(value))[0] for value in inputs if value is not None and not isinstance(value, Weight)]
    copies: Copies | None = None
    if active is not None:
        flows.pop()  # numbers the experts of the rows
        learned, copies = of_experts(net, learned, active)
    number, shapes = net.put(kind, flows, arguments, learned)
    made = net.layers[number]
    if copies is not None:
        made.copied, made.keys, made.scope, made.name = copies
    dtypes = kinds()[kind](**arguments).out_dtypes(
        tuple(["" if flow.dtype in FLOATS else flow.dtype for flow in flows]), len(shapes)
    )
    made.dtype = dtypes[0] or "float32"
    outputs: list[Value] = [
        Flow(number, output, (Samples(), *shape), made.batched, dtype or "float32")
        for output, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
    ]
    return [*outputs, outputs[0]] if kind == "dispatch" else outputs


def _argument(kind: type[Kind], name: str, value: Any) -> Any:
    """An attribute as the argument it stands for."""
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, list):
        return [plain(item) if isinstance(item, float) else item for item in value]
    field = kind.model_fields.get(name)
    return bool(value) if field is not None and field.annotation is bool else value
