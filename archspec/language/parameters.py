"""Variables as a spec or block declares them: their types, defaults, and the values that variants give them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archspec.errors import ArchspecError, Fault, show
from archspec.expr import Expr
from archspec.language.building import expressions
from archspec.language.nodes import Parameter
from archspec.language.validate import fail, place, show_name

TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "number": (int, float),
    "str": (str,),
    "bool": (bool,),
    "list": (list,),
}


def opened(value: Any, data: Any, *keys: str | int, path: str = "") -> Any:
    """Parse the expressions in a value, which stands at ``data[keys...]``. Raises ArchspecError there."""
    try:
        return expressions(value)
    except ArchspecError as error:
        raise place(error, data, keys, path) from None


def check_variable(name: str, data: Any, path: str) -> None:
    """A variable is a name that an expression can refer to. Raises SpecError."""
    if not name.isidentifier() or not name.isascii() or name in ("in", "index"):
        hint = "`$in` and `$index` have a meaning of their own" if name in ("in", "index") else "letters, digits and _"
        message = f"`{show_name(name)}` cannot be the name of a variable"
        raise fail(message, data, name, path=path, hint=hint, of_key=True)


def parameters(given: Mapping[str, Any], data: Any, path: str) -> dict[str, Parameter]:
    """Declared variables: ``{classes: 1000, depths: list}``, a default or the name of a type."""
    found = {}
    for name, value in given.items():
        check_variable(name, data, path)
        if isinstance(value, str) and value in TYPES:
            found[name] = Parameter(type=value, default=None, required=True)
        else:
            default = opened(value, data, name, path=path)
            found[name] = Parameter(type=type_name(default), default=default, required=False)
    return found


def type_name(value: Any) -> str:
    """The name of a default's type; ``any`` for an expression and for null, which allow everything."""
    sorts = {bool: "bool", int: "int", float: "number", str: "str"}
    return "list" if isinstance(value, list) else sorts.get(type(value), "any")


def fits(value: Any, parameter: Parameter) -> bool:
    """Whether a value may be given to a variable; sizes of any sort are ints."""
    if parameter.type == "any" or isinstance(value, Expr):
        return True
    if getattr(value, "is_size", False):
        return parameter.type in ("int", "number")
    if parameter.type == "number" and isinstance(value, Fraction):
        return True
    return isinstance(value, TYPES[parameter.type]) and (parameter.type == "bool") == isinstance(value, bool)


def dims_of(given: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The free sizes and their nominal values."""
    for name in given:
        check_variable(name, data["dims"], "dims")
    return {name: opened(value, data, "dims", name) for name, value in given.items()}


def variants_of(
    given: Mapping[str, Mapping[str, Any]], data: Mapping[str, Any], declared: Mapping[str, Parameter]
) -> dict[str, Mapping[str, Any]]:
    """Settings by variant: only of what is declared, and of its type."""
    found: dict[str, Mapping[str, Any]] = {}
    for variant, settings in given.items():
        found[variant] = values = {}
        for name, value in settings.items():
            keys = ("variants", variant, name)
            if name not in declared:
                message = f"variant `{show_name(variant)}` sets `{show_name(name)}`, which is no var or dim"
                fault = Fault.of_name("undeclared-setting", name, declared)
                raise fail(message, data, *keys, path="", hint=fault.suggestion, fault=fault, of_key=True)
            values[name] = opened(value, data, *keys)
            if not fits(values[name], declared[name]):
                sort = declared[name].type
                raise fail(f"`{name}` must be of type {sort}, got {show(value)}", data, *keys, path="")
    return found
