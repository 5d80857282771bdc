"""What there is to know about each kind, in words: for `archspec kinds` and docs/kinds.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.conventions.loader import Convention, Rule, convention
from archspec.kinds import kind_called, kinds
from archspec.kinds.formula import Formula
from archspec.language.schema import argument_schema
from archspec.models.base import default_of
from archspec.models.docstrings import field_docs, one_line

if TYPE_CHECKING:
    from archspec.expr import Expr
    from archspec.kinds.base import Kind
    from archspec.kinds.formula import WeightRule


class Argument(NamedTuple):
    """One argument: its type in words, its default as it is written in a spec, what it means."""

    name: str
    type: str
    default: str
    text: str
    main: bool


class Entry(NamedTuple):
    """One kind. ``text`` is what its docstring says below its first paragraph, ``rule`` how archspec counts it."""

    name: str
    family: str
    summary: str
    text: str
    inputs: str
    arguments: tuple[Argument, ...]
    weights: tuple[WeightRule, ...]
    facts: Mapping[str, str]
    formulas: tuple[Formula, ...]
    source: str
    rule: Rule | None
    free: str


def entry(name: str) -> Entry:
    """The kind of that name. Raises UsageError."""
    kind = kind_called(name)
    summary, _, text = (kind.__doc__ or "").partition("\n\n")
    own = convention("archspec")
    return Entry(
        name,
        kind.__module__.rpartition(".")[2],
        one_line(summary),
        one_line(text),
        _inputs(kind),
        tuple(_arguments(kind)),
        kind.weight_rules,
        kind.fact_names,
        tuple(_formulas(kind)),
        kind.source,
        own.rule(name),
        own.free.get(name, ""),
    )


def entries() -> list[Entry]:
    """Every kind, family by family."""
    return [entry(name) for name in kinds()]


def family_text(family: str) -> tuple[str, str]:
    """What a family's module says: its first paragraph, and those below."""
    from importlib import import_module

    summary, _, text = (import_module(f"archspec.kinds.{family}").__doc__ or "").partition("\n\n")
    return one_line(summary), one_line(text)


def columns_of(rule: Rule, of: Convention) -> list[tuple[str, Expr, str]]:
    """(column, formula, unit) of a rule, without the columns that only have the file's default."""
    return [
        (name, formula, of.columns[name].unit)
        for name, formula in rule.formulas.items()
        if name in rule.spans or formula.text != str(of.columns[name].default)
    ]


def in_words(schema: Mapping[str, Any]) -> str:
    """A schema as a phrase: ``whole number ≥ 1 or a list of them``. Expressions go anywhere, so they are left out."""
    if "$ref" in schema:
        return "kind, or {kind: arguments}"
    phrases: list[str] = []
    for option in schema.get("anyOf", [schema]):
        for phrase in _phrases(option):
            inner = phrase.removeprefix("list of ").removesuffix(" or null")
            several = phrase.startswith("list of ") and inner in phrases
            phrases.append(phrase.replace(f"list of {inner}", "a list of them") if several else phrase)
    return f"{', '.join(phrases[:-1])} or {phrases[-1]}" if len(phrases) > 1 else phrases[0]


_WORDS = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "ids", "null": "null"}


def _phrases(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield from (f"`{written(value)}`" for value in schema["enum"])
        return
    for name in schema["type"] if isinstance(schema["type"], list) else [schema["type"]]:
        if name == "array":
            yield f"list of {in_words(schema['items'])}"
        elif name in ("integer", "number"):
            yield _WORDS[name] + _bounds(schema)
        elif name != "string" or "pattern" not in schema:
            yield _WORDS[name]


def _bounds(schema: Mapping[str, Any]) -> str:
    if "exclusiveMinimum" in schema:
        return f" > {schema['exclusiveMinimum']}"
    if "maximum" in schema:
        return f" from {schema['minimum']} to {schema['maximum']}"
    return f" ≥ {schema['minimum']}" if "minimum" in schema else ""


def written(value: Any) -> str:
    """A value as YAML has it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _arguments(kind: type[Kind]) -> Iterator[Argument]:
    docs = field_docs(kind)
    for name in kind.model_fields:
        default = default_of(kind, name)
        shown = "required" if default is ... else written(default)
        yield Argument(name, in_words(argument_schema(kind, name)), shown, docs[name], name == kind.main)


def _inputs(kind: type[Kind]) -> str:
    least, most = kind.arity
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def _formulas(kind: type[Kind]) -> Iterator[Formula]:
    """The formulas that a kind's shape rule and facts call, found by the names its code refers to.

    Followed are methods of the class and functions of the kinds' modules, so a kind states nothing twice.
    """
    waiting = [method for name in ("out_shape", "facts") for method in _methods(kind, name)]
    seen: set[int] = set()
    while waiting:
        function = waiting.pop(0)
        for name in _names(function.__code__):
            for value in (function.__globals__.get(name), *_methods(kind, name)):
                if id(value) in seen or value is None:
                    continue
                seen.add(id(value))
                if isinstance(value, Formula):
                    yield value
                elif isinstance(value, FunctionType) and value.__module__.startswith("archspec.kinds."):
                    waiting.append(value)


def _methods(kind: type[Kind], name: str) -> list[FunctionType]:
    """A method of the class and those it overrides."""
    overriding = (vars(base).get(name) for base in kind.__mro__)
    return [method for method in overriding if isinstance(method, FunctionType)]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
