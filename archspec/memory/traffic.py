"""Bytes that the layers of one evaluation read and write, and the operations they do for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from archspec.analysis.count import Ledger
from archspec.analysis.metrics import OWN
from archspec.analysis.report import Report
from archspec.conventions.loader import convention
from archspec.kinds.dtypes import DTYPES
from archspec.memory.measured import Measured, Part
from archspec.memory.program import Operation, Program
from archspec.memory.storages import Storages, overwrites, reads
from archspec.memory.weights import sizes
from archspec.records import NamedTuple


class Traffic(NamedTuple):
    """What a layer reads of its inputs, weights and buffers, and what it writes, in bytes."""

    inputs: int = 0
    weights: int = 0
    buffers: int = 0
    written: int = 0

    @property
    def read(self) -> int:
        """All that it reads."""
        return self.inputs + self.weights + self.buffers


def traffic(report: Report, program: Program, storages: Storages, wanted: str | None = None) -> Measured:
    """Bytes read and written, summed over the layers and for each, and the intensity that follows.

    Weights are read in the formats that they are stored in, ``wanted`` as `--weights` says them. Raises UsageError.
    """
    dtype = report.setting.dtype
    stored = sizes(report.graph, program, wanted, dtype)
    moves = [moved(operation, program, storages, dtype, stored) for operation in program.operations]
    flops = forward(report, program)
    whole = Traffic(*(sum(column) for column in zip(*moves, strict=True))) if moves else Traffic()
    parts = [
        Part(f"read: {name}", "read_bytes", value, how)
        for name, value, how in (
            ("inputs", whole.inputs, "every tensor by each layer that takes it"),
            ("weights", whole.weights, "by each layer that uses them, of tables the rows looked up"),
            ("buffers", whole.buffers, "by each layer that uses them"),
        )
        if value
    ]
    parts.append(Part("written", "written_bytes", whole.written, "outputs, each by the layer that makes it"))
    total = sum(flops)
    each = intensity(total, whole)
    share = f"{each:.4g}" if isinstance(each, float) else f"{each:,}"
    words = f"arithmetic operations by archspec's own convention, {share} for each byte read or written"
    parts.append(Part("FLOPs", "flops", total, words))
    layers = {
        operation.path: {
            "flops": operations,
            "read_bytes": move.read,
            "written_bytes": move.written,
            "arithmetic_intensity": intensity(operations, move),
        }
        for operation, operations, move in zip(program.operations, flops, moves, strict=True)
    }
    totals = {"read_bytes": whole.read, "written_bytes": whole.written, "flops": total}
    return Measured(totals, tuple(parts), layers)


def intensity(flops: int, moves: Traffic) -> float:
    """Operations for each byte that is read or written; 0 where none is, whole where it is beyond floats."""
    total = moves.read + moves.written
    if not total:
        return 0.0
    return flops / total if flops >> 1000 < total else flops // total


def moved(operation: Operation, program: Program, storages: Storages, dtype: str, stored: Mapping[str, int]) -> Traffic:
    """What one layer reads and writes: every element of what it takes and of what it makes, once.

    One whose outputs are its input's memory and that does not overwrite it reads and writes nothing.
    """
    traits = operation.layer.traits
    weights: Any = traits.weights
    new = list(operation.outputs)
    if not overwrites(operation, training=program.training):
        there = {storages.places[value].storage for value in operation.inputs}
        made = [value for value in new if storages.of(value).holds != "weight"]
        new = [value for value in made if storages.places[value].storage not in there]
    if not new:
        return Traffic()
    written = sum(_bytes(program, value, dtype) for value in new)
    learned = _learned(operation, stored)
    # A count of batches, the one buffer of no axes, is only looked at in training.
    buffers = sum(weight.numel * DTYPES[weight.dtype or dtype] for weight in weights if weight.buffer and weight.shape)
    inputs = sum(_input(program, storages, value, dtype, stored) for value in reads(operation))
    if traits.kind.looks_up:
        # Of the table the rows that are looked up: as much of what it takes as of its elements is written.
        table = sum(weight.numel for weight in weights if not weight.buffer) * DTYPES[dtype]
        inputs, learned = (inputs, written * learned // table) if learned else (written, 0)
    return Traffic(inputs, learned, buffers, written)


def forward(report: Report, program: Program) -> list[int]:
    """The operations of each layer, by archspec's own convention."""
    ledger = Ledger(report.graph, report.setting.dtype, [convention(OWN)])
    return [ledger.call(operation.layer, operation.state).figures["flops"] for operation in program.operations]


def _bytes(program: Program, value: int, dtype: str) -> int:
    """Bytes of a tensor's elements."""
    return prod(program.values[value].shape) * DTYPES[program.values[value].dtype or dtype]


def _learned(operation: Operation, stored: Mapping[str, int]) -> int:
    """Bytes of a layer's parameters as they are stored, those of as many experts as its rows can meet."""
    traits: Any = operation.layer.traits
    rows = traits.facts["in_numel"] // traits.facts["in_last"] if traits.inputs else 1
    return sum(
        stored[f"{operation.path}.{weight.name}"] * min(rows, weight.experts) // weight.experts
        for weight in traits.weights
        if not weight.buffer
    )


def _input(program: Program, storages: Storages, value: int, dtype: str, stored: Mapping[str, int]) -> int:
    """Bytes of an input, of a weight's no more than the weight has: it is spread over the samples."""
    size, storage = _bytes(program, value, dtype), storages.of(value)
    if storage.holds != "weight":
        return size
    maker = program.operations[storage.maker]
    weights: Any = maker.layer.traits.weights
    buffers: int = sum(weight.numel * DTYPES[weight.dtype or dtype] for weight in weights if weight.buffer)
    return min(size, _learned(maker, stored) + buffers)
