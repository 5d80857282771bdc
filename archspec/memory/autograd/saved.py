"""The bytes that are saved for backward: what each layer keeps, each storage once."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.memory.autograd.kept import Kept, Saved
from archspec.memory.autograd.model import Autograd
from archspec.memory.measured import Measured, Part
from archspec.memory.storages import Storages

TOTAL = "saved_for_backward_bytes"
# What is kept, in the order it is listed, with what stands behind the word.
WORDS = {
    "network input": "inputs of the network",
    "checkpoint": "inputs of blocks that run again",
    "adapter": "outputs of adapters' first matrices",
    "input": "inputs of layers",
    "output": "outputs of layers",
    "mask": "masks drawn at random",
    "indices": "indices: where a maximum was",
    "statistics": "means, variances, sums",
    "other": "what layers work out on the way",
}


def once(records: tuple[Kept, ...]) -> list[Kept]:
    """Each storage with the first that keeps it, and all that has memory of its own."""
    seen: set[int] = set()
    found = []
    for record in records:
        if record.storage is None or record.storage not in seen:
            found.append(record)
            if record.storage is not None:
                seen.add(record.storage)
    return found


def summed(what: Saved, storages: Storages, convention: Autograd) -> Measured:
    """The total, its parts by what is kept, and the bytes that each layer is the first to keep."""
    words = dict.fromkeys(WORDS, 0)
    tensors = dict.fromkeys(WORDS, 0)
    layers: dict[str, Mapping[str, int]] = {}
    for record in once(what.kept):
        outside = record.storage is not None and storages.storages[record.storage].holds == "input"
        word = "network input" if outside else record.what
        words[word] += record.bytes
        tensors[word] += 1
        layers[record.path] = {"saved_bytes": layers.get(record.path, {"saved_bytes": 0})["saved_bytes"] + record.bytes}
    parts = tuple(
        Part(
            f"saved: {word}", TOTAL, size, f"{tensors[word]} {WORDS[word]}, by {convention.autograd}", convention.source
        )
        for word, size in words.items()
        if size
    )
    warnings = tuple(
        f"{convention.autograd} does not know {thing}: not counted in {len(paths)} layer{'s' * (len(paths) > 1)}, as "
        f"{paths[0]}"
        for thing, paths in what.unknown.items()
    )
    return Measured({TOTAL: sum(words.values())}, parts, layers, warnings)
