"""Whether a convention file is one: its keys, kinds and columns exist, and every formula has the facts it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from archspec.conventions.loader import CALL_FACTS, COUNTERPARTS, NO_LAYERS, PSEUDO
from archspec.errors import ArchspecError, ConventionError, did_you_mean
from archspec.expr import parse
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS
from archspec.language.validate import span_of

TEXTS = ("convention", "summary", "source", "unknown", "sees", "repeated")
TOP_KEYS = (*TEXTS, "version", "columns", "rules", "free", "bugs", "assumes")
COLUMN_KEYS = ("unit", "summary", "default", "of")
RULE_KEYS = ("source", "note", "bug", "bites")
CHOICES = {"sees": ("everything", "modules"), "repeated": ("every call", "last call")}
OF = ("operations", "weights")


def check_convention(data: Any, taken: Iterable[str] = ()) -> None:
    """Check a whole file, read by :mod:`archspec.text.reader`. Raises ConventionError, also for a name in ``taken``."""
    if not isinstance(data, dict):
        raise ConventionError("a convention is a mapping with `convention`, `columns` and `rules`", span=span_of(data))
    _known(data, TOP_KEYS, "key", "")
    for key in ("convention", "columns", "rules"):
        if key not in data:
            raise ConventionError(f"missing key `{key}`", span=span_of(data))
    _texts(data, TEXTS, "")
    if isinstance(data.get("version"), (dict, list, bool)):
        raise _at("`version` must be text or a number", data, "version", "")
    for key in ("bugs", "assumes"):
        found = data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise _at(f"`{key}` must be a list of texts", data, key, "")
    if data["convention"] in ("", *taken):
        message = f"`{data['convention']}` is the name of a convention that comes with archspec"
        raise _at(message if data["convention"] else "`convention` is its name, not nothing", data, "convention", "")
    for key, choices in CHOICES.items():
        if data.get(key, choices[0]) not in choices:
            raise _at(f"`{key}` is {' or '.join(choices)}, not `{data[key]}`", data, key, "")
    _check_columns(data["columns"], data)
    for kind, rule in _mapping(data, "rules", "kinds to formulas").items():
        _check_kind(kind, data["rules"], "rules", [*kinds(), *PSEUDO])
        if not isinstance(rule, dict):
            raise _at(f"the rule of `{kind}` must be a mapping of columns to formulas", data["rules"], kind, "rules")
        _check_rule(kind, rule, data["columns"])
    free = _mapping(data, "free", "kinds to reasons") if "free" in data else {}
    _texts(free, free, "free")
    for kind in free:
        _check_kind(kind, free, "free", list(kinds()))
        if kind in data["rules"]:
            raise _at(f"`{kind}` is free and has a rule", free, kind, "free", of_key=True)


def _check_columns(columns: Any, data: Any) -> None:
    if not isinstance(columns, dict) or not columns:
        raise _at("`columns` must be a mapping of names to {unit, summary}", data, "columns", "")
    for name, column in columns.items():
        path = f"columns.{name}"
        if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in RULE_KEYS:
            hint = "lower-case letters, digits and _, but not " + ", ".join(RULE_KEYS)
            raise _at(f"`{name}` cannot be the name of a column", columns, name, "columns", hint, of_key=True)
        if not isinstance(column, dict) or "unit" not in column:
            units = ", ".join(COUNTERPARTS)
            hint = f"write {{unit: FLOP}}; {units} are compared with archspec's own figures, any other stands alone"
            raise _at(f"column `{name}` has no unit", columns, name, "columns", hint)
        _known(column, COLUMN_KEYS, "key", path)
        _texts(column, ("unit", "summary"), path)
        if column.get("of", OF[0]) not in OF:
            raise _at(f"`of` is {' or '.join(OF)}, not `{column['of']}`", column, "of", path)
        if "default" in column:
            _check_formula(column, "default", path, {**BASE_FACTS, **CALL_FACTS}, [], kind="every kind")
        elif column.get("of") == "weights":
            hint = "write default: owned; layers without a rule count by it"
            raise _at(f"column `{name}` is of weights and has no default", columns, name, "columns", hint)


def _check_kind(kind: str, data: Any, path: str, known: list[str]) -> None:
    if kind not in known:
        raise _at(f"unknown kind `{kind}`", data, kind, path, _hint(kind, known), of_key=True)


def _check_rule(kind: str, rule: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    path = f"rules.{kind}"
    _known(rule, (*columns, *RULE_KEYS), "column", path)
    _texts(rule, RULE_KEYS, path)
    facts = PSEUDO[kind] if kind in PSEUDO else {**BASE_FACTS, **CALL_FACTS, **kinds()[kind].fact_names}
    before: list[str] = []
    for name, column in columns.items():
        if name in rule:
            _check_formula(rule, name, path, facts, before, kind=kind)
        elif "default" not in column and kind not in NO_LAYERS:
            hint = f"say {name}: 0 where it is nothing, or give the column a default"
            raise ConventionError(f"the rule of `{kind}` gives no `{name}`", hint=hint, span=span_of(rule), path=path)
        before.append(name)
    if "bites" in rule:
        if "bug" not in rule:
            raise _at("`bites` says when a `bug` shows, and there is none", rule, "bites", path, of_key=True)
        _check_formula(rule, "bites", path, facts, [], kind=kind)


def _check_formula(
    rule: Mapping[str, Any], name: str, path: str, facts: Mapping[str, str], before: list[str], *, kind: str
) -> None:
    formula = rule[name]
    if isinstance(formula, bool) or not isinstance(formula, (str, int, float)):
        raise _at("a formula must be text or a number", rule, name, path)
    try:
        used = sorted(parse(str(formula)).names)
    except ArchspecError as error:
        raise _at(error.message, rule, name, path, error.hint) from None
    for fact in used:
        if fact in facts and fact in before:
            raise _at(f"`{fact}` is a fact and a column before this one", rule, name, path, "rename the column")
        if fact not in facts and fact not in before:
            hint = _hint(fact, [*facts, *before], f"{kind} has ")
            raise _at(f"unknown fact `{fact}`", rule, name, path, hint)


def _mapping(data: Any, key: str, what: str) -> Any:
    if not isinstance(data[key], dict):
        raise _at(f"`{key}` must be a mapping of {what}", data, key, "")
    return data[key]


def _texts(data: Mapping[str, Any], keys: Iterable[str], path: str) -> None:
    for key in keys:
        if key in data and not isinstance(data[key], str):
            raise _at(f"`{key}` must be text", data, key, path)


def _known(data: Mapping[str, Any], names: Iterable[str], what: str, path: str) -> None:
    for key in data:
        if key not in names:
            raise _at(f"unknown {what} `{key}`", data, key, path, _hint(key, list(names)), of_key=True)


def _hint(word: str, names: list[str], there: str = "known: ") -> str:
    near = did_you_mean(word, names)
    return f"{near + ' ' if near else ''}{there}" + ", ".join(names)


def _at(
    message: str, data: Any, key: str, path: str, hint: str | None = None, *, of_key: bool = False
) -> ConventionError:
    place = f"{path}.{key}" if path else key
    return ConventionError(message, hint=hint, span=span_of(data, key, of_key=of_key), path=place)
