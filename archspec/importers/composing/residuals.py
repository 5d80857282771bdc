"""Layers whose output is added to what they read: residuals."""

from __future__ import annotations

from archspec.importers.composing.layers import Output
from archspec.importers.composing.naming import Entry, Names, Node, Place
from archspec.importers.composing.tree import Leaf, output_of


def residuals(names: Names, place: Place) -> None:
    """Layers whose output is added to their input as a residual; an id that was made up for that goes."""
    nodes = list(place.written)
    for end in range(len(nodes) - 1, 0, -1):
        if end >= len(nodes):
            continue
        leaf, entry = nodes[end]
        if not isinstance(leaf, Leaf) or set(entry) - {"id"} != {"add"} or not isinstance(entry["add"], list):
            continue
        inputs = names.layers[leaf.number].inputs
        before = (output_of(nodes[end - 1][0]), 0)
        if len(inputs) != 2 or before not in inputs or inputs[0] == inputs[1]:
            continue
        start = inputs[1 - inputs.index(before)]
        begin = _begin(place, nodes, start, end)
        if begin is None or "from" in nodes[begin][1] or any("when" in entry for _, entry in nodes[begin:end]):
            continue
        if "id" in entry and (leaf in names.given or not all(_is_plain(names, node) for node, _ in nodes[begin:end])):
            continue  # an id is a level in the names of what stands in it
        made: Entry = {"residual": [entry for _, entry in nodes[begin:end]]}
        made |= {"id": entry["id"]} if "id" in entry else {}
        nodes[begin : end + 1] = [(leaf, made)]
        for source, text in zip(inputs, entry["add"], strict=True):
            _unnamed(names, source, text)
    place.entries[:] = [entry for _, entry in nodes]


def _is_plain(names: Names, node: Node) -> bool:
    """Whether a layer has no id from its source."""
    return isinstance(node, Leaf) and (not node.name or node in names.given)


def _unnamed(names: Names, source: Output, text: str) -> None:
    """One reading by name less."""
    way = names.ways.get(source[0])
    if way is None or not isinstance(way[-1], Leaf):
        return
    leaf = names.written_as(way[-1])
    if leaf not in names.given or text.rsplit(".", maxsplit=1)[-1] != leaf.name:
        return
    names.named[leaf] -= 1
    if not names.named[leaf]:
        names.entries[leaf].pop("id", None)


def _begin(place: Place, nodes: list[tuple[Node, Entry]], start: Output, end: int) -> int | None:
    if start == place.first:
        return 0
    for number in range(end - 1):
        if (output_of(nodes[number][0]), 0) == start:
            return number + 1
    return None
