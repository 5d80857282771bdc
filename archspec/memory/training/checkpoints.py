"""Checkpointing: blocks that keep their inputs only, and run again when the backward pass reaches them.

Chen et al. 2016, https://arxiv.org/abs/1604.06174; torch.utils.checkpoint around each block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archspec.errors import UsageError, suggestion
from archspec.graph.graph import Graph, Group
from archspec.graph.walk import UNROLLED, walk
from archspec.memory.autograd.kept import Kept
from archspec.memory.autograd.saved import once
from archspec.memory.program import Program
from archspec.memory.storages import Storages
from archspec.records import NamedTuple
from archspec.text.globs import matches_name

INPUT = "checkpoint"  # as what the input of a block is kept


class Checkpointed(NamedTuple):
    """What is kept until the backward pass, and what each block keeps beside while it runs again."""

    kept: tuple[Kept, ...]
    again: Mapping[str, tuple[Kept, ...]]


def blocks(graph: Graph, patterns: Sequence[str]) -> Mapping[str, str]:
    """Of each layer inside of a block that a pattern matches, the path of that block: the outermost.

    A repeat or family is no block, its instances are. Raises UsageError for a pattern that matches nothing.
    """
    found: dict[str, str] = {}
    names: dict[str, None] = {}
    met: set[str] = set()
    inside, depth = "", 0  # the block that the walk is in, and its depth: ids may have dots
    for step in walk(graph, UNROLLED):
        group = isinstance(step.item, Group)
        if group and step.item.several:  # type: ignore[union-attr]
            continue
        if group:
            names[step.path] = None
        called = [pattern for pattern in patterns if matches_name(pattern, step.path)]
        met.update(called)
        if not (inside and step.depth > depth):
            inside, depth = step.path if called else "", step.depth
        if inside and not group:
            found[step.path] = inside
    for pattern in patterns:
        if pattern not in met:
            raise UsageError(f"--checkpoint `{pattern}` matches no block and no layer", hint=suggestion(pattern, names))
    return found


def checkpointed(
    program: Program, storages: Storages, records: Iterable[Kept], block_of: Mapping[str, str]
) -> Checkpointed:
    """What is kept where blocks keep their inputs only. A block that keeps nothing has no need of them."""
    records = tuple(records)
    inside: dict[str, list[Kept]] = {}
    for record in records:
        if record.path in block_of:
            inside.setdefault(block_of[record.path], []).append(record)
    made = {value: block_of.get(operation.path, "") for operation in program.operations for value in operation.outputs}
    kept = [record for record in records if record.path not in block_of]
    for number, operation in enumerate(program.operations):
        block = block_of.get(operation.path, "")
        if block not in inside:
            continue
        for value in operation.inputs:
            storage = storages.places[value].storage
            if made.get(value) != block and storages.storages[storage].holds != "weight":
                kept.append(Kept(number, operation.path, INPUT, storages.storages[storage].bytes, storage))
    kept.sort(key=lambda record: record.operation)
    held = {record.storage for record in kept} - {None}
    again = {
        block: tuple(record for record in once(tuple(found)) if record.storage not in held)
        for block, found in inside.items()
    }
    return Checkpointed(tuple(kept), again)
