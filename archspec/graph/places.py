"""What a layer says of itself while a spec is expanded, its errors at their place: the key or expression at fault."""

from __future__ import annotations

from typing import Any, TypeVar

from archspec.errors import ArchspecError, CallSite, ShapeError, SpecError, show
from archspec.expr import Expr
from archspec.graph.addresses import Entry
from archspec.graph.frame import Frame, resolve
from archspec.graph.graph import Copies, Item, Tensor, Tie
from archspec.graph.ties import shared_weights
from archspec.language.nodes import BranchesNode, CopiesNode, LayerNode, Node, UseNode
from archspec.language.validate import fail, place
from archspec.sizes import Size, is_size, require, whole

Fault = TypeVar("Fault", bound=ArchspecError)
MAX_REPEAT = 10**12  # what Python prints has 4300 digits, and repeats stand in repeats


def evaluated(value: Any, frame: Frame, node: Node, *keys: str) -> Any:
    """The value with its expressions evaluated; it stands at ``keys`` of the layer. Raises SpecError there."""
    try:
        return resolve(value, frame)
    except ArchspecError as error:
        raise place(error, node.data, keys, node.path) from None


def condition(node: Node, frame: Frame) -> bool:
    """Whether a layer's `when` holds."""
    value = evaluated(node.when, frame, node, "when")
    if isinstance(value, (str, list, dict)):
        raise fail(f"`when` must be true or false, got {show(value)}", node.data, "when", path=node.path)
    return bool(value)


def decided(node: Node) -> bool:
    """Whether a layer's `when` can be worked out before its inputs are known."""
    return node.when is not None and not (isinstance(node.when, Expr) and "in" in node.when.names)


def repeat_count(node: Node, frame: Frame) -> Size:
    """How often a layer's `repeat` says that it stands in a row. Raises SpecError, ShapeError."""
    count: Size = evaluated(node.repeat, frame, node, "repeat")
    try:
        if not is_size(count):
            raise SpecError(f"`repeat` must be a whole number, got {show(count)}")
        require(whole(count), "`repeat` must be a whole number, got {count}", count=count)
        require(count >= 0, "`repeat` must be at least 0, got {count}", count=count)
        if type(count) is int and count > MAX_REPEAT:
            raise SpecError(f"`repeat` must be at most {MAX_REPEAT}, got {show(count)}")
    except ArchspecError as error:
        raise place(error, node.data, ("repeat",), node.path) from None
    return count


def of_instance(node: Node, frame: Frame, count: Size) -> Node:
    """A repeated node as one of its instances: of a tie to a repeat of as many, each goes to the one of its number."""
    if node.tie is None or type(count) is not int:
        return node
    entry = frame.find(node.tie).steps[-1].entry
    paired = entry.runs is not None and type(entry.instances) is int and entry.instances == count > 1
    return node.replaced(tie=f"{node.tie}.{frame.env['index']}") if paired else node


def copies_of(said: CopiesNode, frame: Frame, node: Node) -> Copies:
    """The experts that a layer stands for. Raises SpecError, ShapeError."""
    values = {name: getattr(said, name) for name in ("count", "active", "first", "step", "stacked")}
    values = {name: evaluated(value, frame, node, *said.keys, name) for name, value in values.items()}
    stacked = values.pop("stacked")
    for name, value in values.items():
        try:
            if not is_size(value):
                raise SpecError(f"`{name}` must be a whole number, got {show(value)}")
            require(whole(value), f"`{name}` must be a whole number, got {{value}}", value=value)
            least = 0 if name == "first" else 1
            require(value >= least, f"`{name}` must be at least {least}, got {{value}}", value=value)
            if name == "active":
                message = "`active` is {active} of {count} experts"
                require(value <= values["count"], message, active=value, count=values["count"])
        except ArchspecError as error:
            raise place(error, node.data, (*said.keys, name), node.path) from None
    if not isinstance(stacked, bool):
        raise fail(
            f"`stacked` must be true or false, got {show(stacked)}", node.data, *said.keys, "stacked", path=node.path
        )
    return Copies(values["count"], values["active"], stacked, said.names, values["first"], values["step"])


def unlike(error: ShapeError, node: BranchesNode, ends: list[Tensor]) -> ShapeError:
    """The error of a merge, with the branch that each shape comes from."""
    pairs = zip(node.branches, ends, strict=True)
    error.hint = ", ".join(f"`{branch.name or 'body'}` gives {show(end.shape)}" for branch, end in pairs)
    return error


class Unclear(tuple[int, ...]):
    """What a layer left out by `when` hands on where a reader may expect another tensor: no one may take it."""

    name: str = ""  # the layer's


def left_out(node: Node, frame: Frame, sources: tuple[int, ...], current: tuple[int, ...]) -> Entry:
    """What stands for a layer left out by `when`: its first input.

    Its id says so. What merely comes behind it might as well mean the layer before: it must be the same.
    """
    values = sources[:1]
    if values != current:
        values = Unclear(values)
        values.name = node.name or "a layer"
    return Entry(frame.level.body, values)


def settled(current: tuple[int, ...]) -> tuple[int, ...]:
    """The tensors of the layer before. Raises SpecError where that was left out and it is unclear which they are."""
    if isinstance(current, Unclear):
        message = f"`{current.name}`, left out here, stands for its first input, which is not the layer before it"
        raise SpecError(message, hint="say which is meant: `from`, `outputs`, or another order of its inputs")
    return current


def sources_of(node: Node, frame: Frame, current: tuple[int, ...], *, first: bool) -> tuple[int, ...]:
    """The tensors that `from`, or the `of` of a kind, names; ``current`` are those of the layer before.

    Of a layer that is left out only the ``first`` one, which it stands for, has to be there.
    """
    sources: list[int] = []
    for index, name in enumerate((node.sources or ())[: 1 if first else None]):
        try:
            sources.extend(settled(current) if name == "prev" else frame.sources(name))
        except ArchspecError as error:
            keys: tuple[str | int, ...] = ("from",) if "from" in node.data else getattr(node, "keys", ())
            value = node.data
            for key in keys:
                value = value[key]
            if isinstance(value, dict):
                keys, value = (*keys, "of"), value["of"]
            raise place(error, node.data, (*keys, index) if isinstance(value, list) else keys, node.path) from None
    if node.sources and not sources:
        message = f"`{node.sources[0]}`, an input of the block, is left out in this call"
        raise SpecError(message, hint="a layer that takes nothing else needs a `when`, or the block that input")
    return tuple(sources)


def outputs_of(
    names: tuple[str, ...], frame: Frame, last: tuple[int, ...], data: Any, path: str, file: str
) -> tuple[int, ...]:
    """The tensors that the `outputs` of a spec or block names, or those of its last layer."""
    outputs: list[int] = []
    for index, name in enumerate(names):
        try:
            outputs.extend(frame.tensors(name))
        except ArchspecError as error:
            raise place(error, data, ("outputs", index), path).located(file=file) from None
    return tuple(outputs) or settled(last)


def tied(item: Item, owner: Item | None, tie: Tie, node: Node, name: str, key: str) -> Item:
    """The item with the weights marked that it shares with ``owner``, called ``name``, as ``key`` says."""
    try:
        return shared_weights(item, owner, tie, name)
    except ArchspecError as error:
        raise place(error, node.data, (key,), node.path) from None


def misfit(error: Fault, node: LayerNode) -> Fault:
    """A layer's error at the argument it is about, where the layer says that one."""
    argument = (error.argument,) if error.argument in node.arguments else ()
    return place(error, node.data, (*node.keys, *argument), node.path)


def called(error: ArchspecError, node: UseNode) -> ArchspecError:
    """The error of a block's layer, with the place the block is called from."""
    error.calls.append(CallSite(node.file, node.span.line, node.span.column, node.path))
    return error


def self_call(around: list[str], name: str) -> SpecError:
    """The error of a block that is called inside itself, ``around`` it the blocks it is in."""
    chain = " -> ".join((*around, name))
    return SpecError(f"block `{name}` calls itself: {chain}", hint="`repeat` says a thing several times")
