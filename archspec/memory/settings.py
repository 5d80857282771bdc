"""What is asked of a network's memory, beside the setting of its analysis (variant, batch, dtype, sizes)."""

from __future__ import annotations

from typing import Literal

from archspec.memory.training_settings import TrainingSettings


class MemorySettings(TrainingSettings):
    """What to work out, and by which models. What is left out is not asked for, and has no figure."""

    autograd: str = "autograd-cpu"
    """The convention of what is saved for backward, or a file of one's own; shown with `train`."""
    order: Literal["file", "best"] = "file"
    """The order in which layers are taken to run: that of the file, or the one that needs the least memory."""
    weights: str | None = None
    """The format of the parameters: its name, a mixture, or PATTERN=FORMAT, ...; the dtype where it is left out."""
