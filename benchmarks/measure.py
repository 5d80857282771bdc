"""What the benchmarks share: the two sides, the rounds, the table.

Times are processor seconds, not those on the wall: a program that runs alone in one thread takes as long by either
clock, and other programs of the machine move the second far more than the first.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tabulate import tabulate

ROOT = Path(__file__).parent.parent
WORKER = Path(__file__).parent / "worker.py"


class Figure(NamedTuple):
    """One line of the table: a measurement, what it is held against, and the most that their ratio should be."""

    name: str
    measured: str
    reference: str
    ratio: float
    limit: float | None = None


class Used(NamedTuple):
    """What a process took from start to end: processor seconds, and MiB at its peak."""

    seconds: float
    peak: float


def environment(checkout: Path) -> dict[str, str]:
    """The variables of a process that imports archspec from a checkout, its bytecode kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(checkout)}


def process(checkout: Path, *arguments: str, cwd: Path | None = None, codes: Sequence[int] = (0,)) -> Used:
    """Run this interpreter with the arguments, the checkout before the current folder; raises where it ends with
    another exit code."""
    command = [sys.executable, "-P", *arguments]
    child = subprocess.Popen(command, env=environment(checkout), stdout=subprocess.DEVNULL, cwd=cwd)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in codes:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Worker:
    """An interpreter that has a checkout's archspec, and answers one measurement at a time."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, str(WORKER)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment(checkout), stdin=pipe, stdout=pipe, text=True)

    def ask(self, task: str, *arguments: Any) -> Any:
        """The answer of a task of worker.py."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([task, *arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a worker has stopped; its error stands above")
        return json.loads(line)

    def close(self) -> None:
        """End the interpreter."""
        self.process.communicate()


@contextlib.contextmanager
def workers(*checkouts: Path) -> Iterator[list[Worker]]:
    """A worker for each checkout."""
    started = [Worker(checkout) for checkout in checkouts]
    try:
        yield started
    finally:
        for worker in started:
            worker.close()


@contextlib.contextmanager
def checkout(against: str) -> Iterator[Path]:
    """A folder that holds archspec, or a commit, whose files are then put into a temporary folder."""
    if (Path(against) / "archspec").is_dir():
        yield Path(against).resolve()
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other"
        subprocess.run([*git, "add", "--quiet", "--detach", str(path), against], check=True)
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], check=True)


def ratio(own: Sequence[float], other: Sequence[float]) -> float:
    """The median of the ratios, round by round: what slows a round down slows both of its sides."""
    return statistics.median(mine / theirs for mine, theirs in zip(own, other, strict=True))


def timed(name: str, own: Sequence[float], other: Sequence[float], limit: float | None = None) -> Figure:
    """A figure of two columns of times, one entry a round."""
    measured, reference = (f"{statistics.median(column) * 1e3:,.2f} ms" for column in (own, other))
    return Figure(name, measured, reference, ratio(own, other), limit)


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, those above their limit marked."""
    rows = []
    for figure in figures:
        within = figure.limit is None or round(figure.ratio, 2) <= figure.limit
        limit = "" if figure.limit is None else f"{figure.limit:g}"
        rows.append((*figure[:3], f"{figure.ratio:.2f}", limit, "" if within else "ABOVE"))
    heads = ("figure", "measured", "reference", "ratio", "limit", "")
    align = ("left", "right", "right", "right", "right", "left")
    return tabulate(rows, heads, tablefmt="simple", colalign=align, disable_numparse=True)
