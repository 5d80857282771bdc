"""Models as JSON Schema, draft 7: what editors and check-jsonschema read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from archspec.models.types import Json, one_of


class Draft7(GenerateJsonSchema):
    """pydantic's generator without titles; a union of types is one schema where it can be, null no default."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return one_of(self.generate_inner(schema["schema"]), {"type": "null"})

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return (
            made if made.get("default") not in (None, "", [], {}) else {k: v for k, v in made.items() if k != "default"}
        )


def schema_of(model: type[BaseModel], **options: Any) -> Json:
    """The schema of a model; those it refers to stand under ``definitions``."""
    made = model.model_json_schema(schema_generator=Draft7, ref_template="#/definitions/{model}", **options)
    if "$defs" in made:
        made["definitions"] = made.pop("$defs")
    plain: Json = _plain(made)
    return plain


def file_schema(model: type[BaseModel], name: str) -> Json:
    """The schema of the files of a name, version 1."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": f"urn:archspec:{name}:1"}
    return {**head, "title": f"archspec {name} 1", **schema_of(model)}


def _plain(part: Any) -> Any:
    """Without titles; draft 7 ignores what stands beside a ``$ref``, so that goes into ``allOf``."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: _plain(value) for key, value in part.items()}
    if "ref" in made and isinstance(made["ref"], str):
        made["$ref"] = f"#/definitions/{made.pop('ref')}"
    if "$ref" in made and len(made) > 1:
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made
