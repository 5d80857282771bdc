"""What is asked of a training step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from archspec.errors import UsageError
from archspec.models.base import Model

Count = Annotated[int, Field(ge=1)]
Names = Annotated[tuple[str, ...], Field(strict=False)]  # JSON has lists


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
    samples: Count | None = None
    """How many samples an epoch has."""
    lora: str | None = None
    """Adapters of a rank in place of the weights, as `r=16,targets=q,v`; what they are beside is frozen."""
    checkpoint: Names = ()
    """Patterns of blocks or layers that keep their inputs only and run again in the backward pass."""
    accumulate: Count | None = None
    """Micro-batches of a step, each of the analysis' batch; of a pipeline enough to fill it if left out."""
    devices: Count | None = None
    """Devices that train together; those of tensor and pipeline parallelism if left out."""
    zero: Literal[1, 2, 3] | None = None
    """What the data-parallel devices share out: 1 the optimizer's state, 2 gradients too, 3 weights too (FSDP)."""
    tensor: Count = 1
    """Devices that share each matrix: tensor parallelism."""
    sequence: bool = False
    """They share what is outside of their matrices too, along the sequence."""
    pipeline: Count = 1
    """Stages that share the layers: pipeline parallelism."""
    interleave: Count = 1
    """Stretches of layers that each stage has."""
    expert: Count = 1
    """Devices that share experts."""

    estimate: Names = ()
    """Published estimates to put beside, or files of one's own; `all` are all there are."""

    def check(self) -> None:
        """Raise UsageError where what is asked for does not go together."""
        for name in list(TrainingSettings.model_fields)[1:]:
            if getattr(self, name) != TrainingSettings.model_fields[name].default and not self.train:
                raise UsageError(f"--{name} is of training", hint="add --train")
        if self.expert > 1:
            raise UsageError("--expert shares experts, and no kind of layer has any yet")
        if self.zero is not None and self.devices is None:
            raise UsageError(f"--zero {self.zero} shares over devices", hint="say how many: --devices 8")
        if self.sequence and self.tensor == 1:
            raise UsageError("--sequence goes with --tensor", hint="say over how many devices: --tensor 8")
        if self.interleave > 1 and self.pipeline == 1:
            raise UsageError("--interleave goes with --pipeline", hint="say how many stages: --pipeline 4")
        if self.devices is not None and self.devices % (self.tensor * self.pipeline):
            model = f"{self.tensor} of --tensor x {self.pipeline} of --pipeline"
            raise UsageError(f"--devices {self.devices} is no multiple of {model}")

    @property
    def data_parallel(self) -> int:
        """Devices, or groups of them, that each have a batch of their own."""
        return (self.devices or self.tensor * self.pipeline) // (self.tensor * self.pipeline)
