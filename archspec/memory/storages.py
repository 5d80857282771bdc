"""The memory behind the tensors of a program: which of them share it, how each lies in it, and how large it is."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

from archspec.kinds.dtypes import DTYPES
from archspec.memory.program import Operation, Program, Value
from archspec.memory.strides import Sizes, channels_last, contiguous, is_channels_last, is_dense, reshaped
from archspec.records import NamedTuple

Holds = Literal["input", "activation", "weight"]


class Storage(NamedTuple):
    """A stretch of memory. ``maker`` is the operation that allocates it; a weight's is there before."""

    bytes: int
    holds: Holds
    maker: int


class Placed(NamedTuple):
    """Where a value is: the number of its storage, and its strides in it."""

    storage: int
    strides: Sizes


class Storages(NamedTuple):
    """Of a program: each value's place, and the storages."""

    places: tuple[Placed, ...]
    storages: tuple[Storage, ...]

    def of(self, value: int) -> Storage:
        """The storage of a value."""
        return self.storages[self.places[value].storage]


def users(program: Program, storages: Storages) -> list[list[int]]:
    """The operations that make, read or write each storage, in the order of the file."""
    used: list[list[int]] = [[] for _ in storages.storages]
    for number, operation in enumerate(program.operations):
        for storage in {storages.places[value].storage for value in (*reads(operation), *operation.outputs)}:
            used[storage].append(number)
    return used


def results(program: Program, storages: Storages) -> set[int]:
    """The storages that hold a result."""
    return {storages.places[value].storage for value in program.outputs}


def reads(operation: Operation) -> tuple[int, ...]:
    """The inputs whose elements are looked at: a parameter takes only the number of samples from what is before it."""
    return operation.inputs if operation.layer.traits.kind.takes_elements() else ()


def overwrites(operation: Operation, *, training: bool) -> bool:
    """Whether an operation writes into its first input's memory; dropout does nothing in an evaluation."""
    kind = operation.layer.traits.kind
    return getattr(kind, "inplace", False) and (training or kind.memory != "input")


def place(program: Program, dtype: str) -> Storages:
    """Where each value of a program is, ``dtype`` being the analysis' own."""
    placing = _Placing(program, dtype)
    for value in program.inputs:
        placing.allocate(program.values[value], "input", contiguous(program.values[value].shape))
    for operation in program.operations:
        placing.run(operation)
    return Storages(tuple(placing.places), tuple(placing.storages))


class _Placing:
    def __init__(self, program: Program, dtype: str) -> None:
        self.program, self.dtype = program, dtype
        self.places: list[Placed] = []
        self.storages: list[Storage] = []

    def allocate(self, value: Value, holds: Holds, strides: Sizes) -> None:
        """A value in a storage of its own."""
        self.places.append(Placed(len(self.storages), strides))
        itemsize = DTYPES[value.dtype or self.dtype]
        self.storages.append(Storage(prod(value.shape) * itemsize, holds, value.maker))

    def run(self, operation: Operation) -> None:
        """The places of what an operation puts out."""
        kind, memory = operation.layer.traits.kind, self.memory(operation)
        outputs = [self.program.values[number] for number in operation.outputs]
        if memory == "weight":
            for value in outputs:
                self.places.append(Placed(len(self.storages), contiguous(value.shape)))
                self.storages.append(Storage(0, "weight", value.maker))
            return
        if memory == "new":
            for value in outputs:
                self.allocate(value, "activation", self.layout(operation, value))
            return
        source = self.program.values[operation.inputs[0]]
        storage, strides = self.places[operation.inputs[0]]
        if memory == "input":
            self.places.append(Placed(storage, strides))
        elif memory == "view":
            views: Any = kind.view(source.shape, strides)
            self.places += [Placed(storage, each) for each in views]
        else:
            (value,) = outputs
            again = reshaped(source.shape, strides, value.shape)
            if again is None:
                self.allocate(value, "activation", contiguous(value.shape))
            else:
                self.places.append(Placed(storage, again))

    def memory(self, operation: Operation) -> str:
        """Whose memory the outputs are: the kind's trait, but for what overwrites it, and dropout in training."""
        kind = operation.layer.traits.kind
        if getattr(kind, "inplace", False):
            return "input"
        if kind.role == "regularisation" and self.program.training:
            return "new"
        return kind.memory

    def layout(self, operation: Operation, value: Value) -> Sizes:
        """How a new output lies."""
        kind = operation.layer.traits.kind
        taken: list[Any] = [
            (self.program.values[number].shape, self.places[number].strides) for number in operation.inputs
        ]
        if kind.layout == "elementwise":
            for shape, strides in taken:  # the first input of the output's shape says how, if it is dense
                if shape == value.shape:
                    return strides if is_dense(shape, strides) else contiguous(shape)
        elif kind.layout == "channels" and taken and is_channels_last(*taken[0]):
            return channels_last(value.shape)
        return contiguous(value.shape)
