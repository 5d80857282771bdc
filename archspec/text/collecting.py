"""Garbage collection, paused while large trees are built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused(last: bool = False) -> Iterator[None]:
    """No collection inside. What is built there is kept; each pass over it would only cost time, ever more of it.

    ``last``: the process ends behind it, and no pass is made at all.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if last:
            gc.freeze()
        if collecting:
            gc.enable()
