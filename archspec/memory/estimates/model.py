"""What the file of a published estimate holds."""

from __future__ import annotations

from pydantic import model_validator

from archspec.conventions.model import Formula, Version
from archspec.errors import suggestion
from archspec.memory.estimates.quantities import QUANTITIES
from archspec.models.base import Model
from archspec.models.types import Invalid, Text, Texts

# Figures that estimates give, with those of archspec that they stand beside.
OF = {
    "model_states_bytes": (
        "weights_bytes", "buffers_bytes", "weight_copies_bytes", "gradients_bytes", "optimizer_bytes",
    ),
    "saved_for_backward_bytes": ("saved_for_backward_bytes", "recomputed_bytes"),
    "training_total_bytes": ("training_total_bytes",),
}  # fmt: skip


class Term(Model):
    """A quantity that the estimate works out on its way."""

    value: Formula
    """The formula, over quantities of the network and of the settings, and the terms before it."""
    source: Text = ""
    """Its lines."""


class Estimate(Model):
    """A published estimate: its terms in order, the figures that it gives, and where it errs."""

    estimate: Text
    """The name."""
    version: Version
    """The version of the program."""
    summary: Text
    """What it estimates."""
    source: Text
    """The program and its commit."""
    terms: dict[str, Term]
    """What is worked out on the way."""
    figures: dict[str, Term]
    """Figures in bytes, cut to whole ones: model_states_bytes, saved_for_backward_bytes, training_total_bytes."""
    errata: Texts = []
    """Known errors, which the formulas repeat."""
    assumes: Texts = []
    """What it takes for granted."""

    @model_validator(mode="after")
    def _known(self) -> Estimate:
        known = dict.fromkeys(QUANTITIES)
        for section, terms in (("terms", self.terms), ("figures", self.figures)):
            for name, term in terms.items():
                if section == "figures" and name not in OF:
                    raise Invalid(f"unknown figure `{name}`", section, name, hint=suggestion(name, OF), of_key=True)
                for used in sorted(term.value.names - known.keys()):
                    hint = suggestion(used, known)
                    raise Invalid(f"`{name}` names unknown `{used}`", section, name, "value", hint=hint)
                known[name] = None
        return self
