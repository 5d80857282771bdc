"""Files other than specs as pydantic models: their base, what is wrong with a file, and its JSON Schema (draft 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from archspec.language.validate import Finding, worded

Schema = dict[str, Any]
Text = StrictStr
Texts = list[StrictStr]


class Model(BaseModel):
    """A mapping with these keys and no others; the docstring below each key is its manual and its hover text."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        defer_build=True,
        use_attribute_docstrings=True,
        alias_generator=lambda name: name.removesuffix("_").replace("_", "-"),
        populate_by_name=True,
    )


class Invalid(ValueError):
    """What a validator finds: a whole sentence, its hint, and the keys from the validated value to the place."""

    def __init__(self, message: str, *keys: str | int, hint: str | None = None, of_key: bool = False) -> None:
        super().__init__(message)
        self.message, self.keys, self.hint, self.of_key = message, keys, hint, of_key


def explain(error: ValidationError, model: type[BaseModel]) -> Finding:
    """The first of pydantic's findings in archspec's words, an unknown key before all others."""
    from archspec.errors import SpecError

    findings = error.errors(include_url=False)
    first = next((item for item in findings if item["type"] == "extra_forbidden"), findings[0])
    # A part in angle brackets is the tag of a union, not a key.
    place = tuple(part for part in first["loc"] if not str(part).startswith("<"))
    invalid = first.get("ctx", {}).get("error")
    if isinstance(invalid, Invalid):
        return Finding((*place, *invalid.keys), SpecError(invalid.message, hint=invalid.hint), invalid.of_key)
    return worded({**first, "loc": place}, keys_at(model, place[:-1]), "key")


def keys_at(model: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    """The keys of the model's mapping at a place."""
    here: Any = model
    for part in place:
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {field.alias: field.annotation for field in here.model_fields.values()}
            here = fields[str(part)] if part in fields else (here.__annotations__.get("__pydantic_extra__"))
        else:
            here = get_args(here)[-1]
        here = next((option for option in _options(here) if option is not type(None)), here)
    fields_of = getattr(here, "model_fields", {})
    return [field.alias or name for name, field in fields_of.items()]


def _options(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (list, dict) or isinstance(annotation, type):
        yield annotation
    else:
        for option in get_args(annotation):
            yield from _options(option)


def schema_of(model: type[BaseModel], name: str, title: str, **more: Any) -> Schema:
    """The JSON Schema of a file or an output."""
    made = model.model_json_schema(ref_template="#/definitions/{model}", mode="validation")
    definitions = made.pop("$defs", {})
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": f"urn:archspec:{name}", "title": title}
    schema = _draft7({**made, "definitions": definitions} if definitions else made)
    return {**head, **{key: value for key, value in schema.items() if key != "title"}, **more}


def _draft7(schema: Any) -> Any:
    """What pydantic wrote, as draft 7 has it: nothing beside a ``$ref``, no titles, descriptions on one line."""
    if isinstance(schema, list):
        return [_draft7(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "definitions"):
            found[key] = {name: _draft7(item) for name, item in value.items()}
        elif key == "description":
            found[key] = " ".join(value.split()).replace("``", "`")
        elif key in ("enum", "const") or (key == "default" and value and not isinstance(value, dict)):
            found[key] = value
        elif key not in ("title", "default"):
            found[key] = _draft7(value)
    if "$ref" in found and len(found) > 1:
        found["allOf"] = [{"$ref": found.pop("$ref")}]
    return found
