"""What is asked of a network's memory, beside the setting of its analysis (variant, batch, dtype, sizes)."""

from __future__ import annotations

<<<<<<< HEAD
from typing import Literal

=======
from archspec.errors import UsageError
>>>>>>> 9e6db60 (memory: what a training step keeps beside the activations: gradients, states of eleven optimizers against PyTorch's, six precision policies)
from archspec.models.base import Model

OF_TRAINING = ("optimizer", "policy")  # settings that go with `train`


class MemorySettings(Model):
    """What to work out, and by which models. What is left out is not asked for, and has no figure."""

    train: bool = False
    """Also what a training step needs."""
    autograd: str = "autograd-cpu"
    """The convention of what is saved for backward, or a file of one's own; shown with `train`."""
<<<<<<< HEAD
    order: Literal["file", "best"] = "file"
    """The order in which layers are taken to run: that of the file, or the one that needs the least memory."""
=======
    optimizer: str | None = None
    """What the parameters are trained by; adamw if left out."""
    policy: str | None = None
    """The dtypes of a training step; all in the analysis' own if left out."""

    def check(self) -> None:
        """Raise UsageError where what is asked for does not go together."""
        for name in OF_TRAINING:
            if getattr(self, name) != type(self).model_fields[name].default and not self.train:
                raise UsageError(f"--{name} is of training", hint="add --train")
>>>>>>> 9e6db60 (memory: what a training step keeps beside the activations: gradients, states of eleven optimizers against PyTorch's, six precision policies)
