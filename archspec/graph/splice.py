"""A spec as a part of another: the values of its variables, the shapes it takes, and how far it is walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.errors import ArchspecError, SpecError, UsageError, show, suggestion
from archspec.expr import Expr
from archspec.expr.tree import Ref
from archspec.graph.frame import Frame, Level, resolve
from archspec.graph.graph import Tensor
from archspec.graph.places import called, evaluated
from archspec.graph.variables import variables
from archspec.kinds.base import alike
from archspec.language.nodes import Block, Node, Spec, UseNode
from archspec.language.parameters import fits
from archspec.language.validate import fail, show_name
from archspec.sizes import require


def values_of(node: UseNode, block: Block, frame: Frame, tensors: list[Tensor]) -> dict[str, Any]:
    """The part's dims and vars: as the call says them, or its variant; a dim also as the inputs have it.

    Raises ArchspecError, ShapeError where the inputs are not those of the part.
    """
    assert block.network is not None
    spec, variant = block.network
    said = {name: argument(node, block, name, frame) for name in node.arguments}
    try:
        env = variables(spec, variant, {**sizes_met(spec, tensors), **said})
    except UsageError as error:
        if error.span is not None:
            raise called(error, node) from None
        raise fail(error.message, node.data, "use", path=node.path, hint=error.hint) from None
    except ArchspecError as error:
        raise called(error, node) from None
    try:
        inner = Frame(env, tensors[0], Level())
        for (name, stated), tensor in zip(spec.inputs.items(), tensors, strict=True):
            fitting(f"`{name}` of `{show_name(block.name)}`", resolve(list(stated.shape), inner), stated.dtype, tensor)
    except ArchspecError as error:
        raise error.located(span=node.span, path=node.path) from None
    return env


def argument(node: UseNode, block: Block, name: str, frame: Frame) -> Any:
    """What a call says under `with`."""
    if name not in block.params:
        message = f"`{show_name(block.name)}` has no dim or var `{show_name(name)}`"
        hint = suggestion(name, block.params)
        raise fail(message, node.data, "with", name, path=node.path, hint=hint, of_key=True)
    value = evaluated(node.arguments[name], frame, node, "with", name)
    if not fits(value, block.params[name]):
        message = f"`{name}` of `{show_name(block.name)}` must be of type {block.params[name].type}, got {show(value)}"
        raise fail(message, node.data, "with", name, path=node.path)
    return value


def sizes_met(spec: Spec, tensors: list[Tensor]) -> dict[str, Any]:
    """The values of dims that stand alone among the sizes of an input: what the tensor there has."""
    met: dict[str, Any] = {}
    for stated, tensor in zip(spec.inputs.values(), tensors, strict=False):
        for size, actual in zip(stated.shape, tensor.shape[1:], strict=False):
            if isinstance(size, Expr) and isinstance(size.tree, Ref) and size.text.strip("$ ") in spec.dims:
                met.setdefault(size.text.strip("$ "), actual)
    return met


def fitting(what: str, shape: list[Any], dtype: str, tensor: Tensor) -> None:
    """Check that a tensor is what a part takes. Raises ShapeError, SpecError."""
    actual = tensor.shape[1:]
    if len(shape) != len(actual):
        raise SpecError(f"{what} has the shape {show(shape)}, got {show(list(actual))}")
    require(
        alike(tuple(shape), actual), f"{what} has the shape {{wanted}}, got {{actual}}", wanted=tuple(shape),
        actual=actual,
    )  # fmt: skip
    if dtype and dtype != tensor.dtype:
        raise SpecError(f"{what} is {dtype}, got {tensor.dtype}")


Step = Callable[[Node, Frame, tuple[int, ...]], tuple[int, ...]]


def until(outputs: tuple[str, ...], nodes: tuple[Node, ...], frame: Frame, ports: tuple[int, ...], step: Step) -> None:
    """Expand layers until there is all that ``outputs`` name: what is behind is left out."""
    current, left = ports, outputs
    for node in nodes:
        left = tuple([name for name in left if not there(name, frame)])
        if not left:
            return
        current = step(node, frame, current)


def there(address: str, frame: Frame) -> bool:
    """Whether an address begins with an id that is known by now."""
    parts = address.split(".")
    return any(".".join(parts[:end]) in frame.ids for end in range(1, len(parts) + 1))
