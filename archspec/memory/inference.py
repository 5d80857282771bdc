"""Memory of one evaluation: what is alive while each layer runs, all tensors together, the largest layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Literal

from archspec.memory.measured import Alive, Measured, Moment, Part, Schedule
from archspec.memory.order import Best
from archspec.memory.program import OUTSIDE, Program
from archspec.memory.storages import Storages, reads, results, users


def schedule(program: Program, storages: Storages, order: Literal["file", "best"], found: Best) -> Schedule:
    """The bytes that are alive while each operation runs, in the order of the file or the best that was found."""
    numbers = found.order if order == "best" else range(len(program.operations))
    return run(program, storages, numbers)._replace(order=order)


def run(program: Program, storages: Storages, order: Sequence[int]) -> Schedule:
    """The operations in an order, and the bytes that are alive while each runs.

    A storage lives from the operation that allocates it, an input of the network from the first on, to the last one
    that reads or writes a tensor in it; one that holds a result lives to the end. An input that nobody reads does not.
    """
    places = {number: place for place, number in enumerate(order)}
    ends, end, spans = results(program, storages), len(order), []
    for number, (storage, used) in enumerate(zip(storages.storages, users(program, storages), strict=True)):
        start = 0 if storage.maker == OUTSIDE else places[storage.maker]
        spans.append((start, end if number in ends else max((places[user] + 1 for user in used), default=0)))
    change = [0] * (end + 1)
    for storage, (born, dead) in zip(storages.storages, spans, strict=True):
        change[born] += storage.bytes
        change[dead] -= storage.bytes
    ran, live = [program.operations[number] for number in order], list(accumulate(change[:-1]))
    if not ran:
        return Schedule("file", (), _bytes(storages, program.outputs), "", ())
    moments = [
        Moment(each.path, each.layer.traits.kind.kind, size, _bytes(storages, (*reads(each), *each.outputs)))
        for each, size in zip(ran, live, strict=True)
    ]
    peak = max(live)
    at, alive = live.index(peak), []
    for number, (storage, (born, dead)) in enumerate(zip(storages.storages, spans, strict=True)):
        if born <= at < dead and storage.bytes:
            made = program.names[number] if storage.maker == OUTSIDE else program.operations[storage.maker].path
            alive.append(Alive(made, storage.bytes, "" if number in ends else ran[dead - 1].path))
    return Schedule("file", tuple(moments), peak, ran[at].path, tuple(alive))


def inference(program: Program, storages: Storages, ran: Schedule, found: Best) -> Measured:
    """Peak, sum and largest layer."""
    everything = sum(storage.bytes for storage in storages.storages)
    largest = max((moment.own for moment in ran.moments), default=0)
    where = next((moment.path for moment in ran.moments if moment.own == largest), "no layer")
    words = "in the order of the file" if ran.order == "file" else "in the best order of the layers"
    words += f", at {ran.path}" if ran.path else ", no layer runs"
    parts = [
        Part("peak", "inference_peak_bytes", ran.peak, f"most bytes of tensors alive at once, {words}"),
        Part("all tensors", "all_tensors_bytes", everything, "every tensor allocated before the first layer runs"),
        Part("largest layer", "largest_layer_bytes", largest, f"inputs and outputs of {where}"),
    ]
    warnings = []
    if found.proven:
        least = run(program, storages, found.order)
        words = f"in the best order, at {least.path}" if least.path else "no layer runs"
        parts.insert(1, Part("best order", "best_order_peak_bytes", least.peak, words))
    else:
        warnings.append("the best order of the layers is not known: too many are possible to try them")
    live = {moment.path: {"live_bytes": moment.live} for moment in ran.moments}
    return Measured({part.total: part.value for part in parts}, tuple(parts), live, tuple(warnings))


def _bytes(storages: Storages, values: Iterable[int]) -> int:
    """Bytes of the storages that some values are in, each once; those of weights count nowhere here."""
    return sum(storages.storages[number].bytes for number in {storages.places[value].storage for value in values})
