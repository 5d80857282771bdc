"""Layers from their arguments: the shorthands, the expressions in them, the validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from archspec.errors import show
from archspec.expr import Expr, parse
from archspec.kinds.base import Kind
from archspec.language.nodes import LayerNode
from archspec.language.validate import fail, place
from archspec.models.types import grouped
from archspec.models.worded import worded

MAX_BUILT = 4096
Made = tuple[dict[str, Any], tuple[tuple[str, Any], ...], Kind | None]
Known = TypeVar("Known")
_built: dict[tuple[Any, ...], Kind] = {}
_made: dict[tuple[Any, ...], Made] = {}


def remembered(known: dict[tuple[Any, ...], Known], key: tuple[Any, ...], value: Known) -> Known:
    """The value, kept under its key; what is kept is bounded."""
    if len(known) >= MAX_BUILT:
        known.clear()
    known[key] = value
    return value


def expressions(value: Any) -> Any:
    """The value with every text that holds a ``$`` parsed as an expression, and digits in groups as their number."""
    if isinstance(value, str):
        if "$" in value:
            return parse(value, dollar=True)
        return grouped(value)
    if isinstance(value, list):
        return [expressions(item) for item in value] if value else value
    if isinstance(value, dict):
        return {key: expressions(item) for key, item in value.items()}
    return value


def literal(text: str) -> str | None:
    """A text so that :func:`expressions` gives it back; None where it cannot be written."""
    if "$" not in text:
        return text
    quote = next((sign for sign in "'\"" if sign not in text), None)
    return None if quote is None or "\\" in text else f"{quote}{text}{quote} if true else {quote}{quote}"


def is_open(value: Any) -> bool:
    """Whether an expression is left anywhere in it."""
    if isinstance(value, (list, tuple)):
        return any(map(is_open, value))
    if isinstance(value, dict):
        return any(map(is_open, value.values()))
    return isinstance(value, Expr)


def shorthand(
    kind: type[Kind], value: Any, data: Mapping[str, Any], path: str, keys: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The arguments a value stands for: none, the one main argument, or a mapping. Its place is ``data[keys...]``."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return dict(value)
    if kind.main is None:
        known = ", ".join(kind.model_fields)
        raise fail(
            f"{kind.kind} has no main argument, got {show(value)}",
            data,
            *(keys or (kind.kind,)),
            path=path,
            hint=f"name the argument: {known}" if known else "it takes no arguments",
        )
    return {kind.main: value}


def make_layer(kind: type[Kind], arguments: Mapping[str, Any], path: str, common: Mapping[str, Any]) -> LayerNode:
    """A layer node with its arguments validated as far as they are known; equal ones once. Raises SpecError."""
    given = {name: value for name, value in arguments.items() if not (kind.foldable and name in ("norm", "act"))}
    key = (kind, frozen(given))
    made = _made.get(key)
    if made is None:
        expressions = tuple((name, value) for name, value in given.items() if is_open(value))
        checked = build(kind, given, common["data"], common["keys"], path)
        made = remembered(_made, key, (given, expressions, None if expressions else checked))
    given, expressions, layer = made
    return LayerNode(**common, kind=kind, arguments=given, expressions=expressions, layer=layer)


def build(kind: type[Kind], arguments: Mapping[str, Any], data: Any, keys: tuple[str, ...], path: str) -> Kind:
    """Validate a layer's arguments, which stand at ``data[keys...]``. Raises SpecError at the argument's place.

    Equal arguments of plain values give the same layer.
    """
    key = (kind, frozen(arguments))
    plain = is_plain(key)
    if plain and key in _built:
        return _built[key]
    try:
        layer = kind.model_validate(arguments)
        return remembered(_built, key, layer) if plain else layer
    except ValidationError as error:
        found = worded(error, kind, "argument")
        raise place(found.error, data, (*keys, *found.keys), path, of_key=found.of_key) from None


def frozen(value: Any) -> Any:
    """A value as part of a dictionary's key: lists and mappings as tuples."""
    if isinstance(value, (list, tuple)):
        return tuple([frozen(item) for item in value])
    if isinstance(value, dict):
        return tuple([(name, frozen(part)) for name, part in value.items()])
    if isinstance(value, Expr):
        return (Expr, value.text)
    return (type(value), value)  # True and 1 are equal, but not the same argument


def is_plain(key: Any) -> bool:
    """Whether neither column nor symbol stands in a frozen value."""
    if not isinstance(key, tuple):
        return not hasattr(key, "is_size")
    for part in key:
        sort = type(part)
        if not (sort is int or sort is str or sort is bool or sort is type or is_plain(part)):
            return False
    return True
