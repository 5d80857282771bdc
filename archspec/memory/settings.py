"""What is asked of a network's memory, beside the setting of its analysis (variant, batch, dtype, sizes)."""

from __future__ import annotations

from typing import Literal

from archspec.errors import UsageError
from archspec.memory.training.settings import Names, TrainingSettings

MOST_TOKENS = 10**15


class MemorySettings(TrainingSettings):
    """What to work out, and by which models. What is left out is not asked for, and has no figure."""

    autograd: str = "autograd-cpu"
    """The convention of what is saved for backward, or a file of one's own; shown with `train`."""
    order: Literal["file", "best"] = "file"
    """The order in which layers are taken to run: that of the file, or the one that needs the least memory."""
    weights: str | None = None
    """The format of the parameters: its name, a mixture, or PATTERN=FORMAT, ...; the dtype where it is left out."""
    kv: Names = ()
    """Conventions of what is kept from token to token, or files of one's own; `all` are all there are."""
    length: int | None = None
    """Tokens of each sequence that the cache holds."""
    kv_dtype: str | None = None
    """The format of the cache; the analysis' dtype where it is left out."""
    kv_set: Names = ()
    """NAME=NUMBER, settings of the runtimes."""

    def check(self) -> None:
        """Raise UsageError where what is asked for does not go together."""
        super().check()
        if self.autograd != MemorySettings.model_fields["autograd"].default and not self.train:
            raise UsageError("--autograd is of training", hint="add --train")
        if self.kv and self.length is None:
            raise UsageError("--kv needs the tokens of a sequence", hint="--length 32768")
        if not self.kv and (self.length is not None or self.kv_dtype is not None or self.kv_set):
            option = "length" if self.length is not None else "kv-dtype" if self.kv_dtype is not None else "kv-set"
            raise UsageError(f"--{option} is of the KV cache", hint="add --kv kv-architecture, or --kv all")
        if self.length is not None and not 1 <= self.length < MOST_TOKENS:
            raise UsageError(f"--length must be at least 1 and below 10^15, got {self.length}")
