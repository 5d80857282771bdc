"""The JSON Schema of a configuration (draft 7): archspec.toml, or the table tool.archspec of pyproject.toml."""

from __future__ import annotations

from typing import Any

from archspec.fields import field_docs, one_line
from archspec.language.load import DTYPES
from archspec.policy.config_model import BudgetModel, ConfigModel, LimitModel, LintModel
from archspec.policy.metrics import METRICS
from archspec.record import Record
from archspec.validation import check_of, fields

VERSION = 1
ID = f"urn:archspec:config:{VERSION}"
Schema = dict[str, Any]


def config_schema() -> Schema:
    """The schema of a configuration file."""
    limit = {"$ref": "#/definitions/limit"}
    tools = sorted({name.partition(".")[0] for name in METRICS if "." in name})
    figures: Schema = dict.fromkeys(METRICS, limit)
    for tool in tools:
        inner = {name.partition(".")[2]: limit for name in METRICS if name.startswith(f"{tool}.")}
        figures[tool] = {"type": "object", "properties": inner, "additionalProperties": False}
    budget = _model(BudgetModel, at={"$ref": "#/definitions/at"})
    budget["properties"] |= figures
    at = {
        "description": "At what figures are counted: batch and dtype, and every dim or var by its name.",
        "type": "object",
        "properties": {"batch": {"type": "integer", "minimum": 1}, "dtype": {"enum": list(DTYPES)}},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": f"archspec configuration {VERSION}",
        **_model(
            ConfigModel,
            at={"$ref": "#/definitions/at"},
            lint={"$ref": "#/definitions/lint"},
            budget={"type": "array", "items": {"$ref": "#/definitions/budget"}},
        ),
        "definitions": {"at": at, "lint": _model(LintModel), "budget": budget, "limit": _model(LimitModel)},
    }


def _model(model: type[Record], **values: Schema) -> Schema:
    """A record as an object; ``values`` say more of a field than its annotation, which knows no other records."""
    docs = field_docs(model)
    properties: Schema = {}
    for name, annotation in fields(model).items():
        schema = values.get(name) or check_of(annotation).json
        if "anyOf" in schema:  # TOML has no null
            (schema,) = (each for each in schema["anyOf"] if each != {"type": "null"})
        default = getattr(model, name, None)
        given = {"default": default} if default not in (None, "", [], {}) else {}
        said = {"description": docs[name], **given}
        properties[name.replace("_", "-")] = {**said, "allOf": [schema]} if "$ref" in schema else {**said, **schema}
    text = one_line(model.__doc__)
    return {"description": text, "type": "object", "properties": properties, "additionalProperties": False}
