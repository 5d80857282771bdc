"""The values of a type's names: what a config says, its keys' defaults, what is worked out of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from archspec.errors import ArchspecError, SpecError, listed, show, suggestion
from archspec.expr import parse
from archspec.importers.folding import ADDRESS, Folder
from archspec.importers.specialising import in_order
from archspec.importers.transformers.types import ModelType, shared
from archspec.language.validate import fail

MAX_SIZE = 10**12
MAX_ENTRIES = 10_000  # of a list that says something for each layer


def values_of(kind: ModelType, data: Mapping[str, Any], given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The values of the config's keys or their defaults, beside those that are given. Raises ArchspecError."""
    for key in data:
        other = kind.renamed.get(key)
        if other is not None and other in data and other not in kind.renamed:
            raise fail(f"`{key}` and `{other}` are one key of {kind.name}: archspec takes one", data, key, path=path)
        if not kind.knows(key):
            hint = suggestion(key, kind.config)
            message = f"`{key}` is no key of a {kind.name} config that archspec knows: a size may follow from it"
            raise fail(message, data, key, path=path, hint=hint, of_key=True)
    for outer, known in kind.inside().items():
        if not isinstance(data.get(outer), dict | None):
            raise fail(f"`{outer}` must be a mapping, got {show(data[outer])}", data, outer, path=path)
        for key in data.get(outer) or ():
            if key not in known:
                message = f"`{key}` is no key of `{outer}` that archspec knows: a size may follow from it"
                raise fail(message, data[outer], key, path=f"{path}.{outer}" if path else outer, of_key=True)
    for key, allowed in kind.only.items():
        stated = data.get(key)
        if key in given or key not in data or (stated is None and key in kind.config):
            continue
        for value in stated if isinstance(stated, list) else [stated]:
            if not any(value == item and type(value) is type(item) for item in allowed):
                message = f"`{key}` is {show(value)}: archspec knows {kind.name} with {listed(map(show, allowed))}"
                raise fail(message, data, key, path=path)
    values: dict[str, Any] = {"model_type": kind.name, **given}
    for key, default in in_order({key: value for key, value in kind.config.items() if key not in given}):
        stated = [*[key] * (key not in kind.renamed), *(other for other, name in kind.renamed.items() if name == key)]
        values[key] = value_of(next(filter(data.__contains__, stated), stated[0]), default, data, values, path)
    return values | (by_layer(kind, data, values, path) if kind.per_layer else {})


def by_layer(kind: ModelType, data: Mapping[str, Any], values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Lists of what each layer has of the keys that a config may give by layer: of `head_dim`, `per_layer_head_dim`."""
    place = "per_layer_config"
    count, stated = values["num_hidden_layers"], data.get(place) or {}
    if not isinstance(stated, dict):
        raise fail(f"`{place}` must be a mapping of layers, got {show(stated)}", data, place, path=path)
    usual = {key: formula if place not in data else f"${key}" for key, formula in kind.per_layer.items()}
    made = {key: worked_out({"each": formula, "count": count}, values) for key, formula in usual.items()}
    for layer, entry in stated.items():
        index = int(layer) if str(layer).isascii() and str(layer).isdigit() and len(str(layer)) < 6 else count
        if not index < count or not isinstance(entry, dict):
            raise fail(f"`{place}`: {show(layer)} is no layer of {count}, with its keys", data, place, path=path)
        for key, value in entry.items():
            if key not in made or type(value) is not int or not 0 < value < MAX_SIZE:
                message = f"`{place}.{layer}.{key}` is {show(value)}: of its own a layer has only {listed(made)}"
                raise fail(message, data, place, path=path)
            made[key][index] = value
    return {f"per_layer_{key}": sizes for key, sizes in made.items()}


def value_of(key: str, default: Any, data: Mapping[str, Any], values: Mapping[str, Any], path: str) -> Any:
    """A key's value; the default where the config has none, or null for a default that is worked out."""
    if isinstance(default, dict) and "inside" in default:
        outer, inner = default["inside"], data.get(default["inside"])
        if isinstance(inner, dict) and default["key"] in inner:
            key, data, path = default["key"], inner, f"{path}.{outer}" if path else outer
        default = default["absent"]
    stated = data.get(key)
    if isinstance(default, dict) and "activation" in default:
        name = default["activation"] if stated is None else stated
        kinds = shared("activations")
        if not isinstance(name, str) or name not in kinds:
            hint = suggestion(name, kinds) if isinstance(name, str) else None
            raise fail(
                f"`{key}` names the activation {show(name)}, which is not known", data, key, path=path, hint=hint
            )
        return kinds[name]
    if isinstance(default, dict) and "rope" in default:
        return of_rope(key, default, data, path)
    if isinstance(default, dict) and "square" in default:
        default = default["square"]
        if isinstance(stated, list) and len(stated) == 2 and alike(stated[0], default) and stated[0] == stated[1]:
            return stated[0]
    if isinstance(default, dict) and "known" in default:
        return data.get(key, default["known"])
    if isinstance(default, dict) and "layers" in default:
        return of_layers(key, default["layers"] if stated is None else stated, data, path)
    if isinstance(default, dict) and "labels" in default:
        names = data.get("id2label")
        if isinstance(names, dict):
            return len(names)
        default = default["labels"]
    if isinstance(default, dict) and "absent" in default:
        if key in data and stated is None:
            return worked_out(default["empty"], values)
        default = default["absent"]
    derived = default is None or isinstance(default, dict) or (isinstance(default, str) and "$" in default)
    if key not in data or (stated is None and derived):
        return worked_out(default, values)
    usual = worked_out(default, values) if isinstance(default, dict) else default
    if (not derived or isinstance(default, dict)) and not alike(stated, usual):
        wanted = next(text for kind, text in TYPES.items() if isinstance(usual, kind))
        raise fail(f"`{key}` must be {wanted}, got {show(stated)}", data, key, path=path)
    outside = isinstance(stated, int) and stated != default and not 0 <= stated < MAX_SIZE  # a default of -1 is none
    if isinstance(stated, dict) or outside:
        raise fail(f"`{key}` must be a size, got {show(stated)}", data, key, path=path)
    if isinstance(stated, list) and isinstance(usual, list) and isinstance(default, dict) and len(stated) != len(usual):
        raise fail(f"`{key}` has {len(stated)} entries for {len(usual)} layers", data, key, path=path)
    if isinstance(stated, list) and len(stated) > MAX_ENTRIES:
        raise fail(f"`{key}` has {len(stated)} entries: at most {MAX_ENTRIES} are possible", data, key, path=path)
    return stated


def of_rope(key: str, default: Mapping[str, Any], data: Mapping[str, Any], path: str) -> Any:
    """A number of the rotary embedding's: by itself, or in one of the mappings that say how positions are embedded."""
    layers, inner = default.get("of", "full_attention"), default.get("key", key)
    for places in ((key,), ("rope_parameters", inner), ("rope_scaling", inner), ("rope_parameters", layers, inner)):
        value: Any = data
        for place in places:
            value = value.get(place) if isinstance(value, dict) else None
        if type(value) in (int, float) and 0 < value < MAX_SIZE:
            return value
        if value is not None:
            message = f"`{'.'.join(places)}` must be a number above 0, got {show(value)}"
            raise fail(message, data, places[0], path=path)
    return default["rope"]


def of_layers(key: str, stated: Any, data: Mapping[str, Any], path: str) -> list[int]:
    """Which hidden states of a network are taken, one or several: 1 is the first layer's, -1 the last one's."""
    items = stated if isinstance(stated, list) else [stated]
    if not 0 < len(items) <= MAX_ENTRIES or any(type(item) is not int or item == 0 for item in items):
        message = f"`{key}` must be the number of a layer, from 1 or from -1 backwards, or a list, got {show(stated)}"
        raise fail(message, data, key, path=path)
    return items


TYPES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}


def alike(stated: Any, default: Any) -> bool:
    """Whether a value is of its default's type."""
    if isinstance(default, list):
        return isinstance(stated, list)
    return type(stated) in (int, float) if isinstance(default, float) else type(stated) is type(default)


def worked_out(formula: Any, values: Mapping[str, Any]) -> Any:
    """A default's value: an expression, an activation that one names, a list made by one for each index, of whether an
    index is among those that one `marked`, of what the letters of a text stand for, or of how many alike stand before
    each entry of a list, and in all."""
    if isinstance(formula, dict) and "count" in formula:
        count = worked_out(formula["count"], values)
        if not isinstance(count, int) or not 0 <= count <= MAX_ENTRIES:
            raise SpecError(f"a list of {show(count)} entries: at most {MAX_ENTRIES} are possible")
        if "marked" in formula:
            indices = worked_out(formula["marked"], values) or []
            first = formula.get("from", 0)
            return [index in indices for index in range(first, first + count)]
        return [worked_out(formula["each"], {**values, "index": index}) for index in range(count)]
    if isinstance(formula, dict) and "activation" in formula:
        return shared("activations")[worked_out(formula["activation"], values)]
    if isinstance(formula, dict) and "root" in formula:
        return root(worked_out(formula["root"], values))
    if isinstance(formula, dict) and "spread" in formula:
        return spread(worked_out(formula["spread"], values))
    if isinstance(formula, dict) and "spelled" in formula:
        return spelled(worked_out(formula["spelled"], values), formula["letters"])
    if isinstance(formula, dict) and "before" in formula:
        entries = worked_out(formula["before"], values)
        return list(accumulate([int(entry == formula["of"]) for entry in entries], initial=0))
    if isinstance(formula, list):
        return [worked_out(item, values) for item in formula]
    if not isinstance(formula, str) or "$" not in formula:  # a mapping is put in as it is
        return formula
    folder = Folder(values)
    if ADDRESS.match(formula):
        return folder.text(formula)
    try:
        return folder.value(parse(formula, dollar=True).tree)
    except ArchspecError as error:
        raise SpecError(f"`{formula}` has no value: {error.message}") from None


def root(square: Any) -> int:
    """The side of a square of so many positions."""
    side = math.isqrt(square) if type(square) is int else 0
    if side**2 != square:
        raise SpecError(f"positions of a square are needed, got {show(square)}")
    return side


def spread(groups: Any) -> list[Any]:
    """A list of [items, times] with each group's items written out so often."""
    items: list[Any] = []
    for group in groups:
        match group:
            case [list(entries), int(times)] if len(entries) * times <= MAX_ENTRIES:
                items += [*entries] * times
            case _:
                raise SpecError(f"a list of [items, times] is needed, got {show(groups)}")
    return items


def spelled(text: Any, letters: Mapping[str, Any]) -> list[Any] | None:
    """A list of what each letter of a text stands for; None without a text."""
    if text is None:
        return None
    if not isinstance(text, str) or not set(text) <= set(letters) or len(text) > MAX_ENTRIES:
        raise SpecError(f"a text of the letters {''.join(letters)} is needed, got {show(text)}")
    return [letters[letter] for letter in text]
