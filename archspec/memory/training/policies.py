"""Precision policies: in which dtype a training step keeps what."""

from __future__ import annotations

from typing import Literal

from archspec.errors import UsageError
from archspec.kinds.dtypes import FLOATS
from archspec.memory.files import table, unknown
from archspec.models.base import Model
from archspec.models.types import Text

Float = Literal["float64", "float32", "bfloat16", "float16", "float8"]


class Policy(Model):
    """The dtypes of what a training step keeps."""

    summary: Text
    """What it is."""
    weights: Float
    """Of the parameters."""
    gradients: Float
    """Of their gradients."""
    masters: Float | None = None
    """Of the copies of trained parameters that the optimizer works on, where there are any."""
    copies: Float | None = None
    """Of the copies of weights that matrices are multiplied with, where there are any."""
    activations: Float
    """Of the tensors between layers, and what is kept of them."""
    autocast: bool = False
    """Whether float32 stays where torch.autocast leaves it; activations are of the other dtype elsewhere."""
    multiplied: Float | None = None
    """Of what is kept of the inputs of layers that multiply matrices, where that is another one."""
    assumes: Text = ""
    """What it takes for granted."""
    source: Text
    """Where that was read."""

    @property
    def optimized(self) -> str:
        """The dtype of what the optimizer works on."""
        return str(self.masters or self.weights)


class PolicyTable(Model):
    """Policies by name."""

    policies: dict[str, Policy]


def policy(name: str | None, dtype: str) -> Policy:
    """The policy of a name; without one all is in the analysis' dtype. Raises UsageError."""
    if name is None:
        if dtype not in FLOATS:
            raise UsageError(f"gradients are floating-point numbers, --dtype says {dtype}")
        own = {"weights": dtype, "gradients": dtype, "activations": dtype}
        return Policy.model_validate({"summary": f"all in {dtype}", **own, "source": "--dtype"})
    known = table("policies", PolicyTable).policies
    if name not in known:
        raise unknown("policy", name, known)
    chosen = known[name]
    if dtype not in ("float32", chosen.weights, chosen.activations):
        hint = f"{name}: weights {chosen.weights}, activations {chosen.activations}; leave --dtype out"
        raise UsageError(f"--dtype {dtype} is none that the policy {name} has", hint=hint)
    return chosen
