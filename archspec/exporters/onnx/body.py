"""Nodes put down one after the other, in a graph or in a function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from archspec.exporters.refusal import Unsayable
from archspec.graph.graph import Layer

OPSET = 20  # Gelu
OWN = "archspec"  # the domain of functions that are kinds
ELEMENTS = {
    "": 1, "float32": 1, "uint8": 2, "int8": 3, "int16": 5, "int32": 6, "int64": 7, "bool": 9, "float16": 10,
    "float64": 11, "bfloat16": 16,
}  # fmt: skip

Write = Callable[["Body", Layer, list[str], dict[str, str]], "str | list[str]"]


def element(dtype: str) -> int:
    """ONNX's number of a dtype. Raises Unsayable."""
    if dtype not in ELEMENTS:
        raise Unsayable(f"ONNX has no tensors of {dtype}")
    return ELEMENTS[dtype]


class Body:
    """Nodes, each named by ``name`` after its operator; their outputs are called as they are."""

    def __init__(self, name: Callable[[str], str] | None = None, prefix: str = "") -> None:
        self.nodes: list[Any] = []
        self.prefix = prefix
        self.name = name or self.numbered
        self.counts: Counter[str] = Counter()
        self.constants: dict[tuple[Any, ...], str] = {}

    def numbered(self, operator: str) -> str:
        """A name of the operator and a number."""
        self.counts[operator] += 1
        return f"{self.prefix}{operator.lower()}_{self.counts[operator]}"

    def op(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; its name."""
        return self.ops(operator, *inputs, outputs=1, **attributes)[0]

    def ops(
        self, operator: str, *inputs: str, outputs: int, domain: str = "", overload: str = "", **attributes: Any
    ) -> list[str]:
        """A node with several outputs; their names."""
        from onnx import helper

        name = self.name(operator)
        made = [name, *(f"{name}:{number}" for number in range(1, outputs))]
        given = {key: value for key, value in attributes.items() if value is not None}
        self.nodes.append(helper.make_node(operator, inputs, made, name, domain=domain, overload=overload, **given))
        return made

    def constant(self, values: Any, dtype: str = "int64") -> str:
        """A tensor of a number, or of a list of numbers."""
        from onnx import helper

        listed = list(values) if isinstance(values, Sequence) else [values]
        key = (dtype, isinstance(values, Sequence), *listed)
        if key not in self.constants:
            self.constants[key] = name = f"{self.prefix}constant:{len(self.constants) + 1}"
            shape = [len(listed)] if isinstance(values, Sequence) else []
            tensor = helper.make_tensor("", element(dtype), shape, listed)
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        return self.constants[key]

    def filled(self, sizes: Sequence[Any], value: float = 0, dtype: str = "") -> str:
        """A tensor of one number everywhere."""
        return self.filled_as(self.constant(list(sizes)), value, dtype)

    def filled_as(self, sizes: str, value: float = 0, dtype: str = "") -> str:
        """The same of sizes that are a tensor."""
        from onnx import helper

        return self.op("ConstantOfShape", sizes, value=helper.make_tensor("", element(dtype), [1], [value]))

    # Moves that many kinds need.

    def reshaped(self, value: str, sizes: Sequence[Any]) -> str:
        """Under other sizes, 0 for an axis that stays."""
        return self.op("Reshape", value, self.constant(list(sizes)))

    def turned(self, value: str, order: Sequence[int]) -> str:
        """With its axes in another order."""
        return self.op("Transpose", value, perm=list(order))

    def part(self, value: str, axis: int, start: int, end: int) -> str:
        """A range of one axis."""
        return self.op("Slice", value, *(self.constant([number]) for number in (start, end, axis)))

    def sized(self, value: str, *sizes: Any) -> str:
        """The batch size of a value, and sizes behind it, as a tensor."""
        batch = self.op("Shape", value, start=0, end=1)
        return self.op("Concat", batch, self.constant(list(sizes)), axis=0) if sizes else batch

    def unsqueezed(self, value: str, *axes: int) -> str:
        """With axes of size 1."""
        return self.op("Unsqueeze", value, self.constant(list(axes)))

    def reduced(self, how: str, value: str, axes: Sequence[int], *, keep: bool = False) -> str:
        """Axes as one element."""
        return self.op(f"Reduce{how}", value, self.constant(list(axes)), keepdims=int(keep))


def aligned(body: Body, layer: Layer, inputs: list[str]) -> list[str]:
    """Inputs of as many axes: those that are missing stand behind the batch."""
    most = max(map(len, layer.traits.inputs))
    return [
        value if len(shape) == most else body.unsqueezed(value, *range(1, most - len(shape) + 1))
        for value, shape in zip(inputs, layer.traits.inputs, strict=True)
    ]
