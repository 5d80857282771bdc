"""The base of every model: a class whose annotated fields are validated, documented and described by one source."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler

from archspec.models.docstrings import field_docs, one_line


class Model(BaseModel):
    """A mapping with these keys and no others; frozen. Nothing is converted: a number in quotes is no number.

    The docstring under a field is its manual. pydantic's `use_attribute_docstrings` reads the source of every class
    when it is defined, a quarter of the time that a summary may take; here it is read when a schema is asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, protected_namespaces=())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        made = handler(schema)
        described = handler.resolve_ref_schema(made)
        described.pop("title", None)
        described["description"] = one_line(cls.__doc__)
        docs = field_docs(cls)
        for name, field in cls.model_fields.items():
            if name in docs:
                described["properties"][field.alias or name]["description"] = docs[name]
        return made


def default_of(model: type[BaseModel], name: str) -> Any:
    """The default of a field; Ellipsis where it is required."""
    field = model.model_fields[name]
    return ... if field.is_required() else field.get_default(call_default_factory=True)
