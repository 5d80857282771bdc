"""The JSON Schema of a spec (draft 7), made from the headers, the kinds and their docstrings.

A layer is one object with a property for each kind, not a union of objects: a validator then names the wrong key
instead of listing why each of the union's members does not fit, and an editor completes keys as they are typed.

No argument is required: `defaults` may supply any of them, which a schema cannot follow, and one that refuses a valid
spec is worse than one that leaves a missing kernel to `archspec check`. Every value may be an expression, a string with
a ``$``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from archspec.fields import field_docs, one_line
from archspec.kinds import kinds
from archspec.kinds.base import Kind
from archspec.language.header import (
    CALLS,
    LAYER_KEYS,
    MERGES,
    PARALLEL_KEYS,
    RESIDUAL_KEYS,
    STRUCTURES,
    BlockHeader,
    Header,
)
from archspec.models.base import default_of
from archspec.models.describe import schema_of
from archspec.models.types import EXPRESSION, one_of
from archspec.record import Record
from archspec.validation import check_of, fields

VERSION = 1
ID = f"urn:archspec:spec:{VERSION}"
Schema = dict[str, Any]

_LAYER: Schema = {"$ref": "#/definitions/layer"}
_LAYERS: Schema = {"$ref": "#/definitions/layers"}
_FOLDED: Schema = {"$ref": "#/definitions/folded"}
_ANY_OBJECT: Schema = {"type": "object"}
_FIGURE: Schema = {"type": ["number", "string"]}
_VARIABLES: Schema = {"type": "object", "propertyNames": {"not": {"enum": ["in", "index"]}}}
_ID: Schema = {"type": "string"}


def spec_schema() -> Schema:
    """The schema of a spec file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": f"archspec {VERSION}",
        **_model(Header, _header(), ["archspec", "name", "inputs", "layers"]),
        "definitions": {
            "layers": {"type": "array", "items": _LAYER},
            "layer": _layer(),
            "folded": _folded(),
            "block": _model(BlockHeader, {"params": _VARIABLES, "layers": _LAYERS}, ["layers"]),
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


def _described(text: str, schema: Schema, **more: Any) -> Schema:
    """A schema with hover text. Draft 7 ignores what stands beside a ``$ref``, so that goes into ``allOf``."""
    return {"description": text, **({"allOf": [schema]} if "$ref" in schema else schema), **more}


def _object(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


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


def _layer() -> Schema:
    values: dict[str, Schema] = {
        "id": {"type": ["string", "null"], "not": {"enum": ["prev", "in"]}},
        "from": one_of(_ID, {"type": "array", "items": _ID, "minItems": 1}),
        "repeat": one_of({"type": "integer", "minimum": 0}, EXPRESSION),
        "when": one_of({"type": "boolean"}, EXPRESSION),
        "tie": {"type": ["string", "null"]},
        "with": {"type": ["object", "null"]},
        "freeze": {"type": "boolean"},
        "train_only": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "call": {"enum": list(CALLS)},
    }
    properties = {name: _described(text, values[name]) for name, text in LAYER_KEYS.items()}
    properties |= {name: _described(text, _structure(name)) for name, text in STRUCTURES.items()}
    properties |= {name: _kind(kind) for name, kind in kinds().items()}
    return {
        "description": "One layer: the name of a kind, or a kind or structure with what else the layer says.",
        "anyOf": [{"enum": list(kinds())}, _ANY_OBJECT],
        "properties": properties,
        "additionalProperties": False,
        "not": {"type": "object", "propertyNames": {"enum": list(LAYER_KEYS)}},
        "dependencies": {"with": ["use"]},
    }


def _structure(name: str) -> Schema:
    """What `seq`, `residual`, `parallel` or `use` takes."""
    if name == "seq":
        return _LAYERS
    if name == "use":
        return {"type": "string"}
    if name == "residual":
        values = {"body": _LAYERS, "shortcut": {"anyOf": [_LAYERS, {"type": "null"}]}, "act": _FOLDED}
        properties = {key: _described(text, values[key]) for key, text in RESIDUAL_KEYS.items()}
        return {**_object(properties, required=["body"]), "type": ["object", "array"], "items": _LAYER}
    values = {
        "branches": {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": {"anyOf": [_LAYERS, {"type": "null"}]},
        },
        "merge": {"enum": list(MERGES)},
        "axis": argument_schema(kinds()["concat"], "axis"),
        "broadcast": argument_schema(kinds()["add"], "broadcast"),
        "act": _FOLDED,
    }
    return _object({key: _described(text, values[key]) for key, text in PARALLEL_KEYS.items()}, required=["branches"])


def _folded() -> Schema:
    """`norm` and `act`: a kind's name or {kind: arguments}."""
    return {
        "anyOf": [{"enum": [*kinds(), "none", None]}, EXPRESSION, _ANY_OBJECT],
        "properties": {name: {"$ref": f"#/definitions/layer/properties/{name}"} for name in kinds()},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _header() -> Schema:
    """What the header's types leave to the code that reads a spec."""
    from archspec.kinds.dtypes import DTYPES

    size = one_of({"type": "integer", "minimum": 1}, EXPRESSION)
    shape = {"type": "array", "items": size}
    dtype = {"enum": [*DTYPES, ""]}
    given = _object({"shape": shape, "dtype": dtype}, required=["shape"])
    arguments = {name: {"allOf": [_ANY_OBJECT, {"$ref": f"#/definitions/layer/properties/{name}"}]} for name in kinds()}
    return {
        "archspec": {"const": VERSION},
        "dims": {**_VARIABLES, "additionalProperties": size},
        "inputs": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {**given, "type": ["array", "object"], "items": size},
        },
        "vars": _VARIABLES,
        "variants": {"type": "object", "additionalProperties": _ANY_OBJECT},
        "defaults": _object(arguments),
        "blocks": {"type": "object", "additionalProperties": {"$ref": "#/definitions/block"}},
        "layers": {"type": "array", "items": _LAYER, "minItems": 1},
        "expect": {
            "type": "object",
            "additionalProperties": {"type": ["number", "string", "object"], "additionalProperties": _FIGURE},
        },
    }


def _model(model: type[Record], values: Schema, required: list[str]) -> Schema:
    """A header model with its docstrings as hover text; ``values`` say more of a field than its annotation."""
    docs = field_docs(model)
    properties = {
        name: _described(docs[name], values.get(name) or one_of(check_of(field).json))
        for name, field in fields(model).items()
    }
    return {"description": one_line(model.__doc__), **_object(properties, required=required)}
