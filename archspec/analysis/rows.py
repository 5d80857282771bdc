"""Graph -> the tree of rows: every distinct layer and group once, with its figures as the caller's own numbers."""

from __future__ import annotations

from typing import Any

from archspec.analysis.count import Ledger
from archspec.analysis.metrics import OF_LAYERS, figures, unwrapped
from archspec.analysis.report import Entry, Node
from archspec.conventions.loader import Convention
from archspec.graph.graph import Body, Graph, Group, Item, Layer
from archspec.graph.walk import State
from archspec.sizes import unwrap


def tree(ledger: Ledger, convention: Convention, graph: Graph) -> tuple[Node, ...]:
    """The tree of a whole network. Raises ArchspecError where a formula has no value."""
    return Rows(ledger, convention).body(graph.body, State.of(graph))


class Rows:
    """One tree. A body met again in the same state is not gone through again."""

    def __init__(self, ledger: Ledger, convention: Convention) -> None:
        self.ledger = ledger
        self.convention = convention
        self.bodies: dict[tuple[int, State], tuple[Node, ...]] = {}

    def body(self, body: Body, state: State) -> tuple[Node, ...]:
        """The nodes of a body."""
        key = (id(body), state)
        nodes = self.bodies.get(key)
        if nodes is None:
            nodes = self.bodies[key] = tuple([self.node(item, state) for item in body.items])
        return nodes

    def node(self, item: Item, state: State) -> Node:
        """An item, with the instances of which something else holds."""
        others: dict[Any, Node] = {}
        if state.marks and item.first is not None:
            for turn in {turn for marks, _ in state.marks for turn in marks.turns(item)}:
                others[turn] = self.alone(item, state.inside(item, turn))
            others[None] = self.alone(item, state.inside(item, None))
        first = self.alone(item, state.inside(item))
        return first._replace(others=others) if others else first

    def alone(self, item: Item, state: State) -> Node:
        """One instance of an item, in its own state."""
        nodes = self.body(item.body, state) if isinstance(item, Group) else ()
        return Node(self.entry(item, state), unwrap(item.repeat), nodes, {})

    def entry(self, item: Item, state: State) -> Entry:
        """What is said of a layer or a group."""
        convention = self.convention.name
        if isinstance(item, Layer):
            counted = self.ledger.call(item, state)
            own, columns, status = counted.figures, counted.columns[convention], counted.status[convention]
            kind, inputs, outputs = item.traits.kind.kind, item.traits.inputs, item.traits.outputs
        else:
            sums = self.ledger.item(item, state)
            own = unwrapped(figures(sums, OF_LAYERS))
            columns = {name: sums.get((convention, name), 0) for name in self.convention.columns}
            status, kind, inputs, outputs = "", item.label, item.body.shapes_in(), item.body.shapes_out()
        shared = (isinstance(item, Layer) and bool(item.shared)) or state.shared
        notes = [word for word, on in (("tied", shared), ("frozen", state.frozen), ("train only", state.train)) if on]
        if item.node.note:
            notes.append(item.node.note)
        return Entry(
            kind=kind, group=isinstance(item, Group), inputs=unwrapped(inputs),
            output=unwrapped(outputs[0] if outputs else ()), figures=own,
            columns=unwrapped(columns), status=status, line=item.node.span.line, note=", ".join(notes),
            item=item, state=state,
        )  # fmt: skip
