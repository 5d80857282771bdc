"""A measurement in an interpreter of its own: tasks come as lines of JSON, answers leave as such.

It runs under older checkouts too, so it calls nothing but ``archspec.load``, ``archspec.analyze`` and the report's
``totals`` and ``to_dict``.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import archspec


def seconds(call: Callable[[], Any], times: int) -> float:
    """Processor seconds of one call, the mean over some."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


@cache
def loaded(path: str) -> Any:
    """A spec, read once."""
    return archspec.load(path)


def analysis(path: str, variant: str | None, times: int) -> float:
    """Analysing a loaded spec, up to its totals."""
    spec = loaded(path)
    return seconds(lambda: archspec.analyze(spec, variant=variant).totals["macs"], times)


def to_dict(path: str, variant: str | None) -> float:
    """The report's dictionary for JSON, of a report that was not asked before."""
    report = archspec.analyze(loaded(path), variant=variant)
    return seconds(report.to_dict, 1)


def whole(path: str) -> dict[str, float]:
    """Loading and then analysing: seconds of each, and the process's peak in MiB after each."""
    load = seconds(lambda: loaded(path), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    analysed = seconds(lambda: archspec.analyze(loaded(path)).totals["macs"], 1)
    last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"load": load, "loaded": peak, "analysis": analysed, "analysed": last}


TASKS: dict[str, Callable[..., Any]] = {"analysis": analysis, "to_dict": to_dict, "whole": whole}

if __name__ == "__main__":
    for line in sys.stdin:
        task, *arguments = json.loads(line)
        print(json.dumps(TASKS[task](*arguments)), flush=True)
