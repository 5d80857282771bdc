"""Mixtures: which tensor is stored in which format, by what the tensor is there for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from archspec.conventions.model import Formula, FormulaOrNone
from archspec.errors import ArchspecError, UsageError, suggestion
from archspec.memory.formats import Format, find_format, format_names, format_of
from archspec.models.base import Model
from archspec.models.types import Invalid, Text, keyed

# What a tensor is there for, as archspec/memory/roles.py finds it.
PARTS = (
    "vector", "source", "embedding", "output", "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output", "ffn_up",
    "ffn_down", "other",
)  # fmt: skip


def _format(name: Any) -> Any:
    if not isinstance(name, str) or find_format(name) is None:
        raise Invalid(f"no weight format is called `{name}`", hint=suggestion(str(name), format_names()))
    return name


FormatName = Annotated[Text, BeforeValidator(_format)]


class Case(Model):
    """A format, where it is taken."""

    format: FormatName
    """The format."""
    when: FormulaOrNone = None
    """Over `layer` (which of the tensors of its sort it is, from 0), `layers` (how many there are), `queries` (heads of
    the query for one of key and value), `experts` (of the network) and `names`."""


def _cases(value: Any) -> Any:
    return [{"format": value}] if isinstance(value, str) else value


class MixtureFile(Model):
    """A mixture of weight formats."""

    mixture: Text
    """Its name."""
    summary: Text = ""
    """What it is."""
    source: Text
    """Where its rules were read."""
    default: FormatName
    """The format of what has no rule."""
    names: dict[str, Formula] = {}
    """Formulas by name, for `when`."""
    rules: Annotated[dict[str, Annotated[list[Case], BeforeValidator(_cases)]], keyed(PARTS, "part of a network")] = {}
    """By what a tensor is there for: its format, or cases of which the first that holds is taken."""
    falls_back: bool = False
    """Where a block does not divide a row: the format's own fallback, and float16 where that does not either."""

    def choose(self, part: str, shape: tuple[int, ...], facts: Mapping[str, int]) -> Format:
        """The format of a tensor. Raises UsageError where a formula names what there is not."""
        try:
            cases = (case.format for case in self.rules.get(part, ()) if self._holds(case, facts))
            chosen = format_of(next(cases, self.default))
        except ArchspecError as error:
            error.message = f"mixture `{self.mixture}`, {part}: {error.message}"
            raise
        if not self.falls_back or chosen.of(shape) is not None:
            return chosen
        back = find_format(chosen.entry.fallback)
        return back if back is not None and back.of(shape) is not None else format_of("float16")

    def _holds(self, case: Case, facts: Mapping[str, int]) -> bool:
        def lookup(path: tuple[str | int, ...]) -> Any:
            name = str(path[0])
            if name in self.names:
                return self.names[name].evaluate(lambda inner: self._fact(str(inner[0]), facts))
            return self._fact(name, facts)

        return case.when is None or bool(case.when.evaluate(lookup))

    def _fact(self, name: str, facts: Mapping[str, int]) -> int:
        if name not in facts:
            known = "known: " + ", ".join((*facts, *self.names))
            raise UsageError(f"a formula names `{name}`, which there is not", hint=known)
        return facts[name]
