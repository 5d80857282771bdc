"""A model of Keras made into a spec."""

from __future__ import annotations

from typing import Any

from archspec.errors import SpecError, UsageError, show
from archspec.importers.composing.compose import spec_of
from archspec.importers.composing.layers import FLOATS, Input, Layer, Output
from archspec.importers.composing.opening import opened
from archspec.importers.keras.network import Network, Order, Tensor, natural
from archspec.importers.keras.reading import Item, Model, read_model, shape_of
from archspec.importers.keras.running import run
from archspec.importers.sources import Converted
from archspec.language.validate import fail
from archspec.text.document import Document

DTYPES = FLOATS | {"int32", "int64", "int8", "int16", "uint8", "bool"}
IMAGE, STEPS = 224, 128  # sizes of axes that the file leaves open
OTHER = 96  # more, to see whether an argument follows from them
NAMES = {1: ["T"], 2: ["T"], 3: ["H", "W"], 4: ["D", "H", "W"]}


def convert(document: Document, architecture: str | None) -> Converted:
    """The spec of a model. Raises ArchspecError."""
    if architecture is not None:
        raise UsageError("--architecture is of configs: a model of Keras is one network")
    model = read_model(document.data)
    shapes = inputs_of(model)
    sizes = {
        name: STEPS if name == "T" else IMAGE
        for shape, _ in shapes.values()
        for size, name in zip(shape, names_of(shape), strict=True)
        if size is None
    }
    net, made, orders = traced(model, shapes, sizes)
    if sizes:
        other, _, _ = traced(model, shapes, {name: size + OTHER for name, size in sizes.items()})
        layer = opened(net.layers, other.layers)
        if layer is not None:
            message = f"an argument of {layer.kind} follows from a size that the file leaves open"
            path = ".".join((*layer.scope, layer.name)) or None
            raise SpecError(message, hint="give `Input` its shape in full", path=path)
    inputs = {
        name: Input(-1 - number, tuple(written(shape, orders[name])), dtype)
        for number, (name, (shape, dtype)) in enumerate(shapes.items())
    }
    outputs: list[Output] = [tensor.source for tensor in made]
    defaults = shared(net.layers)
    spec = spec_of(model.name or "model", inputs, net.layers, outputs)
    head = {"archspec": 1, "name": spec.pop("name"), "summary": "A model of Keras, with its channels first."}
    further = {"dims": sizes, "defaults": defaults}
    return Converted({**head, **{key: value for key, value in further.items() if value}, **spec})


def shared(layers: list[Layer]) -> dict[str, dict[str, Any]]:
    """Arguments that all normalisations of a kind have, taken off them."""
    defaults: dict[str, dict[str, Any]] = {}
    for kind in ("batchnorm", "layernorm"):
        alike = [layer.arguments for layer in layers if layer.kind == kind and not layer.arguments.get("counter")]
        first = alike[0] if len(alike) > 1 else {}
        common = {name: value for name, value in first.items() if all(other.get(name) == value for other in alike)}
        if common:
            defaults[kind] = common
            for arguments in alike:
                for name in common:
                    del arguments[name]
    return defaults


def traced(
    model: Model, shapes: dict[str, tuple[tuple[int | None, ...], str]], sizes: dict[str, int]
) -> tuple[Network, list[Tensor], dict[str, Order]]:
    """The layers of a model; twice, the second time with its inputs laid as the first layer that minds takes them."""
    orders = {name: natural(len(shape)) for name, (shape, _) in shapes.items()}
    for _ in range(2):
        net = Network(orders)
        feeds = []
        for number, (name, (shape, dtype)) in enumerate(shapes.items()):
            full = tuple([size or sizes[label] for size, label in zip(shape, names_of(shape), strict=True)])
            feeds.append(Tensor(-1 - number, 0, full, orders[name], dtype, name))
        made = run(net, model, feeds)
        if not net.layers:
            raise SpecError("the model has no layers behind its inputs")
        orders = {**orders, **net.wanted}
        for name in net.looked_up:
            shapes[name] = (shapes[name][0], "int64") if shapes[name][1] in FLOATS else shapes[name]
        if orders == net.orders and not net.looked_up:
            break
    return net, made, net.orders


def inputs_of(model: Model) -> dict[str, tuple[tuple[int | None, ...], str]]:
    """The inputs: shape without the batch, and dtype."""
    if model.sequential:
        item = next(iter(model.items.values()))
        name = item.name if item.kind == "InputLayer" else f"{item.name}_input"
        config = model.data["config"]
        stated = config.get("build_input_shape") if isinstance(config, dict) else None
        return {name: _input(item, stated)}
    if not model.inputs:
        raise fail("the model has no inputs", model.data, path="")
    found = {}
    for ref in model.inputs:
        item = model.items.get(ref.layer)  # type: ignore[assignment]
        if item is None or item.kind != "InputLayer":
            raise SpecError(f"the input {show(ref.layer)} is no InputLayer")
        found[ref.layer] = _input(item, None)
    return found


def _input(item: Item, stated: Any) -> tuple[tuple[int | None, ...], str]:
    config = item.config if isinstance(item.config, dict) else {}
    shape = config.get("batch_shape") or config.get("batch_input_shape") or stated
    if shape is None:
        hint = "give the model an `Input`, or call it once, before to_json()"
        raise fail("the file does not say the shape of the input", item.data, path=item.path, hint=hint)
    dtype: Any = "int64" if item.kind == "Embedding" else "float32"
    if item.kind == "InputLayer":
        dtype = config.get("dtype", "float32")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise fail(f"its dtype {show(dtype)} is none of tensors here", item.data, path=item.path)
    sizes = shape_of(shape, item.data, item.path)[1:]
    if not sizes:
        raise fail("its input has no axes behind the batch", item.data, path=item.path)
    return sizes, dtype


def names_of(shape: tuple[int | None, ...]) -> list[str]:
    """What axes are called where they are left open."""
    return [*NAMES.get(len(shape), []), *(f"n{number}" for number in range(len(shape)))][: len(shape)]


def written(shape: tuple[int | None, ...], order: Order) -> list[int | str]:
    """An input's sizes as the spec has them."""
    names = names_of(shape)
    sizes: list[int | str] = [f"${name}" if size is None else size for size, name in zip(shape, names, strict=True)]
    return [sizes[axis] for axis in order]
