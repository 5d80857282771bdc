"""Tensors called as the module calls them, and those that its graph does not read."""

from __future__ import annotations

from typing import Any

from archspec.importers.composing.layers import FLOATS, Layer, Output, Weight
from archspec.importers.headers.base import place_of
from archspec.importers.torch_export.reading import Program
from archspec.kinds.base import Shape

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def name_weights(layers: list[Layer], program: Program) -> None:
    """Say in each layer what its tensors are called and how they lie, where that does not follow from its place."""
    stored = {entry.full for entry in program.stored}
    for layer in layers:
        if layer.kind == "parameter" or not layer.weights:
            _lay(layer)
            continue
        if layer.kind == "batchnorm" and "running_mean" in layer.weights:
            path = layer.weights["running_mean"].name.rpartition(".")[0]
            if f"{path}.num_batches_tracked" not in stored:
                layer.arguments["counter"] = False
        said = _said(layer)
        if said:
            layer.keys["weights"] = said


def _lay(layer: Layer) -> None:
    """Say how a tensor that a layer gives as it is lies, where leading axes of 1 are left out."""
    for name, weight in layer.weights.items():
        if tuple(weight.shape) != layer.shape:
            layer.keys["weights"] = {name: {"shape": list(weight.shape)}}


def _said(layer: Layer) -> dict[str, Any]:
    owners = {weight.name.rpartition(".")[0] for weight in layer.weights.values()}
    usual = all(weight.name.rpartition(".")[2] == name for name, weight in layer.weights.items())
    said: dict[str, Any] = {}
    shapes = _shapes(layer)
    if not usual or len(owners) > 1:
        owner = min(owners, key=len)
        stem = next(iter(layer.weights.values())).name[len(owner) :].strip(".").replace(".", "_")
        layer.scope = tuple(owner.split(".")) if owner else ()
        layer.name = stem.removesuffix("_weight") or layer.kind
        for name, weight in layer.weights.items():
            said[name] = "^" + (weight.name[len(owner) + 1 :] if owner else weight.name)
    for name, weight in layer.weights.items():
        if name in shapes and tuple(weight.shape) != tuple(shapes[name]):
            shape = {"shape": list(weight.shape)}
            said[name] = {"name": said[name], **shape} if name in said else shape
    return said


def _shapes(layer: Layer) -> dict[str, Shape]:
    """The shapes that the kind's own weights have."""
    weight = layer.weights.get("weight")
    if layer.kind != "linear" or weight is None:
        return {}
    return {"weight": weight.shown}


def left_out(layers: list[Layer], program: Program) -> tuple[str, ...]:
    """What a reader should know of tensors that the spec does not list: buffers of whole numbers."""
    read = {weight.name for layer in layers for weight in layer.weights.values()}
    counted = {f"{name.rpartition('.')[0]}.{STATISTICS[2]}" for name in read if name.endswith(".running_mean")}
    names = [
        entry.full
        for entry in program.stored
        if entry.sort == "buffer" and entry.persistent and entry.full not in read and entry.full not in counted
    ]
    if not names:
        return ()
    return (f"{len(names)} buffers of whole numbers are not listed: {place_of(names[0])}{', ...' * (len(names) > 1)}",)


def unread(layers: list[Layer], outputs: list[Output], program: Program) -> tuple[list[Layer], list[Output]]:
    """The layers, behind tensors that the module has and no layer reads."""
    read = {weight.name for layer in layers for weight in layer.weights.values()}
    counted = {name.rpartition(".")[0] for name in read if name.endswith(".running_mean")}
    found: list[Layer] = []
    for entry in program.stored:
        stated = program.tensors.get(entry.name)
        path, _, last = entry.full.rpartition(".")
        kept = entry.sort == "parameter" or (entry.sort == "buffer" and entry.persistent)
        if entry.owner in read or not kept or stated is None or (last in STATISTICS[2:] and path in counted):
            continue
        shape: Any = list(stated.nominal) if len(stated.nominal) != 1 else stated.nominal[0]
        if 0 in stated.nominal or (entry.sort == "buffer" and stated.dtype not in FLOATS):
            continue
        arguments = {"shape": shape if stated.nominal else 1, "once": True}
        if entry.sort == "buffer":
            arguments["buffer"] = True
        weight = Weight(entry.full, stated.nominal, stated.dtype)
        scope = tuple(path.split(".")) if path else ()
        layer = Layer("parameter", arguments, [], scope, {"weight": weight}, (stated.nominal or (1,),), batched=False)
        layer.name, layer.keys = last, {"unused": True}
        found.append(layer)
    if not found:
        return layers, outputs
    count = len(found)

    def moved(source: Output) -> Output:
        return source if source[0] < 0 else (source[0] + count, source[1])

    for layer in layers:
        layer.inputs = [moved(source) for source in layer.inputs]
    return [*found, *layers], [moved(output) for output in outputs]
