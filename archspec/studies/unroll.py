"""A report as a spec again: every variable, block, repeat and condition resolved, one flat list of layers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from archspec.analysis.metrics import LEAD
from archspec.analysis.report import Report, of_one_point
from archspec.errors import UsageError
from archspec.graph.graph import Copies, Graph, Group, Item, Layer, Tensor
from archspec.graph.stored import full_name, name_below, of_kind, stored
from archspec.graph.walk import UNROLLED, Origin, Owner, Place, Step, origin, owner, sources, walk
from archspec.language.building import literal
from archspec.language.scope import ID
from archspec.models.base import default_of
from archspec.sizes import Size, is_size, unwrap

Key = tuple[tuple[int, Size], ...]
Ids = dict[Key, str]


def unfold(report: Report) -> dict[str, Any]:
    """The spec as data, its ids the report's paths. Raises UsageError where it would have more than 10,000 layers."""
    of_one_point(report, "expand")
    if not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out, too many to expand")
    graph = report.graph
    names = list(graph.inputs)
    steps = [(step, step.item) for step in walk(graph, UNROLLED) if isinstance(step.item, Layer)]
    ids = ids_of([step for step, _ in steps], names)
    last = names[0]
    layers: list[dict[str, Any]] = []
    around: list[tuple[Key, str, list[dict[str, Any]]]] = []  # experts that are written: a group, its id, its layers
    for step, item in steps:
        experts = experts_of(step)
        while [group for group, _, _ in around] != [group for group, *_ in experts[: len(around)]]:
            around.pop()
        for group, path, copies in experts[len(around) :]:
            inside: list[dict[str, Any]] = []
            entry = {"id": within(worded(path), around), "copies": copies, "seq": inside}
            (around[-1][2] if around else layers).append(entry)
            around.append((group, worded(path), inside))
        written = layer(step, item, names, ids, last)
        for name in ("id", "from", "tie"):
            if name in written:
                value = written[name]
                listed = [within(each, around) for each in value] if isinstance(value, list) else within(value, around)
                written[name] = listed
        (around[-1][2] if around else layers).append(written)
        last = ids[key(step)]
    spec: dict[str, Any] = {"archspec": 1, "name": report.variant or report.spec.name}
    if report.spec.summary:
        spec["summary"] = report.spec.summary
    spec["inputs"] = {name: _input(tensor) for name, tensor in graph.inputs.items()}
    spec["layers"] = layers or [{"identity": None, "when": False}]  # a spec has layers, also where all are left out
    outputs = [name_of(made, names, ids) for made in made_outputs(graph)]
    if outputs != [last]:
        spec["outputs"] = outputs
    totals = report.totals
    spec["expect"] = {metric.name: totals[metric.name] for metric in LEAD}
    return spec


def made_outputs(graph: Graph) -> list[Origin]:
    """Where the network's outputs come from."""
    return [origin(Place(graph.body), number, UNROLLED) for number in graph.body.outputs[: graph.body.results]]


def key(of: Step | Origin | Owner) -> Key:
    """What tells a layer's instance from all others: two may have one path, where a name of a branch has a dot."""
    item = of.layer if isinstance(of, Origin) else of.item
    return (id(item), of.turn), *_way(of.place)


def _way(place: Place) -> Key:
    way: list[tuple[int, Size]] = []
    while place.around is not None:
        way.append((id(place.group), place.turn))
        place = place.around
    return tuple(way)


def experts_of(step: Step) -> list[tuple[Key, str, dict[str, Any]]]:
    """The groups around a layer that stand for experts, outermost first, with their paths and what they say."""
    found = []
    place = step.place
    while place.around is not None and place.group is not None:
        if place.group.copies is not None:
            path = place.path.removesuffix(".")
            found.append((((id(place.group), place.turn), *_way(place.around)), path, said_of(place.group.copies)))
        place = place.around
    return found[::-1]


def said_of(copies: Copies) -> dict[str, Any]:
    """What a layer says of the experts that it stands for."""
    said: dict[str, Any] = {"count": _plain(copies.number), "active": _plain(copies.active)}
    if copies.stacked:
        said["stacked"] = True
    if copies.names != "*":
        said["names"] = copies.names
    if (copies.first, copies.step) != (0, 1):
        said["first"], said["step"] = _plain(copies.first), _plain(copies.step)
    return said


def within(name: str, around: list[tuple[Key, str, list[dict[str, Any]]]]) -> str:
    """An id or address as it is written inside of experts: behind theirs, where it stands in the same."""
    for _, prefix, _ in around[::-1]:
        if name.startswith(f"{prefix}."):
            return name.removeprefix(f"{prefix}.")
    return name


def ids_of(steps: list[Step], inputs: list[str]) -> Ids:
    """An id for each layer: its path, or where a name of a branch or a block is none, the nearest that is one."""
    ids: Ids = {}
    taken = {*inputs, "prev", "in"}
    for step in steps:
        name = worded(step.path)
        while name in taken or name.isdigit():
            name += "_"
        taken.add(name)
        ids[key(step)] = name
    return ids


def worded(path: str) -> str:
    """The path, or where it is no id, the nearest that is one."""
    if ID.fullmatch(path):
        return path
    return ".".join(re.sub(r"^(?=-|$)", "_", re.sub(r"[^\w-]", "_", part)) for part in path.split("."))


def layer(step: Step, item: Layer, names: list[str], ids: Ids, last: str) -> dict[str, Any]:
    """One layer with its arguments where they differ from the defaults; ``last`` is the one written before it."""
    kind = item.traits.kind
    arguments = {argument: _plain(value) for argument, value in kind if value != default_of(type(kind), argument)}
    entry: dict[str, Any] = {kind.kind: arguments or None, "id": ids[key(step)]}
    inputs = [name_of(made, names, ids) for made in sources(step, UNROLLED)]
    if inputs != [last]:
        entry["from"] = inputs[0] if len(inputs) == 1 else inputs
    tie = tied_to(step, item)
    if tie is not None:
        entry["tie"] = ids[key(tie)]
    if item.copies is not None:
        entry["copies"] = said_of(item.copies)
    called = weights_of(item, step.path, entry["id"])
    if called:
        entry["weights"] = called
    for flag, on in (("freeze", step.state.frozen), ("train_only", step.state.train), ("unused", step.state.unused)):
        if on:
            entry[flag] = True
    if item.node.call != "module":
        entry["call"] = item.node.call
    if item.node.note:
        entry["note"] = item.node.note
    return entry


def weights_of(item: Layer, path: str, name: str) -> dict[str, Any]:
    """What a layer called ``name`` has to say for its tensors to be called as those of the one at ``path``."""
    if item.stored is None and path == name:
        return {}
    own = {tensor.weight: tensor for tensor in of_kind(item)}
    said: dict[str, Any] = {}
    for tensor in stored(item):
        entry: dict[str, Any] = {}
        called, plain = name_below(name, full_name(path, tensor.name)), own.get(tensor.weight)
        if plain is None or called != plain.name:
            written = literal(called)
            if written is None:
                continue
            entry["name"] = written
        if plain is None or tensor.shape != plain.shape:
            entry["shape"] = _plain(tensor.shape)
        if entry:
            said[tensor.weight or called] = entry["name"] if list(entry) == ["name"] else entry
    return said


def name_of(made: Origin, names: list[str], ids: Ids) -> str:
    """What a tensor is called: its layer's id, and a number where that has several outputs."""
    if made.layer is None:
        return names[made.port]
    name = ids[key(made)]
    return name if len(made.layer.traits.outputs) == 1 else f"{name}.{made.port}"


def tied_to(step: Step, item: Layer) -> Owner | None:
    """The layer whose weights are used again: of its own tie, or that of a group around it."""
    if item.tie is not None:
        return owner(step.place, item.tie)
    if not item.traits.weights:
        return None
    tied = None
    way: list[tuple[Item, Size]] = [(item, step.turn)]
    place = step.place
    while place.around is not None and place.group is not None:
        if place.group.tie is not None:
            tied = _inside(owner(place.around, place.group.tie), place.group, way)
        way.insert(0, (place.group, place.turn))
        place = place.around
    return tied


def _inside(whole: Owner, group: Group, way: list[tuple[Item, Size]]) -> Owner:
    """The layer in a group's owner that has the weights of the layer at the end of ``way`` in the group.

    A group shares its weights in order, whatever its parts are called.
    """
    mine = [[id(item) for item, _ in path] for path in _weighted(group)].index([id(item) for item, _ in way])
    path = list(_weighted(whole.item))[mine]
    turns = [turn for _, turn in way]
    place, prefix = whole.place, whole.turn
    at: Item = whole.item
    for position, (item, _) in enumerate(path):
        assert isinstance(at, Group)
        place = place.below(at, prefix)
        turn = turns[position - len(path)] if position >= len(path) - len(turns) else 0
        at, prefix = item, turn if type(item.repeat) is int and turn < item.repeat else 0
    return Owner(place, at, prefix)


def _weighted(group: Item) -> Iterator[list[tuple[Item, Size]]]:
    """The way from a group to each layer in it that has weights."""
    assert isinstance(group, Group)
    for item in group.body.items:
        if isinstance(item, Group):
            yield from ([(item, 0), *below] for below in _weighted(item))
        elif item.traits.weights:
            yield [(item, 0)]


def _input(tensor: Tensor) -> Any:
    sizes = [_plain(size) for size in tensor.shape[1:]]
    return {"shape": sizes, "dtype": tensor.dtype} if tensor.dtype else sizes


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    return unwrap(value) if is_size(value) else value
