"""Validation of mappings against annotated classes, by pydantic's core.

pydantic's own model classes do this too, but loading and building them takes 50 ms, half of the time that the libraries
take altogether; the core alone is there at once and gives the same findings. A class states its fields as annotations:
``kernel: Axes`` where ``Axes = Annotated[..., Check(...)]``; a class attribute is a default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator
from pydantic_core import core_schema as core

from archspec.expr import Expr

Json = dict[str, Any]


class Check:
    """How a value is validated, and what the JSON Schema says of it."""

    __slots__ = ("json", "schema")

    def __init__(self, schema: CoreSchema, json: Json) -> None:
        self.schema = schema
        self.json = json


def checked(function: Callable[[Any], Any], json: Json) -> Check:
    """A check by a function that returns the value to use, or raises ValueError; an open expression passes."""
    return Check(
        core.no_info_plain_validator_function(lambda value: value if isinstance(value, Expr) else function(value)), json
    )


def opened(schema: CoreSchema, json: Json) -> Check:
    """A check by pydantic's core that an open expression passes; an exact fraction counts as the float it is near."""

    def validate(value: Any, inner: Callable[[Any], Any]) -> Any:
        if isinstance(value, Expr):
            return value
        return inner(float(value) if isinstance(value, Fraction) else value)

    return Check(core.no_info_wrap_validator_function(validate, schema), json)


def fields(cls: type) -> dict[str, Any]:
    """Name -> annotation of each field, base classes first. Private names and class variables are no fields."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        names = vars(sys.modules[base.__module__])
        for name, text in vars(base).get("__annotations__", {}).items():
            if not name.startswith("_") and not str(text).startswith("ClassVar"):
                # An annotation is a name in nearly every case; the others are compiled.
                found[name] = names.get(text) or eval(text, names) if isinstance(text, str) else text
    return found


def check_of(annotation: Any) -> Check:
    """The check that an annotation stands for: of an Annotated, ``| None`` of one, or a Literal."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return next(item for item in annotation.__metadata__ if isinstance(item, Check))
    if origin is Literal:
        options = list(get_args(annotation))
        return opened(core.literal_schema(options), {"enum": options})
    if origin in (Union, UnionType):
        (inner,) = (option for option in get_args(annotation) if option is not type(None))
        check = check_of(inner)
        return Check(core.nullable_schema(check.schema), {"anyOf": [check.json, {"type": "null"}]})
    raise TypeError(f"no check is known for {annotation!r}")


def validator(cls: type, spelled: Callable[[str], str] = str) -> SchemaValidator:
    """The validator of a mapping with the class' fields and no others; it returns a dict with the defaults put in.

    ``spelled`` is how a field's name is written in the mapping.
    """
    found: dict[str, core.TypedDictField] = {}
    for name, annotation in fields(cls).items():
        schema = check_of(annotation).schema
        if hasattr(cls, name):
            schema = core.with_default_schema(schema, default=getattr(cls, name))
        found[spelled(name)] = core.typed_dict_field(schema, required=not hasattr(cls, name))
    return SchemaValidator(core.typed_dict_schema(found, extra_behavior="forbid"))
