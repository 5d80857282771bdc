"""A config of transformers (``config.json``) as a spec."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from archspec.errors import UsageError, listed, show, suggestion
from archspec.importers.sources import Converted
from archspec.importers.specialising import Data, Specialiser, in_order, names_in
from archspec.importers.transformers.parts import block_of
from archspec.importers.transformers.types import ModelType, library, model_type, names
from archspec.importers.transformers.values import values_of, worked_out
from archspec.language.validate import fail
from archspec.text.document import Document


def convert(document: Document, architecture: str | None) -> Converted:
    """The spec of a config, for the class that ``architecture`` or the config names. Raises ArchspecError."""
    data: Any = document.data
    kind = kind_of(data, data["model_type"], "")
    chosen = class_of(kind, data, architecture)
    made, _ = network(kind, chosen, data, "", {})
    header = {"archspec": 1, "name": kind.name, "summary": f"{chosen} of transformers.", "source": kind.source}
    order = ("dims", "inputs", "vars", "blocks", "layers", "outputs")
    return Converted({**header, **{key: made[key] for key in order if made.get(key)}})


def kind_of(data: Mapping[str, Any], name: Any, path: str) -> ModelType:
    """The model type of that name. Raises SpecError where it is not known."""
    if not isinstance(name, str) or name not in names():
        hint = suggestion(name, names()) if isinstance(name, str) else None
        keys = ["model_type"] * ("model_type" in data)
        raise fail(f"the model type {show(name)} is not known", data, *keys, path=path, hint=hint)
    return model_type(name)


def network(
    kind: ModelType, chosen: str, data: Mapping[str, Any], path: str, told: Mapping[str, Any]
) -> tuple[Data, dict[str, Any]]:
    """A class of a type as a spec's parts, and the values of all its names, some of them ``told`` by a whole that it is
    a part of. Raises ArchspecError."""
    data = told_apart(kind, data)
    given = {**kind.classes[chosen], **told}
    values = values_of(kind, data, given, path)
    whole = values.get("whole")  # a class that is one of its config's parts, and nothing beside it
    if whole is not None:
        return inner_network(kind, whole, data, path, {}, "model")
    spec = {**kind.spec, **kind.forms.get(values.get("form", ""), {})}
    for key, part in kind.parts.items():
        if worked_out(part.get("when", True), values):
            told = {name: worked_out(formula, values) for name, formula in part.get("with", {}).items()}
            made, known = inner_network(kind, key, data, path, told, worked_out(part.get("as", "model"), values))
            name = key.removesuffix("_config")
            blocks, variables = block_of(made, name, copy.deepcopy(part))
            spec["blocks"] = {**spec.get("blocks", {}), **blocks}
            spec["dims"] = {**made.get("dims", {}), **spec.get("dims", {})}
            values |= {f"{name}_{key}": value for key, value in known.items()} | variables
    for key, formula in in_order({key: value for key, value in kind.fixed.items() if key not in given}):
        values[key] = worked_out(formula, values)
    for condition in kind.require:
        if not worked_out(condition["that"], values):
            shown = ", ".join(f"{name} = {show(values[name])}" for name in sorted(names_in(condition["that"])))
            raise fail(f"{kind.name} needs {condition['that']}: {shown}", data, condition["key"], path=path)
    return Specialiser(spec, values, library(), kind.expressions).run(), values


def inner_network(
    kind: ModelType, key: str, data: Mapping[str, Any], path: str, told: Mapping[str, Any], what: str
) -> tuple[Data, dict[str, Any]]:
    """The network of a config inside the config, one of the type's parts: ``what`` of its classes, unless the part says
    it. Raises ArchspecError."""
    part = kind.parts[key]
    inner = data.get(key)
    if not isinstance(inner, dict | None):
        raise fail(f"`{key}` must be a config, got {show(inner)}", data, key, path=path)
    usual: Mapping[str, Any] = part.get("default", {})
    config: Mapping[str, Any] = usual if inner is None else {**usual, **inner} if part.get("filled") else inner
    place = f"{path}.{key}" if path else key
    stated = config.get("model_type")
    nested = kind_of(config, part["type"] if stated in (None, "", kind.name) else stated, place)
    if nested.name not in part.get("types", [nested.name]):
        known = listed(part["types"])
        raise fail(f"archspec knows {kind.name} with {known} there, not {nested.name}", data, key, path=path)
    nested = nested.replaced(ignored=nested.ignored.union(part.get("ignored", ())))
    return network(nested, part.get("class") or nested.plain(what), config, place, told)


def told_apart(kind: ModelType, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A config with the keys of a `flat` part, which stand beside the whole's own, in a config of their own."""
    for key, part in kind.parts.items():
        if part.get("flat") and data.get(key) is None:
            inner = model_type(part["type"])
            config = {name: value for name, value in data.items() if inner.knows(name) and name != "model_type"}
            own = {name: value for name, value in data.items() if name not in config or kind.knows(name)}
            data = {**own, key: config}
    return data


def class_of(kind: ModelType, data: Mapping[str, Any], architecture: str | None) -> str:
    """The class that is meant. Raises ArchspecError where it is not known, or none is named."""
    known = listed(kind.classes)
    if architecture is not None:
        if architecture not in kind.classes:
            raise UsageError(f"{kind.name} has no class {show(architecture)}", hint=f"it has {known}")
        return architecture
    stated = data.get("architectures")
    if not stated:
        hint = f"say it with --architecture: {known}"
        raise UsageError("the config does not name the class that is meant: `architectures` is empty", hint=hint)
    if not isinstance(stated, list) or not isinstance(stated[0], str):
        raise fail("`architectures` must be a list of names", data, "architectures", path="")
    if stated[0] not in kind.classes:
        message = f"{kind.name} has no class {show(stated[0])} that archspec knows"
        raise fail(message, data, "architectures", path="", hint=f"--architecture takes {known}")
    return stated[0]
