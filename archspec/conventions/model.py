"""What a convention's file holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from archspec.conventions.facts import COUNTERPARTS, EXPERTS, REPEATED, SEES, UNKNOWN
from archspec.errors import ArchspecError, show
from archspec.expr import Expr, parse
from archspec.expr.constants import check_constants
from archspec.models.base import Model
from archspec.models.describe import file_schema
from archspec.models.types import Invalid, Json, Taken, Text, Texts, unfit

RULE_TEXTS = ("source", "note", "bug", "bites")
_NAME = re.compile("[a-z][a-z0-9_]*")


def _formula(value: Any) -> Expr:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Invalid("a formula must be text or a number")
    try:
        formula = parse(str(value))
        check_constants(formula)
    except ArchspecError as error:
        raise Invalid(error.message, hint=error.hint) from None
    return formula


def _name(value: str) -> str:
    if not value:
        raise Invalid("`convention` is its name, not nothing")
    return value


def _version(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise unfit(f"must be text or a number, got {show(value)}")
    return str(value)


def _columns(columns: Any) -> Any:
    """Names that can be told from a rule's own keys, each with a unit."""
    if not isinstance(columns, dict) or not columns:
        raise Invalid("`columns` must be a mapping of names to {unit, summary}")
    for name, column in columns.items():
        if not _NAME.fullmatch(name) or name in RULE_TEXTS:
            hint = "lower-case letters, digits and _, but not " + ", ".join(RULE_TEXTS)
            raise Invalid(f"`{name}` cannot be the name of a column", name, hint=hint, of_key=True)
        if not isinstance(column, dict) or "unit" not in column:
            units = ", ".join(COUNTERPARTS)
            hint = f"write {{unit: FLOP}}; {units} are compared with archspec's own figures, any other stands alone"
            raise Invalid(f"column `{name}` has no unit", name, hint=hint)
        if column.get("of") == "weights" and "default" not in column:
            hint = "write default: owned; layers without a rule count by it"
            raise Invalid(f"column `{name}` is of weights and has no default", name, hint=hint)
    return columns


def _rules(rules: Any) -> Any:
    rules = _mapping("rules", "kinds to formulas")(rules)
    for kind, rule in rules.items():
        if not isinstance(rule, dict):
            raise Invalid(f"the rule of `{kind}` must be a mapping of columns to formulas", kind)
    return rules


def _mapping(key: str, what: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Invalid(f"`{key}` must be a mapping of {what}")
        return value

    return check


_FORMULA = Taken(_formula, {"type": ["string", "number"]})
Formula = Annotated[Expr, _FORMULA]
FormulaOrNone = Annotated[Expr | None, _FORMULA]
Version = Annotated[str, Taken(_version, {"type": ["string", "number"]})]


class Column(Model):
    """A figure that the convention counts."""

    unit: Text
    """What it is counted in. MAC, FLOP, scalar and element are compared with archspec's own figures, any other stands
    alone."""
    summary: Text = ""
    """What it counts."""
    default: FormulaOrNone = None
    """The number or formula where a rule gives none; without it every rule must."""
    of: Literal["operations", "weights"] = "operations"
    """`weights` makes it a figure of weights: layers without a rule count by its default, and those that do not run."""
    places: FormulaOrNone = None
    """What a call counts beside its rule where several groups share its module, over `places` and the columns."""


class RuleEntry(Model):
    """One kind's rule. Every other key is a column, its value the formula, over the facts and the columns before it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Formula] = Field(init=False)

    source: Text = ""
    """Where the formulas were read."""
    note: Text = ""
    """What they mean."""
    bug: Text = ""
    """A known error of the tool, which the formulas repeat."""
    bites: FormulaOrNone = None
    """On which layers the bug shows; left out, on all."""

    @property
    def formulas(self) -> Mapping[str, Expr]:
        """The formula of each column that the rule gives."""
        return self.__pydantic_extra__ or {}


class ConventionFile(Model):
    """A counting convention: the figures it counts, and for each kind of layer a formula for each of them."""

    convention: Annotated[Text, AfterValidator(_name)]
    """The name; not one of a convention that comes with archspec."""
    version: Version = ""
    """The version of the tool."""
    summary: Text = ""
    """What is counted."""
    source: Text = ""
    """Where the formulas are from."""
    columns: Annotated[dict[str, Column], BeforeValidator(_columns)]
    """The figures, in order."""
    rules: Annotated[dict[str, RuleEntry], BeforeValidator(_rules)]
    """Each kind's formulas. `any` is the rule of every kind without one of its own, `input` counts each input of the
    network, `block` each call of a block, beside its layers."""
    free: Annotated[dict[str, Text], BeforeValidator(_mapping("free", "kinds to reasons"))] = {}
    """Kinds that cost nothing, each with the reason."""
    sees: Literal["everything", "modules"] = SEES
    """`modules` for a profiler that hooks modules."""
    repeated: Literal["every call", "last call"] = REPEATED
    """`last call` for a profiler that keeps of a module called several times what it did last."""
    experts: Literal["unknown", "counted"] = EXPERTS
    """`counted` where the rules hold for layers inside `experts`, whose rows are those that reach one of them."""
    unknown: Text = UNKNOWN
    """In words, what becomes of a kind without a rule."""
    bugs: Texts = []
    """Known errors of the tool."""
    assumes: Texts = []
    """What the tool takes for granted."""
    remarks: dict[str, Text] = {}
    """What to know of its figures of memory for a network with such a layer, by kind; by `tied` for one whose modules
    share a weight, by `dtype` for one in another dtype than float32."""


def convention_schema() -> Json:
    """The JSON Schema of a convention's file."""
    return file_schema(ConventionFile, "convention")
