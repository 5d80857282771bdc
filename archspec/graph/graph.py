"""What expansion leaves: a tree of layer calls with their shapes, repeats folded."""

from __future__ import annotations

from typing import NamedTuple

from archspec.kinds.base import Shape, Traits
from archspec.language.nodes import LayerNode, Node
from archspec.record import Record
from archspec.sizes import Size


class Value(NamedTuple):
    """A tensor between layers: its shape, batch first, and its dtype."""

    shape: Shape
    dtype: str


class Call(Record):
    """One layer with its shapes; ``repeat`` alike ones in a row. ``shared`` names the weights another layer owns.

    ``again``: it is the very module of the layer it is tied to, called once more.
    """

    name: str
    node: LayerNode
    traits: Traits
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    repeat: Size = 1
    shared: frozenset[str] = frozenset()
    again: bool = False
    index: int | None = None  # the first one's place in a repeat


class Group(Record):
    """Calls under one level of the path. ``label`` says what it is: a block's name, seq, residual, parallel, repeat."""

    name: str
    node: Node
    label: str
    items: tuple[Call | Group, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    repeat: Size = 1
    shared: bool = False  # every weight inside belongs to the group it is tied to
    index: int | None = None
    # A block met again with the same arguments and shapes shares its items with the first; what these call their inputs
    # and outputs are the first one's.
    body_inputs: tuple[Value, ...] = ()
    body_outputs: tuple[Value, ...] = ()


Item = Call | Group


class Graph(NamedTuple):
    """A network with its variables put in. ``repeated`` are the calls whose module is called again later."""

    inputs: dict[str, Value]
    items: tuple[Item, ...]
    outputs: tuple[Value, ...]
    repeated: frozenset[Call]
