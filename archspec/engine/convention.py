"""Counting conventions: files of formulas over facts, one for each tool and textbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from archspec.errors import ArchspecError, ConventionError, Span, did_you_mean
from archspec.expr import Expr, parse
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS
from archspec.spec.reader import read, read_text
from archspec.spec.validate import span_of

# Facts that do not come from the kind: of the analysis, and of the call.
CALL_FACTS = {
    "itemsize": "bytes of an element of the analysis' dtype",
    "in_itemsize": "bytes of an element of the first input",
    "owned": "learnable scalars of this layer that no layer before it owns already",
    "buffers": "scalars of its buffers",
}
# Rules for what is no layer: each network input, each call of a block, and every kind without a rule of its own.
PSEUDO = {
    "input": {"numel": "elements of the input, batch included", "in_itemsize": "bytes of an element of the input"},
    "block": {"out_numel": "elements of the block's outputs, batch included", "itemsize": CALL_FACTS["itemsize"]},
    "any": {**BASE_FACTS, **CALL_FACTS},
}
TOP_KEYS = ("convention", "version", "summary", "source", "columns", "rules", "free", "unknown", "sees", "bugs", "assumes")
RULE_KEYS = ("source", "note", "bug")


class Column(NamedTuple):
    """A figure a convention counts: its unit, what it is, and its value where a rule does not give it."""

    name: str
    unit: str
    summary: str
    default: int | None


class Rule:
    """One kind's formulas, column by column; a formula may use the columns before it."""

    __slots__ = ("_calls", "formulas", "note", "source", "spans")

    def __init__(self, formulas: dict[str, Expr], source: str, note: str, spans: Mapping[str, Span]) -> None:
        self.formulas = formulas
        self.source = source
        self.note = note
        self.spans = spans
        self._calls: list[tuple[str, tuple[str, ...], Callable[..., Any]]] | None = None

    def count(self, facts: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
        """The columns' values for one layer."""
        if self._calls is None:
            self._calls = []
            for column, formula in self.formulas.items():
                names = tuple(sorted(formula.names))
                self._calls.append((column, names, formula.function(names)))
        result: dict[str, Any] = {}
        for column, names, call in self._calls:
            result[column] = call(*[facts[n] if n in facts else result[n] if n in result else extra[n] for n in names])
        return result


class Convention:
    """A rule table. ``rule(kind)`` is None where it has no rule; ``free`` are the kinds it counts as nothing, and why."""

    def __init__(self, data: Mapping[str, Any], file: str) -> None:
        self.file = file
        self.name: str = data["convention"]
        self.version = str(data.get("version", ""))
        self.summary: str = data.get("summary", "")
        self.source: str = data.get("source", "")
        self.sees: str = data.get("sees", "everything")
        self.unknown: str = data.get("unknown", "no rule")
        self.columns = {
            name: Column(name, column["unit"], column.get("summary", ""), column.get("default"))
            for name, column in data["columns"].items()
        }
        self.free: Mapping[str, str] = data.get("free", {})
        self._data = data
        self._rules: dict[str, Rule | None] = {}

    def rule(self, kind: str) -> Rule | None:
        """The formulas for a kind or pseudo-kind, parsed on first use."""
        if kind not in self._rules:
            rules = self._data["rules"]
            name = kind if kind in rules or kind in PSEUDO or kind in self.free else "any"
            self._rules[kind] = parse_rule(rules[name], self.columns) if name in rules else None
        return self._rules[kind]

    def kinds(self) -> Iterable[str]:
        """Names of the kinds it has rules for, in the file's order."""
        return list(self._data["rules"])


def parse_rule(data: Mapping[str, Any], columns: Mapping[str, Column]) -> Rule:
    """One entry under ``rules``."""
    formulas = {}
    for name, column in columns.items():
        if name in data:
            formulas[name] = parse(str(data[name]))
        elif column.default is not None:
            formulas[name] = parse(str(column.default))
    spans = getattr(data, "spans", {})
    return Rule(formulas, str(data.get("source", "")), str(data.get("note", "")), spans)


@cache
def convention(name: str) -> Convention:
    """A convention by its name, or by the path of a file of one's own. Raises ConventionError."""
    if name in convention_names():
        text = (files("archspec") / "conventions" / f"{name}.yaml").read_text("utf-8")
        return Convention(read_text(text, f"archspec/conventions/{name}.yaml").data, name)
    if not (name.endswith((".yaml", ".yml", ".json")) or Path(name).exists()):
        hint = did_you_mean(name, convention_names()) or "known: " + ", ".join(convention_names())
        raise ConventionError(f"no convention is called `{name}`", hint=hint)
    document = read(name)
    try:
        check_convention(document.data)
    except ArchspecError as error:
        raise error.located(file=document.name) from None
    return Convention(document.data, document.name)


@cache
def convention_names() -> tuple[str, ...]:
    """The conventions that come with archspec."""
    folder = files("archspec") / "conventions"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def check_convention(data: Any) -> None:
    """Check a whole convention file: keys, kinds, columns, and that every formula has the facts it names."""
    if not isinstance(data, dict):
        raise ConventionError("a convention is a mapping with `convention`, `columns` and `rules`", span=span_of(data))
    _known(data, TOP_KEYS, "key", "")
    for key in ("convention", "columns", "rules"):
        if key not in data:
            raise ConventionError(f"missing key `{key}`", span=span_of(data))
    columns = data["columns"]
    if not isinstance(columns, dict) or not columns:
        raise ConventionError("`columns` is a mapping of names to {unit, summary}", span=span_of(data, "columns"))
    for name, column in columns.items():
        if not isinstance(column, dict) or "unit" not in column:
            raise _at(f"column `{name}` has no unit", columns, name, "columns", "write {unit: MAC}")
        _known(column, ("unit", "summary", "default"), "key", f"columns.{name}")
    if not isinstance(data["rules"], dict):
        raise ConventionError("`rules` is a mapping of kinds to formulas", span=span_of(data, "rules"))
    for kind, rule in data["rules"].items():
        _check_kind(kind, data["rules"], "rules")
        if not isinstance(rule, dict):
            raise _at(f"the rule of `{kind}` is a mapping of columns to formulas", data["rules"], kind, "rules")
        _check_rule(kind, rule, columns)
    free = data.get("free", {})
    if not isinstance(free, dict):
        raise ConventionError("`free` is a mapping of kinds to reasons", span=span_of(data, "free"))
    for kind in free:
        _check_kind(kind, free, "free")
        if kind in data["rules"]:
            raise _at(f"`{kind}` is free and has a rule", free, kind, "free")


def _check_kind(kind: str, data: Any, path: str) -> None:
    known = [*kinds(), *PSEUDO]
    if kind not in known:
        raise _at(f"unknown kind `{kind}`", data, kind, path, did_you_mean(kind, known), of_key=True)


def _check_rule(kind: str, rule: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    path = f"rules.{kind}"
    _known(rule, (*columns, *RULE_KEYS), "column", path)
    facts = PSEUDO[kind] if kind in PSEUDO else {**BASE_FACTS, **CALL_FACTS, **kinds()[kind].fact_names}
    before: list[str] = []
    for name, column in columns.items():
        if name not in rule:
            if "default" not in column:
                raise ConventionError(f"the rule gives no `{name}`", span=span_of(rule), path=path)
        else:
            try:
                unknown = sorted(parse(str(rule[name])).names - {*facts, *before})
            except ArchspecError as error:
                span = span_of(rule, name)
                raise ConventionError(error.message, hint=error.hint, span=span, path=f"{path}.{name}") from None
            if unknown:
                known = [*facts, *before]
                hint = did_you_mean(unknown[0], known)
                hint = f"{hint + '; ' if hint else ''}{kind} has " + ", ".join(known)
                raise _at(f"unknown fact `{unknown[0]}`", rule, name, path, hint)
        before.append(name)


def _known(data: Mapping[str, Any], names: Iterable[str], what: str, path: str) -> None:
    for key in data:
        if key not in names:
            hint = did_you_mean(key, names) or "known: " + ", ".join(names)
            raise _at(f"unknown {what} `{key}`", data, key, path, hint, of_key=True)


def _at(
    message: str, data: Any, key: str, path: str, hint: str | None = None, *, of_key: bool = False
) -> ConventionError:
    return ConventionError(
        message, hint=hint, span=span_of(data, key, of_key=of_key), path=f"{path}.{key}" if path else key
    )
