"""The memory behind the tensors of a program: which of them share it, how each lies in it, and how large it is."""

from __future__ import annotations

from math import prod
from typing import Literal

from archspec.kinds.base import Kind
from archspec.kinds.dtypes import DTYPES
from archspec.kinds.strides import (
    Operand,
    Sizes,
    as_channels,
    behind_batch,
    contiguous,
    elementwise,
    is_dense,
    reshaped,
    spread,
)
from archspec.memory.program import Operation, Program, Value
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
    return vars(kind).get("inplace", False) and (training or kind.memory != "input")


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
        elements = prod(size for size, step in zip(value.shape, strides, strict=True) if step)
        elements = max(elements, value.shape[0] * strides[0])  # a sample may be cut out of a larger one
        self.storages.append(Storage(elements * DTYPES[value.dtype or self.dtype], holds, value.maker))

    def run(self, operation: Operation) -> None:
        """The places of what an operation puts out."""
        kind, memory = operation.layer.traits.kind, self.memory(operation)
        outputs = [self.program.values[number] for number in operation.outputs]
        if memory == "weight":
            for value in outputs:
                self.places.append(Placed(len(self.storages), spread(value.shape)))
                self.storages.append(Storage(0, "weight", value.maker))
            return
        taken = [self.operand(value) for value in operation.inputs]
        storage = self.places[operation.inputs[0]].storage if taken else 0
        if memory == "input":
            self.places.append(Placed(storage, taken[0].strides))
        elif memory == "view":
            self.places += [Placed(storage, strides) for strides in kind.view(taken[0].shape, taken[0].strides)]
        else:
            moved = taken[0] if memory == "reshape" else kind.rearranged(taken[0]) if taken else None
            lies = moved and reshaped(moved.shape, moved.strides, outputs[0].shape)
            if lies:
                self.places.append(Placed(storage, lies))
                return
            for value in outputs:
                self.allocate(value, "activation", self.layout(kind, taken, value.shape))

    def operand(self, value: int) -> Operand:
        """A value as an operation takes it."""
        return Operand(self.program.values[value].shape, self.places[value].strides)

    def memory(self, operation: Operation) -> str:
        """Whose memory the outputs are: the kind's trait, but for what overwrites it, and dropout in training."""
        kind = operation.layer.traits.kind
        if vars(kind).get("inplace", False):
            return "input"
        if kind.role == "regularisation" and self.program.training and getattr(kind, "p", 0) > 0:
            return "new"
        return kind.memory

    def layout(self, kind: Kind, taken: list[Operand], output: Sizes) -> Sizes:
        """How a new output lies."""
        if kind.layout == "own":
            return kind.lies(taken, output)
        if kind.layout == "like" and is_dense(taken[0]):
            return taken[0].strides
        if kind.layout in ("elementwise", "like"):
            return combined(taken)
        if kind.layout == "channels" and kind.keeps_last(output):
            return as_channels(taken[0], output)
        return contiguous(output)


def combined(operands: list[Operand]) -> Sizes:
    """How the result of operands lies that are combined element by element, two by two."""
    rank = max(len(operand.shape) for operand in operands)
    first, *others = (behind_batch(operand, rank - len(operand.shape)) for operand in operands)
    lies = first.strides if others else elementwise(first)
    for other in others:
        lies = elementwise(first, other)
        first = Operand(tuple(map(max, first.shape, other.shape)), lies)
    return lies
