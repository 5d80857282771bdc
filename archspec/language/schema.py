"""The JSON Schema of a spec (draft 7), made from the models of its header, its layers and the kinds.

A layer is one object with a property for each kind, not a union of objects: a validator then names the wrong key
instead of listing why each of the union's members does not fit, and an editor completes keys as they are typed.

No argument is required: `defaults` may supply any of them, which a schema cannot follow, and one that refuses a valid
spec is worse than one that leaves a missing kernel to `archspec check`. Every value may be an expression, a string with
a ``$``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from archspec.kinds import kinds
from archspec.kinds.base import Kind
from archspec.language.header import BlockHeader, Header
from archspec.language.keys import LAYER_KEYS, Layer
from archspec.models.base import default_of
from archspec.models.describe import schema_of
from archspec.models.docstrings import one_line
from archspec.models.types import EXPRESSION, one_of

VERSION = 1
ID = f"urn:archspec:spec:{VERSION}"
Schema = dict[str, Any]

_LAYER: Schema = {"$ref": "#/definitions/layer"}
_OBJECT: Schema = {"type": "object"}


def spec_schema() -> Schema:
    """The schema of a spec file."""
    header, layer = schema_of(Header), schema_of(Layer)
    block = schema_of(BlockHeader)
    shared = {**header.pop("definitions"), **layer.pop("definitions"), **block.pop("definitions"), "BlockHeader": block}
    _written_in_place(header, shared)
    _written_in_place(layer, shared)
    properties = header["properties"]
    properties["inputs"]["minProperties"] = 1
    properties["defaults"]["properties"] = {
        name: {"allOf": [_OBJECT, {"$ref": f"#/definitions/layer/properties/{name}"}]} for name in kinds()
    }
    properties["defaults"]["additionalProperties"] = False
    properties["layers"] |= {"minItems": 1}
    properties["expect"]["additionalProperties"] = {
        "type": ["number", "string", "object"],
        "additionalProperties": {"type": ["number", "string"]},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": f"archspec {VERSION}",
        **header,
        "required": ["archspec", "name", "inputs", "layers"],
        "definitions": {
            "layers": {"type": "array", "items": _LAYER},
            "layer": _layer(layer["properties"]),
            "folded": _folded(),
            **shared,
        },
    }


def argument_schema(kind: type[Kind], name: str) -> Schema:
    """What one argument of a kind takes, expressions included; without its description."""
    schema = {key: value for key, value in _arguments(kind)[name].items() if key not in ("description", "default")}
    return schema["allOf"][0] if list(schema) == ["allOf"] else schema


@cache
def _arguments(kind: type[Kind]) -> dict[str, Schema]:
    properties: dict[str, Schema] = schema_of(kind).get("properties", {})
    return properties


def _written_in_place(part: Any, shared: dict[str, Schema]) -> None:
    """Choices between a list and a mapping as one schema, the mapping's model written out: one complaint each."""
    if isinstance(part, list):
        for item in part:
            _written_in_place(item, shared)
    elif isinstance(part, dict):
        options = part.get("oneOf") or part.get("anyOf") or []
        names = [option.get("$ref", "").rpartition("/")[2] for option in options]
        if "oneOf" in part and any(name in shared for name in names):
            lists = {"layers": {"type": "array", "items": _LAYER}}
            made = one_of(*({**lists, **shared}.get(name, option) for name, option in zip(names, options, strict=True)))
            described = {key: value for key, value in part.items() if key == "description"}
            part.clear()
            part.update({**made, **described})
        for value in part.values():
            _written_in_place(value, shared)


def _kind(kind: type[Kind]) -> Schema:
    """A kind's value: its arguments, nothing, or the main argument alone."""
    properties: Schema = {}
    for name, schema in _arguments(kind).items():
        properties[name] = dict(schema)
        if default_of(kind, name) is ...:
            properties[name]["description"] += " Required, here or under `defaults`."
    value: Schema = {"type": ["object", "null"]}
    if kind.main is not None:
        value = one_of(value, argument_schema(kind, kind.main))
    return {"description": one_line(kind.__doc__), **value, "properties": properties, "additionalProperties": False}


def _layer(keys: Schema) -> Schema:
    return {
        "description": "One layer: the name of a kind, or a kind or structure with what else the layer says.",
        "anyOf": [{"enum": list(kinds())}, _OBJECT],
        "properties": {**keys, **{name: _kind(kind) for name, kind in kinds().items()}},
        "additionalProperties": False,
        "not": {"type": "object", "propertyNames": {"enum": list(LAYER_KEYS)}},
        "dependencies": {"with": ["use"], "outputs": ["use"]},
    }


def _folded() -> Schema:
    """`norm` and `act`: a kind's name or {kind: arguments}."""
    return {
        "anyOf": [{"enum": [*kinds(), "none", None]}, EXPRESSION, _OBJECT],
        "properties": {name: {"$ref": f"#/definitions/layer/properties/{name}"} for name in kinds()},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
