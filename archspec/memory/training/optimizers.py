"""What an optimizer keeps of each parameter that it trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from archspec.conventions.model import Formula
from archspec.errors import suggestion
from archspec.expr import Expr
from archspec.kinds.dtypes import DTYPES
from archspec.memory.files import table, unknown
from archspec.memory.training.parameters import FACTS
from archspec.models.base import Model
from archspec.models.types import Invalid, Text

STATE = "optimizer_bytes"


def _of_facts(formula: Expr) -> Expr:
    for name in sorted(formula.names - FACTS.keys()):
        raise Invalid(f"unknown fact `{name}`", hint=suggestion(name, FACTS))
    return formula


class StateTensor(Model):
    """A tensor that an optimizer keeps."""

    elements: Annotated[Formula, AfterValidator(_of_facts)]
    """How many elements it has, over numel, axes, rows, columns and hidden."""
    dtype: Literal[tuple(DTYPES)] | None = None  # type: ignore[valid-type]
    """Its dtype where that is not the one of what is optimised."""

    def of(self, facts: Mapping[str, int]) -> int:
        """How many elements it has for a parameter of these facts."""
        return int(self.elements.evaluate(lambda path: facts[str(path[0])]))


class Optimizer(Model):
    """An optimizer, by what it keeps."""

    summary: Text
    """What it does."""
    state: dict[str, StateTensor]
    """Tensors of each parameter."""
    once: dict[str, StateTensor] = {}
    """Tensors for all parameters together."""
    host: list[Text] = []
    """What the host keeps, not the device: it is not counted."""
    source: Text
    """Where that was read."""


class OptimizerTable(Model):
    """Optimizers by name."""

    optimizers: dict[str, Optimizer]


def optimizer(name: str) -> Optimizer:
    """The optimizer of a name. Raises UsageError."""
    known = table("optimizers", OptimizerTable).optimizers
    if name not in known:
        raise unknown("optimizer", name, known)
    return known[name]
