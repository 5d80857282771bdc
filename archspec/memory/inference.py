"""Memory of one evaluation: what is alive while each layer runs, all tensors together, the largest layer."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.memory.measured import Measured, Moment, Part
from archspec.memory.program import Program
from archspec.memory.storages import Storages

END = -1  # a storage whose value is a result: alive to the end


def schedule(program: Program, storages: Storages) -> tuple[Moment, ...]:
    """The bytes that are alive while each operation runs: its inputs and outputs, and what a later one needs.

    A storage lives from the operation that allocates it (an input of the network from the start) to the last one that
    reads or writes a tensor in it; one that holds a result lives to the end.
    """
    last = last_uses(program, storages)
    live = sum(storage.bytes for storage in storages.storages if storage.holds == "input")
    born: dict[int, list[int]] = {}
    dying: dict[int, list[int]] = {}
    for number, storage in enumerate(storages.storages):
        if storage.holds == "activation":
            born.setdefault(storage.maker, []).append(storage.bytes)
        dying.setdefault(last[number], []).append(storage.bytes)
    moments = []
    for number, operation in enumerate(program.operations):
        live += sum(born.get(number, ()))
        moments.append(Moment(operation.path, operation.layer.traits.kind.kind, live))
        live -= sum(dying.get(number, ()))
    return tuple(moments)


def last_uses(program: Program, storages: Storages) -> list[int]:
    """The operation after which each storage is free, END for one that holds a result."""
    last = [storage.maker for storage in storages.storages]
    for number, operation in enumerate(program.operations):
        for value in (*operation.inputs, *operation.outputs):
            last[storages.places[value].storage] = number
    for value in program.outputs:
        last[storages.places[value].storage] = END
    return last


def inference(program: Program, storages: Storages, moments: tuple[Moment, ...]) -> Measured:
    """Peak, sum and largest layer; the layers that hold the peak."""
    peak = max((moment.live for moment in moments), default=_bytes(storages, program.inputs))
    at = next((moment.path for moment in moments if moment.live == peak), "the inputs")
    everything = sum(storage.bytes for storage in storages.storages)
    sizes = [_bytes(storages, (*each.inputs, *each.outputs)) for each in program.operations]
    largest = max(sizes, default=0)
    where = program.operations[sizes.index(largest)].path if sizes else ""
    live = {moment.path: {"live_bytes": moment.live} for moment in moments}
    parts = (
        Part("peak", "inference_peak_bytes", peak, f"most bytes of tensors alive at once, while {at} runs"),
        Part("all tensors", "all_tensors_bytes", everything, "every tensor allocated before the first layer runs"),
        Part("largest layer", "largest_layer_bytes", largest, f"inputs and outputs of {where}"),
    )
    return Measured({part.total: part.value for part in parts}, parts, live)


def _bytes(storages: Storages, values: Iterable[int]) -> int:
    """Bytes of the storages that some values are in, each once; those of weights count nowhere here."""
    return sum(storages.storages[number].bytes for number in {storages.places[value].storage for value in values})
