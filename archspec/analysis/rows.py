"""Graph -> the tree of rows: every distinct layer and group once, with its figures as the caller's own numbers."""

from __future__ import annotations

from typing import Any

from archspec.analysis.count import Counted, Ledger
from archspec.analysis.metrics import OF_LAYERS, Figures
from archspec.analysis.metrics import figures as figures_of
from archspec.analysis.report import Entry, Node
from archspec.conventions.loader import Convention
from archspec.graph.graph import Body, Graph, Group, Item, Layer
from archspec.graph.walk import TOP, State
from archspec.sizes import unwrap

Said = tuple[str, bool, tuple[Any, ...], tuple[Any, ...], Figures, Figures, str]  # how an entry begins
ALL_ALIKE: dict[Any, Node] = {}


def tree(ledger: Ledger, convention: Convention, graph: Graph) -> tuple[Node, ...]:
    """The tree of a whole network. Raises ArchspecError where a formula has no value."""
    return Rows(ledger, convention).body(graph.body, State.of(graph))


class Rows:
    """One tree. A body met again in the same state is not gone through again."""

    def __init__(self, ledger: Ledger, convention: Convention) -> None:
        self.ledger = ledger
        self.convention = convention
        self.layers: dict[int, Said] = {}  # by what was counted of them

    def body(self, body: Body, state: State) -> tuple[Node, ...]:
        """The nodes of a body."""
        known, key = self.ledger.known(body), (self.ledger.around, state, self.convention)
        nodes: tuple[Node, ...] | None = known.get(key)
        if nodes is None:
            nodes = known[key] = tuple([self.node(item, state) for item in body.items])
        return nodes

    def node(self, item: Item, state: State) -> Node:
        """An item, with the instances of which something else holds."""
        first = self.alone(item, state.inside(item))
        if not state.marks or item.first is None:
            return first
        turns = {turn for marks, _ in state.marks for turn in marks.turns(item)}
        return first._replace(others={turn: self.alone(item, state.inside(item, turn)) for turn in (*turns, None)})

    def alone(self, item: Item, state: State) -> Node:
        """One instance of an item, in its own state."""
        node = item.node
        if isinstance(item, Group):
            nodes, shared, said = self.body(item.body, state), state.shared, self.group(item, state)
        else:
            nodes, shared, said = (), state.shared or bool(item.shared), self.layer(item, self.ledger.call(item, state))
        note = node.note or ""
        if state is not TOP or shared:
            words = [
                word
                for word, on in (
                    ("tied", shared),
                    ("frozen", state.frozen),
                    ("train only", state.train),
                    ("unused", state.unused),
                )
                if on
            ]
            note = ", ".join([*words, note] if note else words)
        return Node(Entry(*said, node.span.line, note, item, state), unwrap(item.repeat), nodes, ALL_ALIKE)

    def layer(self, layer: Layer, counted: Counted) -> Said:
        """What is said of every layer of its figures."""
        said = self.layers.get(id(counted))
        if said is None:
            traits, name, own = layer.traits, self.convention.name, self.ledger.own
            said = self.layers[id(counted)] = (
                traits.kind.kind, False, own(traits.inputs), own(traits.outputs[0]), counted.figures,
                own(counted.columns[name]), counted.status[name],
            )  # fmt: skip
        return said

    def group(self, group: Group, state: State) -> Said:
        """What is said of a group, with the sums of what is in it."""
        sums, convention, own = self.ledger.item(group, state), self.convention, self.ledger.own
        columns = {name: sums.get((convention.name, name), 0) for name in convention.columns}
        inputs, outputs = group.body.shapes_in(), group.body.shapes_out()
        figures = own(figures_of(sums, OF_LAYERS))
        return (
            group.label,
            True,
            own(inputs),
            own(outputs[0] if outputs else ()),
            figures,
            own(columns),
            "",
        )
