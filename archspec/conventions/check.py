"""Whether a convention file is one: its keys, kinds and columns exist, and every formula has the facts it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from archspec.conventions.facts import CALL_FACTS, NO_LAYERS, PSEUDO
from archspec.conventions.model import RULE_TEXTS, ConventionFile, RuleEntry
from archspec.errors import ConventionError, did_you_mean
from archspec.expr import Expr
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS
from archspec.language.validate import place, span_of
from archspec.models.types import Invalid
from archspec.models.worded import worded
from archspec.sizes import is_size

EVERY_LAYER = {**BASE_FACTS, **CALL_FACTS}


def check_convention(data: Any, taken: Iterable[str] = ()) -> None:
    """Check a whole file, read by :mod:`archspec.text.reader`. Raises ConventionError, also for a name in ``taken``."""
    if not isinstance(data, dict):
        raise ConventionError("a convention is a mapping with `convention`, `columns` and `rules`", span=span_of(data))
    try:
        file = ConventionFile.model_validate(data)
    except ValidationError as error:
        keys, cause, of_key = worded(error, ConventionFile)
        raise place(ConventionError(cause.message, hint=cause.hint), data, keys, "", of_key=of_key) from None
    try:
        _check(file, taken)
    except Invalid as error:
        fault = ConventionError(error.message, hint=error.hint)
        raise place(fault, data, error.keys, "", of_key=error.of_key) from None


def _check(file: ConventionFile, taken: Iterable[str]) -> None:
    """What the parts of a file say together. Raises Invalid."""
    if file.convention in taken:
        raise Invalid(f"`{file.convention}` is the name of a convention that comes with archspec", "convention")
    for index, (name, column) in enumerate(file.columns.items()):
        if column.default is not None:
            # Layers without a rule have the columns of weights alone.
            before = [other for other in list(file.columns)[:index] if file.columns[other].of in ("weights", column.of)]
            _check_facts(column.default, EVERY_LAYER, before, "every kind", "columns", name, "default")
        if column.places is not None:
            facts = {"places": CALL_FACTS["places"]}
            _check_facts(column.places, facts, list(file.columns), "every kind", "columns", name, "places")
    for kind, rule in file.rules.items():
        _check_kind(kind, [*kinds(), *PSEUDO], "rules")
        _check_rule(kind, rule, file)
    for kind in file.free:
        _check_kind(kind, list(kinds()), "free")
        if kind in file.rules:
            raise Invalid(f"`{kind}` is free and has a rule", "free", kind, of_key=True)


def _check_kind(kind: str, known: list[str], section: str) -> None:
    if kind not in known:
        raise Invalid(f"unknown kind `{kind}`", section, kind, hint=_hint(kind, known), of_key=True)


def _check_rule(kind: str, rule: RuleEntry, file: ConventionFile) -> None:
    place = ("rules", kind)
    for name in rule.formulas:
        if name not in file.columns:
            hint = _hint(name, [*file.columns, *RULE_TEXTS])
            raise Invalid(f"unknown column `{name}`", *place, name, hint=hint, of_key=True)
    facts = PSEUDO[kind] if kind in PSEUDO else {**EVERY_LAYER, **kinds()[kind].fact_names}
    before: list[str] = []
    for name, column in file.columns.items():
        if name in rule.formulas:
            _check_facts(rule.formulas[name], facts, before, kind, *place, name)
        elif column.default is None and kind not in NO_LAYERS:
            hint = f"say {name}: 0 where it is nothing, or give the column a default"
            raise Invalid(f"the rule of `{kind}` gives no `{name}`", *place, hint=hint)
        before.append(name)
    if rule.bites is not None:
        if not rule.bug:
            raise Invalid("`bites` says when a `bug` shows, and there is none", *place, "bites", of_key=True)
        _check_facts(rule.bites, facts, [], kind, *place, "bites")


def _check_facts(formula: Expr, facts: Mapping[str, str], before: list[str], kind: str, *keys: str) -> None:
    """Only facts and columns before its own; a formula without any is a whole number."""
    for fact in sorted(formula.names):
        if fact in facts and fact in before:
            raise Invalid(f"`{fact}` is a fact and a column before this one", *keys, hint="rename the column")
        if fact not in facts and fact not in before:
            raise Invalid(f"unknown fact `{fact}`", *keys, hint=_hint(fact, [*facts, *before], f"{kind} has "))
    if not formula.names and keys[-1] != "bites":
        value = formula.evaluate(lambda path: None)
        if not is_size(value):
            raise Invalid(f"`{formula.text}` is {value!s:.40}, not a whole number", *keys)
        if value < 0:
            raise Invalid(f"`{formula.text}` is {value!s:.40}: nothing counts less than 0", *keys)


def _hint(word: str, names: list[str], there: str = "known: ") -> str:
    near = did_you_mean(word, names)
    return f"{near + ' ' if near else ''}{there}" + ", ".join(names)
