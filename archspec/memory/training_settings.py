"""What is asked of a training step."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from archspec.errors import UsageError
from archspec.models.base import Model


class TrainingSettings(Model):
    """What is trained, by what, over how many devices."""

    train: bool = False
    """Also what a training step needs."""
    optimizer: str | None = None
    """What the parameters are trained by; adamw if left out."""
    policy: str | None = None
    """The dtypes of a training step; all in the analysis' own if left out."""
    backward: str = "contractions"
    """The convention of the backward pass' operations, or a file of one's own."""
    samples: Annotated[int, Field(ge=1)] | None = None
    """How many samples an epoch has."""

    def check(self) -> None:
        """Raise UsageError where what is asked for does not go together."""
        for name in list(TrainingSettings.model_fields)[1:]:
            if getattr(self, name) != TrainingSettings.model_fields[name].default and not self.train:
                raise UsageError(f"--{name} is of training", hint="add --train")
