"""A lock for a file that several commands may write at once: a file beside it that only one of them can make."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archspec.errors import UsageError
from archspec.policy.toml import shown

PATIENCE = 10.0  # seconds; a waiver is written in a hundredth of one
PAUSE = 0.01


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a file. Raises UsageError where another keeps it, or it cannot be made."""
    lock = path.with_name(path.name + ".lock")
    end = time.monotonic() + patience
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            if time.monotonic() > end:
                hint = "another archspec writes it; where none runs, one was killed: remove the lock"
                raise UsageError(f"{shown(lock)} is in the way", hint=hint) from None
            time.sleep(PAUSE)
        except OSError as error:
            raise UsageError(f"cannot make {shown(lock)}: {error.strerror}") from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
