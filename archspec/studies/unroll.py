"""A report as a spec again: every variable, block, repeat and condition resolved, one flat list of layers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from archspec.analysis.count import TOP, State
from archspec.analysis.metrics import LEAD
from archspec.analysis.report import Report
from archspec.errors import UsageError
from archspec.graph.graph import Call, Group, Item, Value
from archspec.models.base import default_of
from archspec.sizes import is_size, unwrap


def unfold(report: Report) -> dict[str, Any]:
    """The spec as data, its ids the report's paths. Raises UsageError where it would have more than 10,000 layers."""
    if not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out, too many to expand")
    names = {id(value): name for name, value in report.graph.inputs.items()}
    last = next(iter(report.graph.inputs))
    layers: list[dict[str, Any]] = []
    for entry in Emitter(names).emit(report.graph.items, "", TOP):
        if entry.get("from") == [last]:
            del entry["from"]
        elif len(entry.get("from", ())) == 1:
            entry["from"] = entry["from"][0]
        layers.append(entry)
        last = entry["id"]
    spec: dict[str, Any] = {"archspec": 1, "name": report.variant or report.spec.name}
    if report.spec.summary:
        spec["summary"] = report.spec.summary
    spec["inputs"] = {name: _input(value) for name, value in report.graph.inputs.items()}
    spec["layers"] = layers
    outputs = [names[id(value)] for value in report.graph.outputs]
    if outputs != [last]:
        spec["outputs"] = outputs
    totals = report.totals
    spec["expect"] = {metric.name: totals[metric.name] for metric in LEAD}
    return spec


class Emitter:
    """Writes out layers in order. ``names`` says which layer's output a tensor is at the moment.

    Blocks met twice share their inner tensors, so a name is set again each time such a block is written out.
    """

    def __init__(self, names: dict[int, str]) -> None:
        self.names = names
        self.paths: set[str] = set()

    def emit(
        self, items: tuple[Item, ...], prefix: str, state: State, tie: tuple[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The layers of some items. ``tie`` maps a tied group's path to its owner's."""
        for item in items:
            before = [self.names[id(value)] for value in item.inputs]
            for turn in range(item.repeat):
                name = item.name if item.index is None else str(item.index + turn)
                if turn:
                    self.rename(item.inputs, item.outputs)
                if isinstance(item, Group):
                    yield from self.group(item, prefix + name, state.inside(item), tie)
                else:
                    yield self.layer(item, prefix, name, state.inside(item), tie)
            for value, old in zip(item.inputs, before, strict=True):
                self.names[id(value)] = old

    def rename(self, values: tuple[Value, ...], targets: tuple[Value, ...]) -> None:
        """Let ``values`` be what ``targets`` are now."""
        now = [self.names[id(target)] for target in targets]
        for value, name in zip(values, now, strict=False):
            self.names[id(value)] = name

    def group(self, group: Group, path: str, state: State, tie: tuple[str, str] | None) -> Iterator[dict[str, Any]]:
        self.paths.add(path)
        if group.node.tie is not None and tie is None and group.shared:
            tie = (path, self.owner(group.node.tie, path))
        self.rename(group.body_inputs, group.inputs)
        yield from self.emit(group.items, path + ".", state, tie)
        if group.body_outputs:
            self.rename(group.outputs, group.body_outputs)

    def layer(self, call: Call, prefix: str, name: str, state: State, tie: tuple[str, str] | None) -> dict[str, Any]:
        """One layer with its arguments where they differ from the defaults."""
        path = prefix + name
        self.paths.add(path)
        kind = call.traits.kind
        given = {argument: _plain(value) for argument, value in kind if value != default_of(type(kind), argument)}
        entry: dict[str, Any] = {kind.kind: given or None, "id": path}
        entry["from"] = [self.names[id(value)] for value in call.inputs]
        if call.shared or call.again:
            assert call.node.tie is not None
            entry["tie"] = self.owner(call.node.tie, path)
        elif state.shared and tie and call.traits.weights:
            entry["tie"] = tie[1] + path.removeprefix(tie[0])
        for flag, on in (("freeze", state.frozen), ("train_only", state.train)):
            if on:
                entry[flag] = True
        if call.node.call != "module":
            entry["call"] = call.node.call
        if call.node.note:
            entry["note"] = call.node.note
        for index, value in enumerate(call.outputs):
            self.names[id(value)] = path if len(call.outputs) == 1 else f"{path}.{index}"
        return entry

    def owner(self, name: str, path: str) -> str:
        """The full path of what a tie names: looked for beside the layer, then in each level around."""
        levels = path.split(".")[:-1]
        while levels and ".".join([*levels, name]) not in self.paths:
            levels.pop()
        return ".".join([*levels, name])


def _input(value: Value) -> Any:
    sizes = [_plain(size) for size in value.shape[1:]]
    return {"shape": sizes, "dtype": value.dtype} if value.dtype else sizes


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    return unwrap(value) if is_size(value) else value
