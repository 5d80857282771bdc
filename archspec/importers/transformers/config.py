"""A config of transformers (``config.json``) as a spec."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from archspec.errors import ArchspecError, SpecError, UsageError, listed, show, suggestion
from archspec.importers.folding import Folder
from archspec.importers.sources import Converted
from archspec.importers.specialising import Specialiser
from archspec.importers.transformers.types import ModelType, model_type, names, shared
from archspec.language.validate import fail
from archspec.text.document import Document

MAX_SIZE = 10**12
MAX_ENTRIES = 10_000  # of a list that says something for each layer


def convert(document: Document, architecture: str | None) -> Converted:
    """The spec of a config, for the class that ``architecture`` or the config names. Raises ArchspecError."""
    data: Any = document.data
    name = data["model_type"]
    if not isinstance(name, str) or name not in names():
        hint = suggestion(name, names()) if isinstance(name, str) else None
        raise fail(f"the model type {show(name)} is not known", data, "model_type", path="", hint=hint)
    kind = model_type(name)
    chosen = class_of(kind, data, architecture)
    values = values_of(kind, data, kind.classes[chosen])
    made = Specialiser(copy.deepcopy(dict(kind.spec)), values, copy.deepcopy(shared("blocks"))).run()
    header = {"archspec": 1, "name": name, "summary": f"{chosen} of transformers.", "source": kind.source}
    order = ("dims", "inputs", "vars", "blocks", "layers", "outputs")
    return Converted({**header, **{key: made[key] for key in order if made.get(key)}})


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


def values_of(kind: ModelType, data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all names: the config's keys, their defaults, what is worked out. Raises ArchspecError."""
    for key in data:
        if key not in kind.config and key not in kind.ignored and key not in kind.only:
            hint = suggestion(key, kind.config)
            message = f"`{key}` is no key of a {kind.name} config that archspec knows: a size may follow from it"
            raise fail(message, data, key, path="", hint=hint, of_key=True)
    for key, allowed in kind.only.items():
        if key in data and data[key] not in allowed:
            message = f"`{key}` is {show(data[key])}: archspec knows {kind.name} with {listed(map(show, allowed))}"
            raise fail(message, data, key, path="")
    values: dict[str, Any] = dict(given)
    for key, default in kind.config.items():
        values[key] = value_of(key, default, data, values)
    for key, formula in kind.fixed.items():
        values[key] = worked_out(formula, values)
    return values


def value_of(key: str, default: Any, data: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """A key's value; the default where the config has none, or null for a default that is worked out."""
    stated = data.get(key)
    if isinstance(default, dict) and "activation" in default:
        name = default["activation"] if stated is None else stated
        kinds = shared("activations")
        if not isinstance(name, str) or name not in kinds:
            hint = suggestion(name, kinds) if isinstance(name, str) else None
            raise fail(f"`{key}` names the activation {show(name)}, which is not known", data, key, path="", hint=hint)
        return kinds[name]
    derived = isinstance(default, dict) or (isinstance(default, str) and "$" in default)
    if key not in data or (stated is None and derived):
        return worked_out(default, values)
    if not derived and default is not None and not alike(stated, default):
        raise fail(f"`{key}` must be {TYPES[type(default)]}, got {show(stated)}", data, key, path="")
    if isinstance(stated, dict) or (isinstance(stated, int) and not 0 <= stated < MAX_SIZE):
        raise fail(f"`{key}` must be a size, got {show(stated)}", data, key, path="")
    if isinstance(stated, list) and len(stated) > MAX_ENTRIES:
        raise fail(f"`{key}` has {len(stated)} entries: at most {MAX_ENTRIES} are possible", data, key, path="")
    return stated


TYPES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}


def alike(stated: Any, default: Any) -> bool:
    """Whether a value is of its default's type; null stands for what is left out."""
    if isinstance(default, float):
        return type(stated) in (int, float)
    return stated is None or type(stated) is type(default)


def worked_out(formula: Any, values: Mapping[str, Any]) -> Any:
    """A default's value: an expression, or a list made by one for each index."""
    if isinstance(formula, dict) and "each" in formula:
        count = worked_out(formula["count"], values)
        if not isinstance(count, int) or not 0 <= count <= MAX_ENTRIES:
            raise SpecError(f"a list of {show(count)} entries: at most {MAX_ENTRIES} are possible")
        return [worked_out(formula["each"], {**values, "index": index}) for index in range(count)]
    if not isinstance(formula, str) or "$" not in formula:
        return formula
    from archspec.expr import parse

    folder = Folder(values)
    try:
        return folder.value(parse(formula, dollar=True).tree)
    except ArchspecError as error:
        raise SpecError(f"`{formula}` has no value: {error.message}") from None
