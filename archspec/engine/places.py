"""Errors of an expansion at their place in the text: the key, the argument or the expression at fault."""

from __future__ import annotations

from typing import Any, TypeVar

from archspec.engine.frame import Frame, resolve
from archspec.engine.graph import Item, Value
from archspec.engine.ties import shared_weights
from archspec.errors import ArchspecError, ShapeError, SpecError, show
from archspec.sizes import Partial
from archspec.spec.nodes import Block, BranchesNode, LayerNode, Node, UseNode
from archspec.spec.validate import fail, place

Fault = TypeVar("Fault", bound=ArchspecError | Partial)


def evaluated(value: Any, frame: Frame, node: Node, *keys: str) -> Any:
    """The value with its expressions evaluated; it stands at ``keys`` of the layer. Raises SpecError there."""
    try:
        return resolve(value, frame)
    except (ArchspecError, Partial) as error:
        raise place(error, node.data, keys, node.path) from None


def condition(node: Node, frame: Frame) -> bool:
    """Whether a layer's `when` holds."""
    value = evaluated(node.when, frame, node, "when")
    if isinstance(value, (str, list, dict)):
        raise fail(f"`when` must be true or false, got {show(value)}", node.data, "when", path=node.path)
    return bool(value)


def unlike(error: ShapeError, node: BranchesNode, ends: list[Value]) -> ShapeError:
    """The error of a merge, with the branch that each shape comes from."""
    pairs = zip(node.branches, ends, strict=True)
    given = (f"`{branch.name or 'body'}` gives {show(end.shape)}" for branch, end in pairs)
    error.hint = ", ".join(given)
    return error


def sources_of(node: Node, frame: Frame, current: tuple[Value, ...]) -> tuple[Value, ...]:
    """The tensors that `from`, or the `of` of a kind, names; ``current`` are those of the layer before."""
    found: list[Value] = []
    for index, name in enumerate(node.sources or ()):
        try:
            found.extend(current if name == "prev" else frame.entry(name).values[:1])
        except ArchspecError as error:
            keys: tuple[str | int, ...] = ("from",) if "from" in node.data else getattr(node, "keys", ())
            value = node.data
            for key in keys:
                value = value[key]
            if isinstance(value, dict):
                keys, value = (*keys, "of"), value["of"]
            raise place(error, node.data, (*keys, index) if isinstance(value, list) else keys, node.path) from None
    return tuple(found)


def outputs_of(
    names: tuple[str, ...], frame: Frame, last: tuple[Value, ...], data: Any, path: str, file: str
) -> tuple[Value, ...]:  # fmt: skip
    """The tensors that the `outputs` of a spec or block names, or those of its last layer."""
    found: list[Value] = []
    for index, name in enumerate(names):
        try:
            found.extend(frame.entry(name).values)
        except ArchspecError as error:
            raise place(error, data, ("outputs", index), path).located(file=file) from None
    return tuple(found) or last


def tied(item: Item, owner: Item | None, node: Node) -> Item:
    """The item with the weights marked that it shares with ``owner``, which its `tie` names."""
    assert node.tie is not None
    try:
        return shared_weights(item, owner, node.tie)
    except (ArchspecError, Partial) as error:
        raise place(error, node.data, ("tie",), node.path) from None


def misfit(error: Fault, node: LayerNode) -> Fault:
    """A layer's error at the argument it is about: a kind's message names that one first (`kernel 7 does not fit`)."""
    words = error.message.replace("`", "").split()[:2] if isinstance(error, ArchspecError) else ()
    argument = next((word for word in words if word in node.arguments), None)
    return place(error, node.data, (*node.keys, argument) if argument else node.keys, node.path)


def default_of(block: Block, name: str, frame: Frame, node: UseNode) -> Any:
    """The default of a block's parameter; an error in it stands in the block."""
    try:
        return resolve(block.params[name].default, frame)
    except (ArchspecError, Partial) as error:
        place(error, block.data, ("params", name), f"blocks.{block.name}").located(file=block.home.file)
        raise called(error, node) if isinstance(error, ArchspecError) else error from None


def called(error: ArchspecError, node: UseNode) -> ArchspecError:
    """The error of a block's layer, with the place the block is called from."""
    error.calls.append(f"called from {node.file}:{node.span.line}:{node.span.column}: {node.path}")
    return error


def self_call(stack: list[str], name: str) -> SpecError:
    """The error of a block that is called inside itself."""
    chain = " -> ".join(part.rpartition(":")[2] for part in stack)
    return SpecError(f"block `{name}` calls itself: {chain}", hint="`repeat` says a thing several times")
