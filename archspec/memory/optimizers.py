"""What an optimizer keeps of each parameter that it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from archspec.conventions.model import Formula
from archspec.errors import suggestion
from archspec.expr import Expr
from archspec.kinds.dtypes import DTYPES
from archspec.memory.files import table, unknown
from archspec.memory.measured import Part
from archspec.memory.parameters import FACTS, Parameter
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


def state(chosen: Optimizer, trained: Sequence[Parameter], dtype: str) -> tuple[Part, ...]:
    """A part for each tensor of the state, ``dtype`` being that of what is optimised."""
    parts = []
    for name, tensor in chosen.state.items():
        count = sum(each.times * _elements(tensor, each) for each in trained)
        if count:
            parts.append(_part(name, count, tensor.dtype or dtype, str(tensor.elements), chosen.source))
    for name, tensor in chosen.once.items():
        if trained:
            count = tensor.elements.evaluate(lambda path: 0)
            parts.append(_part(name, count, tensor.dtype or dtype, "once", chosen.source))
    return tuple(parts)


def _elements(tensor: StateTensor, parameter: Parameter) -> int:
    facts: Mapping[str, Any] = parameter.facts
    return int(tensor.elements.evaluate(lambda path: facts[str(path[0])]))


def _part(name: str, count: int, dtype: str, rule: str, source: str) -> Part:
    said = f"{count:,} x {DTYPES[dtype]} bytes ({dtype}), {rule}"
    return Part(name, STATE, count * DTYPES[dtype], said if rule == "once" else f"{said} of each", source)
