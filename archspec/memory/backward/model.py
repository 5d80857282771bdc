"""What a convention of the backward pass holds; the docstrings are its manual and the editor's hover text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from archspec.conventions.model import FormulaOrNone, Version
from archspec.errors import did_you_mean
from archspec.expr import Expr
from archspec.kinds import kinds
from archspec.kinds.base import BASE_FACTS
from archspec.models.base import Model
from archspec.models.types import Invalid, Text

MOST_INPUTS = 4  # whose gradients can be told apart
# Facts that follow from where a layer stands in a network, beside those of its kind.
FACTS = {
    "macs": "multiply-accumulates of the forward pass",
    "learns": "true where a weight of its own other than a bias is trained",
    **{f"needs_{place}": f"true where the gradient of input {place} is needed" for place in range(MOST_INPUTS)},
}


class BackwardRule(Model):
    """The operations of the backward pass of one kind."""

    grad_input: FormulaOrNone = None
    """Those for the gradients of its inputs."""
    grad_weight: FormulaOrNone = None
    """Those for the gradients of its weights."""
    source: Text = ""
    """Where the formulas were read."""
    note: Text = ""
    """What they mean."""

    @property
    def formulas(self) -> Mapping[str, Expr]:
        """The formulas that it has."""
        return {name: value for name in GRADIENTS if (value := getattr(self, name)) is not None}


GRADIENTS = ("grad_input", "grad_weight")


def _rules(rules: dict[str, BackwardRule]) -> dict[str, BackwardRule]:
    for kind, rule in rules.items():
        if kind not in kinds():
            hint = did_you_mean(kind, kinds()) or "`archspec kinds` lists them"
            raise Invalid(f"unknown kind `{kind}`", kind, hint=hint, of_key=True)
        names = {*BASE_FACTS, *kinds()[kind].fact_names, *FACTS}
        for key, formula in rule.formulas.items():
            for name in sorted(formula.names - names):
                hint = f"{did_you_mean(name, names) or ''} {kind} has {', '.join(sorted(names))}".strip()
                raise Invalid(f"unknown fact `{name}`", kind, key, hint=hint)
    return rules


class Backward(Model):
    """The operations of a backward pass, kind by kind. A kind without a rule must have no multiply-accumulates."""

    backward: Text
    """The name."""
    version: Version = ""
    """The version of the framework."""
    summary: Text = ""
    """What is counted."""
    source: Text = ""
    """Where the rules are from."""
    rules: Annotated[dict[str, BackwardRule], AfterValidator(_rules)]
    """The operations of each kind."""
