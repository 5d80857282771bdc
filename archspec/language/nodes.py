"""What a spec's text becomes: frozen nodes that know their place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import Span
from archspec.expr import Expr
from archspec.kinds.base import Kind
from archspec.records import Record


class Each(Record):
    """The variable of a family, and its values: a number that counts from 0, or a list."""

    variable: str
    values: Any


class Node(Record):
    """What every layer can say, whatever it is."""

    name: str  # its id, or an automatic name: the kind and its ordinal among the scope's
    named: bool  # the id was written
    span: Span
    path: str  # place in the spec: layers.3
    file: str
    data: Any  # the layer's text as data, for the positions of its keys
    sources: tuple[str, ...] | None = None
    each: Each | None = None
    repeat: int | Expr | None = None
    when: Expr | bool | None = None
    tie: str | None = None
    freeze: bool = False
    train: bool = False  # runs only in training: has weights, does no operations in evaluation
    unused: bool = False  # never runs: has weights, does no operations
    call: str = "module"
    note: str | None = None
    copies: CopiesNode | None = None

    @property
    def several(self) -> bool:
        """Whether it stands several times, behind or beside each other: each instance is a level of names then."""
        return self.repeat is not None or self.each is not None

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes inside it."""
        return ()


class CopiesNode(Record):
    """Experts: how many, how many of them a row meets, whether they are one tensor, what each is called, and the
    numbers in that."""

    count: int | Expr
    active: int | Expr
    stacked: bool | Expr
    names: str
    first: int | Expr
    step: int | Expr
    keys: tuple[str, ...]  # its place in the layer's data


class LayerNode(Node):
    """A call of one kind. ``layer`` is the validated layer where no argument is an expression.

    Its arguments stand at ``data[keys...]``: ("conv",), or ("conv", "act") for an activation behind it. ``weights`` are
    what a checkpoint has of them: a name, or a mapping with `name` and `shape`.
    """

    kind: type[Kind]
    keys: tuple[str, ...]
    arguments: Mapping[str, Any]
    expressions: tuple[tuple[str, Any], ...]  # arguments that hold an expression
    layer: Kind | None
    weights: Mapping[str, Any] | None = None


class ChosenNode(Node):
    """A normalisation or activation whose kind an expression gives: `act: $act`."""

    choice: Expr
    keys: tuple[str, ...]  # its place in the data
    defaults: Mapping[str, Mapping[str, Any]]  # arguments of each kind in the file


class SeqNode(Node):
    """Layers one after the other. ``inline``: without a name of its own in paths."""

    body: tuple[Node, ...]
    inline: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.body


class BranchesNode(Node):
    """Branches on one input, merged by a layer: `parallel`, and `residual` (body and shortcut, added)."""

    branches: tuple[SeqNode, ...]
    merge: LayerNode
    act: tuple[LayerNode | ChosenNode, ...]
    inline: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (*self.branches, self.merge, *self.act)


class ExpertsNode(Node):
    """Experts: a router's scores send each row to some of them, whose outputs are weighed and summed.

    ``weigh`` is what becomes of the chosen scores, ``shared`` what every row meets beside.
    """

    router: SeqNode
    dispatch: LayerNode
    body: SeqNode
    weigh: SeqNode
    combine: LayerNode
    shared: SeqNode
    add: LayerNode
    inline: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        inside = (self.router, self.dispatch, self.body, self.weigh, self.combine, self.shared)
        return (*inside, self.add) if self.shared.body else inside


class UseNode(Node):
    """A call of a block; ``block`` is its name, or the expression that gives it."""

    block: str | Expr
    arguments: Mapping[str, Any]
    home: Home
    part: Block | None = None  # the spec in a file that it names
    outputs: tuple[str, ...] = ()  # what it puts out in the place of what the block does


class Parameter(Record):
    """A declared variable: its type's name, and its default unless it is required."""

    type: str
    default: Any
    required: bool


class Condition(Record):
    """What a block asks of its parameters; the ``message`` may hold values of ``params`` as ``{name}``."""

    that: Expr
    argument: str
    message: str
    params: tuple[str, ...]


class Block(Record):
    """A named list of layers with parameters. It sees its parameters, and the variables of the file it stands in."""

    name: str
    params: Mapping[str, Parameter]
    conditions: tuple[Condition, ...]
    inputs: tuple[str, ...]
    needed: int  # of these, so many at least; none where they have no names
    layers: tuple[Node, ...]
    outputs: tuple[str, ...]
    shared: bool  # every call with the same arguments is one module
    home: Home
    span: Span
    data: Any
    network: tuple[Spec, str | None] | None = None  # the spec and variant that it is

    @property
    def path(self) -> str:
        """Its place in its file."""
        return "" if self.network else f"blocks.{self.name}"


class Home:
    """A file's name space: its blocks. Who stands in it sees its variables and dims too."""

    def __init__(self, file: str, data: Any) -> None:
        self.file = file
        self.data = data
        self.blocks: dict[str, Block] = {}
        self.layers = 0  # written in them
        self.opened = False  # an address in it leads into a block, found where it was expanded


class Input(Record):
    """A network input: sizes without the batch axis, and a dtype."""

    shape: tuple[Any, ...]
    dtype: str  # empty: the dtype of the analysis
    span: Span


class Spec(Record):
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
    moved: Mapping[str, str]  # new addresses by old ones
    expect: Mapping[str, Any]
    home: Home
    files: Any  # where its parts are read from
    parts: Mapping[str, Spec]  # that were, theirs included, by their paths
    written: int  # layers in the file, those of its blocks included
    document: Any
