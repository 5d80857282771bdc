"""Tensors as a checkpoint holds them: what each weight of a layer is called there, and its shape."""

from __future__ import annotations

from typing import Any

from archspec.errors import ArchspecError, SpecError, show, suggestion
from archspec.graph.frame import Frame
from archspec.graph.graph import Layer, Stored
from archspec.graph.places import evaluated
from archspec.kinds.base import Shape, Traits, Weight
from archspec.language.validate import fail, place, show_name
from archspec.sizes import is_size, prod, require, whole

UP = "^"  # before a name: it stands a level higher than its layer


def stored(layer: Layer) -> tuple[Stored, ...]:
    """The tensors of a layer, those it shares too."""
    return of_kind(layer) if layer.stored is None else layer.stored


def of_kind(layer: Layer) -> tuple[Stored, ...]:
    """PyTorch's names and shapes of a layer's tensors, by its kind."""
    return tuple(
        [
            Stored(weight.name, _usual(weight, layer), weight.shape, weight.dtype, weight.buffer)
            for weight in layer.traits.weights
        ]
    )


def _usual(weight: Weight, layer: Layer) -> str:
    """What a tensor is called behind its layer's path. One of all experts is a module's own, and no layer's."""
    if weight.stacked and weight.name != "weight":
        return f"{UP}{layer.name.rpartition('.')[2]}_{weight.name}"
    return "" if weight.stacked or layer.traits.kind.bare else weight.name


def declared(layer: Layer, frame: Frame) -> tuple[Stored, ...]:
    """The tensors of a layer that says what they are called. Raises SpecError and ShapeError, at their place."""
    node = layer.node
    said = dict(node.weights or {})
    tensors: list[Stored] = []
    for tensor in of_kind(layer):
        try:
            tensors.append(
                _changed(tensor, evaluated(said.pop(tensor.weight, {}), frame, node, "weights", tensor.weight))
            )
        except ArchspecError as error:
            raise place(error, node.data, ("weights", tensor.weight), node.path) from None
    absent = {rule.name for rule in node.kind.weight_rules}  # such as the bias of a layer that has none here
    for name, value in said.items():
        if name not in absent:
            try:
                tensors.append(_empty(name, evaluated(value, frame, node, "weights", name), layer.traits))
            except ArchspecError as error:
                raise place(error, node.data, ("weights", name), node.path) from None
    names = [tensor.name for tensor in tensors]
    for tensor in tensors:
        if names.count(tensor.name) > 1:
            message = f"two tensors of the layer would be called `{show_name(tensor.name)}`"
            raise fail(message, node.data, "weights", path=node.path)
    return tuple(tensors)


def _changed(tensor: Stored, said: Any) -> Stored:
    """A tensor with what a layer says of it."""
    name, shape = _said(said)
    if shape is not None:
        message = "`{weight}` of {ours} has {count} scalars, {shape} would have {others}"
        count, others = prod(tensor.shape), prod(shape)
        require(
            others == count, message, weight=tensor.weight, ours=tensor.shape, count=count, shape=shape, others=others
        )
    return tensor._replace(name=tensor.name if name is None else name, shape=tensor.shape if shape is None else shape)


def _empty(weight: str, said: Any, traits: Traits) -> Stored:
    """A tensor without scalars, which a layer may have beside those of its kind."""
    name, shape = _said(said)
    if shape is None or not any(type(size) is int and size == 0 for size in shape):
        ours = [entry.name for entry in traits.weights]
        hint = suggestion(weight, ours) if ours else "a further one has no scalars: {shape: [0]}"
        raise SpecError(f"{traits.kind.kind} has no weight `{show_name(weight)}` here", hint=hint)
    return Stored("", weight if name is None else name, shape, "", False)


def _said(value: Any) -> tuple[str | None, Shape | None]:
    """The name and the shape that a layer says."""
    name, shape = (value.get("name"), value.get("shape")) if isinstance(value, dict) else (value, None)
    if not (name is None or isinstance(name, str)):
        raise SpecError(f"the name of a tensor must be text, got {show(name)}")
    if shape is None:
        return name, None
    if not isinstance(shape, (list, tuple)) or not all(map(is_size, shape)):
        raise SpecError(f"`shape` must be a list of sizes, got {show(shape)}")
    for size in shape:
        require(whole(size), "`shape` must be of whole numbers, got {size}", size=size)
        require(size >= 0, "`shape` must be of sizes of at least 0, got {size}", size=size)
    return name, tuple(shape)


def full_name(path: str, name: str) -> str:
    """A tensor's name: it stands behind its layer's path, each `^` before it takes one level off that.

    An empty one is the path itself. `*` is the last number that was taken off, that of a repeat's instance.
    """
    number = "*"
    while name.startswith(UP):
        path, _, level = path.rpartition(".")
        name, number = name[1:], level if level.isdecimal() else number
    name = name.replace("*", number)
    return f"{path}.{name}" if path and name else path or name


def name_below(path: str, full: str) -> str:
    """The name behind a path that :func:`full_name` makes the full one of."""
    ups = ""
    while path and path != full and not full.startswith(f"{path}."):
        path, ups = path.rpartition(".")[0], ups + UP
    return ups + (full[len(path) + 1 :] if path else full)
