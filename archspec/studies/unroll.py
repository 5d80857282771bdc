"""A report as a spec again: every variable, block, repeat and condition resolved, one flat list of layers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archspec.analysis.metrics import LEAD
from archspec.analysis.report import Report, of_one_point
from archspec.errors import UsageError
from archspec.graph.graph import Graph, Layer, Tensor
from archspec.graph.walk import UNROLLED, Origin, Place, Step, origin, owner, sources, walk
from archspec.models.base import default_of
from archspec.sizes import is_size, unwrap


def unfold(report: Report) -> dict[str, Any]:
    """The spec as data, its ids the report's paths. Raises UsageError where it would have more than 10,000 layers."""
    of_one_point(report, "expand")
    if not report.unfoldable:
        raise UsageError("the network has more than 10,000 layers written out, too many to expand")
    graph = report.graph
    names = list(graph.inputs)
    last = names[0]
    layers: list[dict[str, Any]] = []
    for step in walk(graph, UNROLLED):
        if isinstance(step.item, Layer):
            layers.append(layer(step, step.item, names, last))
            last = step.path
    spec: dict[str, Any] = {"archspec": 1, "name": report.variant or report.spec.name}
    if report.spec.summary:
        spec["summary"] = report.spec.summary
    spec["inputs"] = {name: _input(tensor) for name, tensor in graph.inputs.items()}
    spec["layers"] = layers
    outputs = [name_of(made, names) for made in made_outputs(graph)]
    if outputs != [last]:
        spec["outputs"] = outputs
    totals = report.totals
    spec["expect"] = {metric.name: totals[metric.name] for metric in LEAD}
    return spec


def made_outputs(graph: Graph) -> list[Origin]:
    """Where the network's outputs come from."""
    return [origin(Place(graph.body), number, UNROLLED) for number in graph.body.outputs[: graph.body.results]]


def layer(step: Step, item: Layer, names: list[str], last: str) -> dict[str, Any]:
    """One layer with its arguments where they differ from the defaults; ``last`` is the one written before it."""
    kind = item.traits.kind
    arguments = {argument: _plain(value) for argument, value in kind if value != default_of(type(kind), argument)}
    entry: dict[str, Any] = {kind.kind: arguments or None, "id": step.path}
    inputs = [name_of(made, names) for made in sources(step, UNROLLED)]
    if inputs != [last]:
        entry["from"] = inputs[0] if len(inputs) == 1 else inputs
    tie = tied_to(step, item)
    if tie is not None:
        entry["tie"] = tie
    for flag, on in (("freeze", step.state.frozen), ("train_only", step.state.train)):
        if on:
            entry[flag] = True
    if item.node.call != "module":
        entry["call"] = item.node.call
    if item.node.note:
        entry["note"] = item.node.note
    return entry


def name_of(made: Origin, names: list[str]) -> str:
    """What a tensor is called: its layer's path, and a number where that has several outputs."""
    if made.layer is None:
        return names[made.port]
    return made.path if len(made.layer.traits.outputs) == 1 else f"{made.path}.{made.port}"


def tied_to(step: Step, item: Layer) -> str | None:
    """The path of the layer whose weights are used again: of its own tie, or that of a group around it."""
    if item.tie is not None:
        return owner(step.place, item.tie)
    if not item.traits.weights:
        return None
    tied = None
    place = step.place
    while place.around is not None and place.group is not None:
        if place.group.tie is not None:
            tied = owner(place.around, place.group.tie) + "." + step.path[len(place.path) :]
        place = place.around
    return tied


def _input(tensor: Tensor) -> Any:
    sizes = [_plain(size) for size in tensor.shape[1:]]
    return {"shape": sizes, "dtype": tensor.dtype} if tensor.dtype else sizes


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    return unwrap(value) if is_size(value) else value
