"""Counting conventions: files of formulas over facts, one for each tool and textbook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from archspec.conventions.facts import EXPERTS, NO_LAYERS, PSEUDO, REPEATED, SEES, UNKNOWN
from archspec.errors import ArchspecError, ConventionError, Span, did_you_mean
from archspec.expr import Expr, parse
from archspec.records import NamedTuple
from archspec.sizes import is_size, require
from archspec.text.reader import read, read_text
from archspec.text.shipped import shipped


class Count(NamedTuple):
    """A figure a convention counts: its unit, what it is, and its formula where a rule gives none.

    One of operations counts the layers that run and that the tool has a rule for. One of weights counts all that have
    any, by its default where they have no rule, do not run in evaluation or are no modules.
    """

    name: str
    unit: str
    summary: str
    default: str | None
    of: str = "operations"
    places: Expr | None = None  # what a call counts beside where several groups share its module


class Rule:
    """One kind's formulas, column by column; one may use the columns before it. ``path`` is its place in the file."""

    __slots__ = ("_bites", "_calls", "_constants", "bites", "bug", "formulas", "note", "path", "source", "spans")

    def __init__(
        self, formulas: dict[str, Expr], said: Mapping[str, Any], spans: Mapping[str, Span], path: str
    ) -> None:
        self.formulas = formulas
        self.source, self.note, self.bug = (str(said.get(key, "")) for key in ("source", "note", "bug"))
        self.bites = str(said.get("bites", self.bug and "1"))
        self.spans = spans
        self.path = path
        self._calls: list[tuple[str, tuple[tuple[str, bool], ...], Callable[..., Any]]] | None = None
        self._constants: dict[str, Any] = {}
        self._bites: tuple[tuple[str, ...], Callable[..., Any]] | None = None

    def count(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The columns' values for one layer. Raises ArchspecError, with its place, for a formula without one."""
        if self._calls is None:
            self._calls = []
            before: set[str] = set()  # columns: a default, or the rule `any`, means one of these and no fact of a kind
            for column, formula in self.formulas.items():
                names = tuple(sorted(formula.names))
                if formula.text.isdigit():
                    self._constants[column] = int(formula.text)
                else:
                    sources = tuple((name, name in before) for name in names)
                    self._calls.append((column, sources, formula.function(names)))
                before.add(column)
        result = self._constants.copy()
        for column, taken, call in self._calls:
            try:
                value = call(*[result[name] if counted else facts[name] for name, counted in taken])
                if not is_size(value):
                    raise ConventionError(
                        f"`{self.formulas[column].text}` is {value!s:.40}, not a whole number",
                        hint="`//`, `ceil`, `floor` and `round` give whole numbers, `a if condition else b` chooses",
                    )
                # Of symbols little is known.
                if (type(value) is int or hasattr(value, "point")) and (counts := value >= 0) is not True:
                    text = self.formulas[column].text
                    require(counts, "`{text}` is {value}: nothing counts less than 0", text=text, value=value)
            except ArchspecError as error:
                raise error.located(span=self.spans.get(column), path=f"{self.path}.{column}") from None
            result[column] = value
        return result

    def bit(self, facts: Mapping[str, Any]) -> bool:
        """Whether the rule's known bug shows on a layer: never where it has none, always where it does not say when.

        On a layer of several sizes at once, where it shows on one of them. Raises ArchspecError, with its place.
        """
        if not self.bites:
            return False
        try:
            if self._bites is None:
                formula = parse(self.bites)
                names = tuple(sorted(formula.names))
                self._bites = names, formula.function(names)
            names, call = self._bites
            value = call(*[facts[name] for name in names])
        except ArchspecError as error:
            raise error.located(span=self.spans.get("bites"), path=f"{self.path}.bites") from None
        return bool(value) if isinstance(value, (bool, int)) else True


class Convention:
    """A rule table. ``rule(kind)`` is None where it has none; ``free`` are the kinds it counts as nothing, and why."""

    def __init__(self, data: Mapping[str, Any], file: str) -> None:
        self.file = file
        self.name: str = data["convention"]
        self.version = str(data.get("version", ""))
        self.summary: str = data.get("summary", "")
        self.source: str = data.get("source", "")
        self.sees: str = data.get("sees", SEES)
        self.unknown: str = data.get("unknown", UNKNOWN)
        self.repeated: str = data.get("repeated", REPEATED)
        self.experts: str = data.get("experts", EXPERTS)
        self.bugs: list[str] = data.get("bugs", [])
        self.assumes: list[str] = data.get("assumes", [])
        self.remarks: Mapping[str, str] = data.get("remarks", {})
        self.columns = {
            name: Count(
                name,
                column["unit"],
                column.get("summary", ""),
                str(column["default"]) if "default" in column else None,
                column.get("of", "operations"),
                parse(str(column["places"])) if "places" in column else None,
            )
            for name, column in data["columns"].items()
        }
        weights = {name: column for name, column in self.columns.items() if column.of == "weights"}
        self._idle = parse_rule({}, weights, "columns") if weights else None
        self.free: Mapping[str, str] = data.get("free", {})
        self._data = data
        self._rules: dict[str, Rule | None] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """As its file's data: rules hold compiled formulas, which no pickle does."""
        return Convention, (self._data, self.file)

    def rule(self, kind: str) -> Rule | None:
        """The formulas for a kind or pseudo-kind, parsed on first use."""
        if kind not in self._rules:
            rules = self._data["rules"]
            name = kind if kind in rules or kind in PSEUDO or kind in self.free else "any"
            columns = self.columns
            if kind in NO_LAYERS:
                columns = {name: column._replace(default=None) for name, column in self.columns.items()}
            self._rules[kind] = parse_rule(rules[name], columns, f"rules.{name}") if name in rules else None
        return self._rules[kind]

    def count(self, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of one layer by the kind's rule; empty where it has none. Raises ArchspecError, located."""
        return self._counted(self.rule(kind), facts)

    def count_idle(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of weights of a layer without operations here: one without a rule, or that does not run."""
        return self._counted(self._idle, facts)

    def _counted(self, rule: Rule | None, facts: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {} if rule is None else self._everywhere(rule.count(facts), facts)
        except ArchspecError as error:
            raise error.located(file=self.file) from None

    def _everywhere(self, counted: dict[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
        """The columns with what a module that several groups share counts beside."""
        places = facts.get("places", 1)
        if type(places) is int and places == 1:
            return counted
        known = {**counted, "places": places}
        for name, column in self.columns.items():
            if column.places is not None and name in counted:
                counted[name] = counted[name] + column.places.evaluate(lambda path: known.get(str(path[0]), 0))
        return counted

    def kinds(self) -> Iterable[str]:
        """Names of the kinds it has rules for, in the file's order."""
        return list(self._data["rules"])


def parse_rule(data: Mapping[str, Any], columns: Mapping[str, Count], path: str) -> Rule:
    """One entry under ``rules``."""
    formulas = {}
    for name, column in columns.items():
        if name in data:
            formulas[name] = parse(str(data[name]))
        elif column.default is not None:
            formulas[name] = parse(column.default)
    spans = getattr(data, "spans", {})
    return Rule(formulas, data, spans, path)


def convention(name: str | os.PathLike[str]) -> Convention:
    """A convention by its name, or by the path of a file of one's own. Raises ArchspecError."""
    name = os.fspath(name)
    if name in convention_names():
        return _shipped(name)
    if not (name.endswith((".yaml", ".yml", ".json")) or Path(name).exists()):
        known = "known: " + ", ".join(convention_names()) + "; or a file of your own"
        near = did_you_mean(name, convention_names())
        raise ConventionError(f"no convention is called `{name}`", hint=f"{near} {known}" if near else known)
    from archspec.conventions.check import check_convention

    document = read(name)
    try:
        check_convention(document.data, taken=convention_names())
    except ArchspecError as error:
        raise error.located(file=document.name) from None
    return Convention(document.data, document.name)  # type: ignore[arg-type]


@cache
def _shipped(name: str) -> Convention:
    """One that comes with archspec. Its file is checked by the tests, not each time it is read."""
    file = f"archspec/conventions/{name}.yaml"
    text = shipped("conventions")[name].read_text("utf-8")
    return Convention(read_text(text, file).data, file)  # type: ignore[arg-type]


def convention_names() -> tuple[str, ...]:
    """The conventions that come with archspec."""
    return tuple(shipped("conventions"))
