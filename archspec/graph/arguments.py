"""Arguments of kinds and blocks, with the values of their expressions put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import ArchspecError, Fault, ShapeError, SpecError, show, suggestion
from archspec.graph.frame import Frame, resolve
from archspec.graph.places import called, evaluated
from archspec.kinds.base import Kind
from archspec.language.blocks import block_called
from archspec.language.building import build
from archspec.language.nodes import Block, Condition, LayerNode, UseNode
from archspec.language.parameters import fits
from archspec.language.validate import fail, place, show_name
from archspec.sizes import Requirement


def built(node: LayerNode, frame: Frame) -> Kind:
    """The layer with its expressions' values put in. Raises SpecError."""
    values = {name: evaluated(value, frame, node, *node.keys, name) for name, value in node.expressions}
    return build(node.kind, {**node.arguments, **values}, node.data, node.keys, node.path)


def block_of(node: UseNode, frame: Frame) -> Block:
    """The block a call names. Raises SpecError."""
    name = evaluated(node.block, frame, node, "use")
    try:
        if not isinstance(name, str):
            raise SpecError(f"`use` takes the name of a block, got {show(name)}")
        return block_called(name, node)
    except ArchspecError as error:
        raise place(error, node.data, ("use",), node.path) from None


def handed_over(node: UseNode, block: Block, sources: tuple[int, ...]) -> tuple[int, ...]:
    """The tensors that a call hands over: as many as the block needs where it names none. Raises SpecError."""
    if node.sources is None and block.needed < len(block.inputs):
        sources = sources[: block.needed]
    if block.inputs and not block.needed <= len(sources) <= len(block.inputs):
        least = "" if block.needed == len(block.inputs) else f"{block.needed} to "
        wanted = f"{least}{len(block.inputs)} input{'s' * (len(block.inputs) != 1)} ({', '.join(block.inputs)})"
        message, hint = f"block `{block.name}` takes {wanted}, got {len(sources)}", "name them with `from: [a, b]`"
        raise fail(message, node.data, "use", path=node.path, hint=hint)
    return sources


def arguments_of(node: UseNode, block: Block, frame: Frame, around: Mapping[str, Any]) -> dict[str, Any]:
    """The block's parameters with their values, after the variables ``around`` the block. Raises ArchspecError.

    Defaults may refer to these variables, and to parameters before them.
    """
    for name in node.arguments:
        if name not in block.params:
            message = f"block `{block.name}` has no parameter `{show_name(name)}`"
            hint = suggestion(name, block.params)
            raise fail(message, node.data, "with", name, path=node.path, hint=hint, of_key=True)
    env = dict(around)
    inner = Frame(env, frame.here, frame.level)
    open_conditions = list(block.conditions)
    for name, parameter in block.params.items():
        if name in node.arguments:
            value = evaluated(node.arguments[name], frame, node, "with", name)
        elif parameter.required:
            hint = f"write `with: {{{name}: ...}}`, of type {parameter.type}"
            raise fail(f"block `{block.name}` needs `{name}`", node.data, "use", path=node.path, hint=hint)
        else:
            value = _default(block, name, inner, node)
        if not fits(value, parameter):
            message = f"`{name}` of block `{block.name}` must be of type {parameter.type}, got {show(value)}"
            raise fail(message, node.data, "with", name, path=node.path)
        env[name] = value
        # Before the defaults behind, which may have no value where a condition fails: `$dim / $heads` of 0 heads.
        ready = [condition for condition in open_conditions if env.keys() >= condition.that.names - {"in"}]
        for condition in ready:
            meet(condition, block, inner, node)
            open_conditions.remove(condition)
    for condition in open_conditions:
        meet(condition, block, inner, node)
    return env


def meet(condition: Condition, block: Block, frame: Frame, node: UseNode) -> None:
    """Check what a block asks of a call; the error stands at the parameter it is about."""
    try:
        holds = condition.that.evaluate(frame.lookup)
        if not (isinstance(holds, bool) or getattr(holds, "is_condition", False)):
            raise SpecError(f"`that` must be true or false, got {show(holds)}")
    except ArchspecError as error:
        keys = ("require", block.conditions.index(condition), "that")
        place(error, block.data, keys, block.path).located(file=block.home.file)
        raise called(error, node) from None
    if holds is True:
        return
    name = condition.argument
    values = {parameter: frame.env[parameter] for parameter in condition.params}
    try:
        Requirement(condition.message, None, name, values).check(holds)
    except ShapeError as error:
        error.fault = Fault("unmet-condition", block.name)
        raise place(error, node.data, ("with", name) if name in node.arguments else ("use",), node.path) from None


def _default(block: Block, name: str, frame: Frame, node: UseNode) -> Any:
    """The default of a block's parameter; an error in it stands in the block."""
    try:
        return resolve(block.params[name].default, frame)
    except ArchspecError as error:
        place(error, block.data, ("params", name), block.path).located(file=block.home.file)
        raise called(error, node) from None
