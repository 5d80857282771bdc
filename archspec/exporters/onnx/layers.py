"""A layer as nodes: operators of ONNX that say it, or else a function of the model, which is called as its kind is.

A function's attributes are the layer's arguments, its inputs the layer's and then its weights, and its body says in
operators of ONNX what the kind does. Layers whose bodies are alike share one; others of a kind are its overloads.
"""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx import attention, elements, norms, products, sequences, shapes, windows
from archspec.exporters.onnx.body import OPSET, OWN, Body, Write
from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer

TABLES = (elements, windows, norms, shapes, products, attention, sequences)
OPERATORS: dict[str, Write] = {kind: write for table in TABLES for kind, write in table.OPERATORS.items()}
FUNCTIONS: dict[str, Write] = {kind: write for table in TABLES for kind, write in table.FUNCTIONS.items()}


class Layers:
    """The layers of a graph as its nodes, and the functions that these are calls of."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.functions: list[Any] = []
        self.overloads: dict[str, dict[bytes, str]] = {}

    def put(self, layer: Layer, inputs: list[str], weights: dict[str, str]) -> list[str]:
        """Write a layer; the names of its outputs. Raises Unsayable."""
        kind = layer.traits.kind.kind
        operators, function = OPERATORS.get(kind), FUNCTIONS.get(kind)
        if operators is not None and norms.is_operator(layer) and elements.is_operator(layer):
            made = operators(self.body, layer, inputs, weights)
            return [made] if isinstance(made, str) else made
        if function is None:
            raise Unsayable("no operators of ONNX are known for this kind")
        attributes = _attributes(layer.traits.kind)
        overload = self.overload(function, layer, len(inputs), list(weights), list(attributes))
        outputs = len(layer.traits.outputs)
        taken = [*inputs, *weights.values()]
        return self.body.ops(kind, *taken, outputs=outputs, domain=OWN, overload=overload, **attributes)

    def overload(self, write: Write, layer: Layer, inputs: int, weights: list[str], attributes: list[str]) -> str:
        """Which of its kind's functions a layer is a call of, made where there is none yet."""
        from onnx import helper

        body, kind = Body(), layer.traits.kind.kind
        taken = [f"input_{number + 1}" for number in range(inputs)]
        made = write(body, layer, taken, {name: name for name in weights})
        function = helper.make_function(
            OWN, kind, [*taken, *weights], [made] if isinstance(made, str) else made, body.nodes,
            [helper.make_opsetid("", OPSET)], attributes,
        )  # fmt: skip
        known = self.overloads.setdefault(kind, {})
        key = function.SerializeToString(deterministic=True)
        if key not in known:
            known[key] = function.overload = str(len(known) + 1) if known else ""
            self.functions.append(function)
        return known[key]


def _attributes(kind: Any) -> dict[str, Any]:
    """The arguments that are not as they are when nothing is said, as values of attributes. Raises Unsayable."""
    attributes: dict[str, Any] = {}
    for name, field in type(kind).model_fields.items():
        value = getattr(kind, name)
        if name == "of" or value is None or value == field.default:
            continue
        attributes[name] = _attribute(name, value)
    return attributes


def _attribute(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        if not all(isinstance(item, (int, float)) for item in value):
            raise Unsayable(f"its `{name}` is a list of more than numbers")
        whole = all(type(item) is int for item in value)
        return list(value) if whole else list(map(float, value))
    return int(value) if isinstance(value, bool) else value
