"""Types of values that carry their own check and their own JSON Schema: ``Annotated[int, Taken(function, json)]``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as core

from archspec.errors import suggestion
from archspec.expr import Expr

Json = dict[str, Any]
# Digits in groups are a whole number wherever an expression may stand: 32_000. YAML 1.2 leaves them text.
GROUPED = r"[1-9][0-9]{0,40}(_[0-9]{1,40}){1,20}"
EXPRESSION: Json = {"type": "string", "pattern": r"\$|^[1-9]\d*(_\d+)+$"}


def grouped(value: Any) -> Any:
    """The whole number that a text of grouped digits is; anything else as it is."""
    return int(value) if isinstance(value, str) and "_" in value and re.fullmatch(GROUPED, value) else value


def unfit(cause: str, hint: str | None = None) -> PydanticCustomError:
    """What a check raises: what the value must be and what it is, behind the name of its key; and what to do."""
    return PydanticCustomError("unfit", "{cause}", {"cause": cause, "hint": hint})


class Invalid(ValueError):
    """What a check of several keys raises: a whole sentence, and the keys from the checked value to the place."""

    def __init__(self, message: str, *keys: str | int, hint: str | None = None, of_key: bool = False) -> None:
        super().__init__(message)
        self.message, self.keys, self.hint, self.of_key = message, keys, hint, of_key


def keyed(choices: Iterable[str], what: str) -> BeforeValidator:
    """A check of a mapping that each key is one of ``choices``; ``what`` they are called in errors."""
    known = tuple(choices)

    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Invalid(f"must be a mapping of each {what} to what it says")
        for key in value:
            if key not in known:
                raise Invalid(f"no {what} is called `{key}`", key, hint=suggestion(str(key), known), of_key=True)
        return value

    return BeforeValidator(check)


class Taken:
    """A value as ``function`` gives it back, which raises what ``unfit`` makes; ``json`` is its JSON Schema."""

    __slots__ = ("function", "json")

    def __init__(self, function: Callable[[Any], Any], json: Json) -> None:
        self.function = function
        self.json = json

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core.no_info_plain_validator_function(self.function)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> Json:
        return dict(self.json)


class Open:
    """The type, or an expression that is not evaluated yet; an exact fraction counts as the float it is near."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core.no_info_wrap_validator_function(_opened, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> Json:
        return one_of(handler(schema), EXPRESSION)


def _opened(value: Any, inner: Callable[[Any], Any]) -> Any:
    if isinstance(value, Expr):
        return value
    return inner(float(value) if isinstance(value, Fraction) else value)


def opened(function: Callable[[Any], Any], *json: Json) -> Taken:
    """A value as ``function`` gives it back, or an expression that is not evaluated yet."""

    def check(value: Any) -> Any:
        return value if isinstance(value, Expr) else function(value)

    return Taken(check, one_of(*json, EXPRESSION))


def one_of(*options: Json) -> Json:
    """What is one of the options. Where their types differ it is one schema, whose complaints are to the point:

    ``minimum`` speaks to numbers only, ``pattern`` to strings, ``items`` to lists.
    """
    flat: list[Json] = []
    for option in options:
        flat += [part for part in option.get("anyOf", [option]) if part not in flat]
    types = [name for part in flat for name in _types(part)]
    if len(flat) == 1 or "" in types or len(set(types)) < len(types):
        return flat[0] if len(flat) == 1 else {"anyOf": flat}
    return {"type": types, **{key: value for part in flat for key, value in part.items() if key != "type"}}


def _types(schema: Json) -> list[str]:
    """The types a schema allows; an empty name where it says something about values of any type."""
    stated = schema.get("type", "")
    return [""] if "enum" in schema or "anyOf" in schema else [stated] if isinstance(stated, str) else stated


Text = Annotated[str, Strict()]
Texts = list[Text]
