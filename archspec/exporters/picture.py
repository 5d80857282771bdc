"""A network as a picture: repeats as one node with their number, blocks opened as far as it stays small."""

from __future__ import annotations

from typing import Any

from archspec.analysis.report import Report, of_one_point
from archspec.graph.graph import PORT, Body, Group, Item
from archspec.records import NamedTuple

MOST = 60  # nodes: what fits a page, and GitHub draws
MAX_DEPTH = 8


class Box(NamedTuple):
    """A node, or with ``inside`` a frame around others; its lines of text."""

    key: str
    lines: tuple[str, ...]
    inside: tuple[Box, ...] | None = None


class Picture(NamedTuple):
    """Nodes in each other, and arrows between those that hold no others."""

    name: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]


def picture(report: Report) -> Picture:
    """The picture of a network that is opened as deep as it may be with so many nodes, its top level always."""
    of_one_point(report, "export")
    drawn = _Drawing(report, 0).picture
    for depth in range(1, MAX_DEPTH):
        deeper = _Drawing(report, depth)
        if deeper.nodes > MOST:
            break
        drawn = deeper.picture
    return drawn


class _Around(NamedTuple):
    """A body that is opened: in which group, and what its inputs come from."""

    body: Body
    key: str
    sources: tuple[str, ...]


class _Drawing:
    def __init__(self, report: Report, depth: int) -> None:
        self.nodes = 0
        self.arrows: dict[tuple[str, str], None] = {}
        graph = report.graph
        inputs = [
            Box(f"i{number}", (name, _size(tensor.shape))) for number, (name, tensor) in enumerate(graph.inputs.items())
        ]
        boxes, outputs = self.opened(_Around(graph.body, "n", tuple([box.key for box in inputs])), depth)
        ends = []
        for number, (tensor, source) in enumerate(zip(graph.outputs, outputs, strict=False)):
            ends.append(Box(f"o{number}", ("output", _size(tensor.shape))))
            self.arrows[source, f"o{number}"] = None
        name = report.variant or report.spec.name
        self.picture = Picture(name, (*inputs, *boxes, *ends), tuple(self.arrows))

    def opened(self, around: _Around, depth: int) -> tuple[tuple[Box, ...], list[str]]:
        """The boxes of a body, and those that its outputs come from."""
        body = around.body
        boxes: list[Box] = []
        made: dict[int, list[str]] = {}  # of an item the boxes of its outputs

        def source(number: int) -> str:
            tensor = body.tensors[number]
            return around.sources[tensor.port] if tensor.item == PORT else made[tensor.item][tensor.port]

        for place, item in enumerate(body.items):
            key = f"{around.key}_{place}"
            sources = [source(number) for number in item.inputs]
            if isinstance(item, Group) and depth > 0:
                inside, outputs = self.opened(_Around(item.body, key, tuple(sources)), depth - 1)
                boxes.append(Box(key, _words(item, body), inside))
                made[place] = outputs
                continue
            self.nodes += 1
            boxes.append(Box(key, _words(item, body)))
            self.arrows.update(dict.fromkeys((from_, key) for from_ in sources))
            made[place] = [key] * (len(item.body.outputs) if isinstance(item, Group) else len(item.outputs))
        return tuple(boxes), [source(number) for number in body.outputs]


def _words(item: Item, body: Body) -> tuple[str, ...]:
    """What stands in a box: the name, the kind and how often, the size of what comes out."""
    kind = item.label if isinstance(item, Group) else item.traits.kind.kind
    name = item.name
    if isinstance(item, Group) and item.label == "repeat":
        labels = {_label(inner) for inner in item.body.items}
        total: Any = sum(inner.repeat for inner in item.body.items)
        kind = f"{' | '.join(sorted(labels))} x{total}"
    elif item.first is not None and type(item.repeat) is int and item.repeat != 1:
        name, kind = f"{item.first}-{item.first + item.repeat - 1}", f"{kind} x{item.repeat}"
    if item.copies is not None:
        kind = f"{kind}, {item.copies.number} experts"
    return name, kind, _size(body.tensors[item.outputs[0]].shape) if item.outputs else ""


def _label(item: Item) -> str:
    return item.label if isinstance(item, Group) else item.traits.kind.kind


def _size(shape: tuple[object, ...]) -> str:
    return " x ".join(map(str, shape[1:])) or "1"
