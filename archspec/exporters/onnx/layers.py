"""A layer as nodes: operators of ONNX that say it, or else a function of the model, which is called as its kind is.

A function's attributes are the layer's arguments, its inputs the layer's and then its weights, and its body says in
operators of ONNX what the kind does. Layers whose bodies are alike share one; others of a kind are its overloads.
"""

from __future__ import annotations

from typing import Any

from archspec.exporters.onnx import attention, elements, experts, norms, products, sequences, shapes, windows
from archspec.exporters.onnx.body import OPSET, OWN, Body, Write
from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer

TABLES = (elements, windows, norms, shapes, products, attention, sequences, experts)
OPERATORS: dict[str, Write] = {kind: write for table in TABLES for kind, write in table.OPERATORS.items()}
FUNCTIONS: dict[str, Write] = {kind: write for table in TABLES for kind, write in table.FUNCTIONS.items()}


ACTIVE = "experts_active"  # attribute of a layer of experts: how many of them a row meets


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
        held = of_experts(layer)
        if held is not None:
            operators, function = None, experts.OF_EXPERTS.get(kind)
        if operators is not None and norms.is_operator(layer) and elements.is_operator(layer):
            made = operators(self.body, layer, inputs, weights)
            return [made] if isinstance(made, str) else made
        if function is None:
            raise Unsayable(f"no operators of ONNX are known for this kind{' in experts' if held else ''}")
        attributes = _attributes(layer.traits.kind)
        if held is not None:
            attributes[ACTIVE] = held
        overload, outputs = self.overload(function, layer, len(inputs), list(weights), list(attributes))
        taken = [*inputs, *weights.values()]
        return self.body.ops(kind, *taken, outputs=outputs, domain=OWN, overload=overload, **attributes)

    def overload(
        self, write: Write, layer: Layer, inputs: int, weights: list[str], attributes: list[str]
    ) -> tuple[str, int]:
        """Which of its kind's functions a layer is a call of, made where there is none yet; and its outputs."""
        from onnx import helper

        body, kind = Body(), layer.traits.kind.kind
        taken = [f"input_{number + 1}" for number in range(inputs)]
        made = write(body, layer, taken, {name: name for name in weights})
        outputs = [made] if isinstance(made, str) else made
        function = helper.make_function(
            OWN, kind, [*taken, *weights], outputs, body.nodes,
            [helper.make_opsetid("", OPSET)], attributes,
        )  # fmt: skip
        known = self.overloads.setdefault(kind, {})
        key = function.SerializeToString(deterministic=True)
        if key not in known:
            known[key] = function.overload = str(len(known) + 1) if known else ""
            self.functions.append(function)
        return known[key], len(outputs)


def of_experts(layer: Layer) -> int | None:
    """How many experts a row meets, of a layer whose weights there are several of."""
    weights = layer.traits.weights
    if not weights or weights[0].experts == 1:
        return None
    met: Any = weights[0].active * weights[0].experts
    return int(met // weights[0].numel)


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
