"""Tensor parallelism: which matrices are cut by their columns and which by their rows, and what lies between them.

Shoeybi et al. 2019, https://arxiv.org/abs/1909.08053: of two linear layers with nothing between them but what works on
parts of the features (activations, attention by heads), the first is cut by its outputs, the second by its inputs, and
what is between is cut too. Embeddings and the layer that makes the result are cut along the vocabulary. Korthikanti et
al. 2022, https://arxiv.org/abs/2205.05198: with sequence parallelism the rest is cut along the sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import UsageError
from archspec.memory.autograd.kept import Kept
from archspec.memory.program import Operation, Program
from archspec.memory.storages import Storages
from archspec.memory.training.lora import ADAPTER
from archspec.memory.training.parameters import Parameter
from archspec.records import NamedTuple

# Roles of kinds that work on parts of the features by themselves.
LOCAL = frozenset({"activation", "regularisation", "shape", "arithmetic", "product", "normalisation"})
SEQUENCE = 3  # axes of a tensor that has a sequence: batch, positions, features
# Of a layer by how it is cut: the axis of each of its weights that is, from the end, since one of experts has an axis
# more in front. Others are whole on each device.
CUTS: Mapping[str, Mapping[str, int]] = {
    "columns": {"weight": -2, "bias": -1, "lora_B": -2},
    "rows": {"weight": -1, "lora_A": -1},
    "vocabulary": {"weight": -2, "bias": -1},
    "heads": {
        **dict.fromkeys(("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"), -2),
        "in_proj_bias": -1,
        "out_proj.weight": -1,
    },
}


class Split(NamedTuple):
    """How a program is cut over ``devices``: its layers by how, the values that are; the rest along the sequence?"""

    devices: int
    layers: Mapping[str, str]
    values: frozenset[int]
    sequence: bool

    def parameter(self, parameter: Parameter) -> Parameter:
        """What a device holds of a parameter, the most that one does."""
        axis = CUTS.get(self.layers.get(parameter.path, ""), {}).get(parameter.name)
        if axis is None:
            return parameter
        sizes = list(parameter.shape)
        sizes[axis] = -(-sizes[axis] // self.devices)
        return parameter._replace(shape=tuple(sizes))

    def kept(self, record: Kept, program: Program, storages: Storages) -> Kept:
        """What a device keeps of it."""
        operation = program.operations[record.operation]
        if record.storage is None:
            values: tuple[int, ...] = operation.inputs if record.what == "input" else operation.outputs
            cut = any(value in self.values for value in values) and record.what != ADAPTER
            if self.layers.get(operation.path) == "heads":
                cut = record.what != "input"
        else:
            values = tuple(
                value
                for value in (*operation.inputs, *operation.outputs)
                if record.storage == storages.places[value].storage
            )
            cut = any(value in self.values for value in values)
        along = self.sequence and any(len(program.values[value].shape) == SEQUENCE for value in values)
        return record._replace(bytes=-(-record.bytes // self.devices)) if cut or along else record


def split(program: Program, devices: int, sequence: bool) -> Split:
    """How a network is cut. Raises UsageError where the devices do not divide it, or nothing can be cut."""
    regions = _Regions(program)
    layers = {program.operations[number].path: "columns" for number in regions.columns}
    layers |= {program.operations[number].path: "rows" for number in regions.rows}
    values = set(regions.inside)
    results = set(program.outputs)
    for operation in program.operations:
        kind = operation.layer.traits.kind.kind
        if kind == "multihead_attention":
            layers[operation.path] = "heads"
        elif kind == "embedding":
            layers[operation.path] = "vocabulary"
        elif kind == "linear" and operation.path not in layers and results & set(operation.outputs):
            layers[operation.path] = "vocabulary"
            values.update(operation.outputs)
    if not {"columns", "heads"} & set(layers.values()):
        hint = "it takes two linear layers with only activations or attention between them"
        raise UsageError(f"--tensor {devices}: nothing in this network can be cut", hint=hint)
    found = Split(devices, layers, frozenset(values), sequence)
    for operation in program.operations:
        _check(operation, program, found)
    return found


def _check(operation: Operation, program: Program, found: Split) -> None:
    facts: Mapping[str, Any] = operation.layer.traits.facts
    kind, cut = operation.layer.traits.kind.kind, found.layers.get(operation.path)
    sizes = {}
    if cut == "columns":
        sizes = {"output features": facts["out_features"]}
    elif cut == "heads" or (kind == "scaled_dot_product_attention" and set(operation.inputs) & found.values):
        names = {"q_heads": "heads", "kv_heads": "heads of keys and values", "heads": "heads"}
        sizes = {names[name]: facts[name] for name in names if name in facts}
    elif operation.layer.traits.kind.role == "product" and set(operation.inputs) <= found.values:
        sizes = {"heads": program.values[operation.inputs[0]].shape[-3]}
    if found.sequence:
        for value in operation.outputs:
            shape = program.values[value].shape
            if len(shape) == SEQUENCE and value not in found.values:
                sizes["positions"] = shape[1]
    for what, size in sizes.items():
        if size % found.devices:
            raise UsageError(f"--tensor {found.devices} does not divide the {size} {what} of {operation.path}")


def uncut(program: Program, found: Split) -> list[str]:
    """The linear layers that are whole on each device."""
    linear = (operation for operation in program.operations if operation.layer.traits.kind.kind == "linear")
    return [operation.path for operation in linear if operation.path not in found.layers]


class _Regions:
    """Values between linear layers that are cut: made by some cut by columns, and taken by some cut by rows.

    A layer is no candidate where what it puts out goes anywhere else; then the next one may be, so it is tried again.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.refused: set[int] = set()
        while self.tried():
            pass
        self.columns = {number for number in self.above if self.root(number) in self.used}
        self.inside = {value for value, number in self.of.items() if self.root(number) in self.used}

    def tried(self) -> bool:
        """Whether some candidate had to be refused."""
        self.above: dict[int, int] = {}  # of each candidate another of the same region
        self.of: dict[int, int] = {}  # a candidate that each value comes from
        fixed: set[int] = set()  # values that come from weights alone
        self.rows: list[int] = []
        self.used: set[int] = set()
        bad: set[int] = set()
        operations = self.program.operations
        for number, operation in enumerate(operations):
            cut = [value for value in operation.inputs if value in self.of]
            linear = operation.layer.traits.kind.kind == "linear"
            if operation.layer.traits.kind.role == "source":  # an input of its only says how large the batch is
                fixed.update(operation.outputs)
            elif linear and cut:
                self.rows.append(number)
            elif linear and number not in self.refused:
                self.above[number] = number
                self.of.update(dict.fromkeys(operation.outputs, number))
            elif cut:
                rest = {value for value in operation.inputs if value not in self.of}
                if rest <= fixed and self.local(operation, cut):
                    for value in cut[1:]:
                        self.above[self.root(self.of[value])] = self.root(self.of[cut[0]])
                    self.of.update(dict.fromkeys(operation.outputs, self.of[cut[0]]))
                else:
                    bad.update(self.of[value] for value in cut)
            elif fixed >= set(operation.inputs):
                fixed.update(operation.outputs)
        bad.update(self.of[value] for value in self.program.outputs if value in self.of)
        self.used = {self.root(self.of[value]) for row in self.rows for value in operations[row].inputs}
        roots = {self.root(number) for number in bad}
        refused = {number for number in self.above if self.root(number) in roots or self.root(number) not in self.used}
        self.refused |= refused
        return bool(refused)

    def local(self, operation: Operation, cut: list[int]) -> bool:
        """Whether it works on parts of the features by themselves: over heads too, once they have an axis."""
        kind = operation.layer.traits.kind
        if kind.kind == "scaled_dot_product_attention":
            return True
        features = self.program.values[self.program.operations[self.of[cut[0]]].outputs[0]].shape
        if kind.role == "normalisation" or (kind.role == "activation" and kind.sees == "axis"):
            return len(self.program.values[cut[0]].shape) > len(features)
        return kind.role in LOCAL

    def root(self, number: int) -> int:
        """What stands for a candidate's region."""
        while self.above[number] != number:
            number = self.above[number]
        return number
