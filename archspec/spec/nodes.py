"""What a spec's text becomes: frozen nodes that know their place in the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archspec.errors import Span
from archspec.expr import Expr
from archspec.kinds.base import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every layer can say, whatever it is."""

    name: str  # its id, or an automatic name: the kind and its ordinal among the scope's
    named: bool  # the id was written
    span: Span
    path: str  # place in the spec: layers.3
    file: str
    data: Any = field(repr=False)  # the layer's text as data, for the positions of its keys
    sources: tuple[str, ...] | None = None
    repeat: int | Expr | None = None
    when: Expr | bool | None = None
    tie: str | None = None
    freeze: bool = False
    train: bool = False  # runs only in training: has weights, does no operations in evaluation
    call: str = "module"
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerNode(Node):
    """A call of one kind. ``layer`` is the validated layer where no argument is an expression."""

    kind: type[Kind]
    arguments: Mapping[str, Any]
    expressions: tuple[tuple[str, Any], ...]  # arguments that hold an expression
    layer: Kind | None
    built: dict[tuple[Any, ...], Kind] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenNode(Node):
    """A normalisation or activation whose kind an expression gives: `act: $act`. ``make`` gives the layer for its value."""

    choice: Expr
    make: Callable[[Any], LayerNode]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeqNode(Node):
    """Layers one after the other. ``inline``: without a name of its own in paths."""

    body: tuple[Node, ...]
    inline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchesNode(Node):
    """Branches on one input, merged by a layer: `parallel`, and `residual` (body and shortcut, added)."""

    branches: tuple[SeqNode, ...]
    merge: LayerNode
    act: tuple[LayerNode | ChosenNode, ...]
    inline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UseNode(Node):
    """A call of a block; ``block`` is its name, or the expression that gives it."""

    block: str | Expr
    arguments: Mapping[str, Any]
    home: Home


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared variable: its type's name, and its default unless it is required."""

    type: str
    default: Any
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A named list of layers with parameters. It sees its parameters, and the variables of the file it stands in."""

    name: str
    params: Mapping[str, Parameter]
    inputs: tuple[str, ...]
    layers: tuple[Node, ...]
    outputs: tuple[str, ...]
    home: Home
    span: Span


@dataclass(slots=True)
class Home:
    """A file's name space: its blocks and the names of its variables and dims."""

    file: str
    blocks: dict[str, Block] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """A network input: sizes without the batch axis, and a dtype."""

    shape: tuple[Any, ...]
    dtype: str  # empty: the dtype of the analysis
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A checked spec: every name and argument known, variables still open."""

    file: str
    name: str
    summary: str
    source: str
    dims: Mapping[str, Any]
    inputs: Mapping[str, Input]
    vars: Mapping[str, Parameter]
    variants: Mapping[str, Mapping[str, Any]]
    layers: tuple[Node, ...]
    outputs: tuple[str, ...]
    expect: Mapping[str, Any]
    home: Home
    document: Any = field(repr=False)
