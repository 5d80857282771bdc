"""Mutation testing: change one thing in the code at random, run the tests of its room, see whether one fails.

    python tools/mutate.py -n 50 --seed 7 --rooms kinds conventions

Every mutant runs in a copy of the tree; the checkout is never touched. What survives is printed as a diff. Mutants that
change nothing anybody could see are listed in mutants.yaml with a reason, and count as killed by it.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
EQUIVALENT = Path(__file__).parent / "mutants.yaml"
FOLDERS = ("archspec", "tests", "specs", "docs", "tools", "pyproject.toml", "README.md")
# Tests of a room after those of the same name, quickest first: the first failure ends a run.
TESTS: dict[str, tuple[str, ...]] = {
    "kinds": (
        "tests/kinds/test_messages.py",
        "tests/kinds",
        "tests/analysis/test_counting.py",
        "tests/conventions/test_single_layers.py",
        "tests/analysis/test_sizes_of_three_kinds.py",
        "tests/test_cases.py",
    ),
    "graph": ("tests/graph", "tests/test_cases.py", "tests/studies", "tests/analysis", "tests/language"),
    "analysis": ("tests/analysis", "tests/conventions/test_goldens.py", "tests/policy", "tests/studies"),
    "conventions": (
        "tests/conventions/test_convention.py",
        "tests/conventions/test_convention_facts.py",
        "tests/test_cases.py",
        "tests/conventions/test_single_layers.py",
        "tests/analysis",
        "tests/studies",
    ),
    "change": ("tests/change/test_diff.py", "tests/change", "tests/ci/test_scope.py"),
    "policy": ("tests/policy", "tests/cli/test_config_command.py"),
    "expr": ("tests/expr", "tests/test_cases.py", "tests/conventions", "tests/kinds", "tests/studies", "tests/policy"),
    "sizes": (
        "tests/sizes",
        "tests/expr",
        "tests/kinds",
        "tests/test_cases.py",
        "tests/studies",
        "tests/conventions/test_convention.py",
        "tests/analysis",
    ),
    "studies": (
        "tests/studies",
        "tests/cli/test_layer.py",
        "tests/analysis/test_sizes_of_three_kinds.py",
        "tests/test_zoo.py",
    ),
    "language": ("tests/test_cases.py", "tests/graph", "tests/language", "tests/cli", "tests/policy", "tests/lint"),
}
QUIET = (
    "--hypothesis-profile=mutants",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)  # what a run finds imported already
LEAST = 60  # seconds of the processor a run may take, beside four times what the room's tests take without a mutant
IDLE = 20  # times that until a run ends that computes nothing
MEMORY = 8 << 30  # bytes


class Outcome(NamedTuple):
    """What became of a mutant: killed, survived, or ran out of time (which counts as killed); by which test."""

    mutant: Mutant
    word: str
    seconds: float
    failed: str


class Run(NamedTuple):
    """A run of tests: pytest's exit code, None where time ran out; the processor's seconds; the test that failed."""

    code: int | None
    seconds: float
    failed: str


def main() -> int:
    """Draw, run, report; 1 where a mutant survived."""
    arguments = parsed()
    points = [mutant for room in arguments.rooms for mutant in of_room(room)]
    wanted = [mutant for mutant in points if arguments.file is None or arguments.file in str(mutant.file)]
    drawn = random.Random(arguments.seed).sample(wanted, min(arguments.number, len(wanted)))
    known = equivalents()
    listed = [mutant for mutant in drawn if mutant.key in known]
    todo = [mutant for mutant in drawn if mutant.key not in known]
    print(
        f"{len(points)} mutants possible, {len(drawn)} drawn with seed {arguments.seed}, {len(listed)} of them listed"
    )
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        trees = [copied(Path(folder) / str(number)) for number in range(arguments.jobs)]
        warm()
        for outcome in run(todo, trees):
            counts[outcome.word] += 1
            if outcome.word == "survived":
                print(outcome.mutant.diff(ROOT), flush=True)
            elif arguments.verbose:
                print(
                    f"{outcome.word} {outcome.seconds:.0f} s  {outcome.mutant.place(ROOT)}  {outcome.failed.partition(chr(10))[0]}",
                    flush=True,
                )
    killed = counts["killed"] + counts["timed out"]
    share = 100 * killed / max(1, len(todo))
    print(
        f"{killed} of {len(todo)} killed ({share:.1f} %), {counts['timed out']} of them by time; {len(listed)} equivalent"
    )
    return 1 if counts["survived"] else 0


def parsed() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--number", type=int, default=50, help="mutants to draw")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--rooms", nargs="+", choices=TESTS, default=list(TESTS), help="packages to draw from")
    parser.add_argument("--file", help="only files whose path holds this")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the killed too")
    return parser.parse_args()


def of_room(room: str) -> list[Mutant]:
    """Every mutant of a package, in a fixed order."""
    return [mutant for path in sorted((ROOT / "archspec" / room).rglob("*.py")) for mutant in mutants(path, ROOT)]


def equivalents() -> set[tuple[str, str, str]]:
    """The mutants listed in mutants.yaml: file, line, mutated line."""
    listed: list[dict[str, Any]] = yaml.safe_load(EQUIVALENT.read_text("utf-8")) or []
    return {(entry["file"], entry["was"].strip(), entry["now"].strip()) for entry in listed}


def copied(tree: Path) -> Path:
    """A copy of what the tests need, in a repository of its own."""
    for name in FOLDERS:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignore)
        else:
            shutil.copy2(source, tree / name)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    return tree


def warm() -> None:
    """Import what tests import and no mutant changes: every run is a fork of this process."""
    for name in ("pytest", "click", "hypothesis.extra.numpy", "numpy", "pydantic", "sympy", "tabulate"):
        import_module(name)
    from hypothesis import HealthCheck, Phase, settings

    # One failure is enough, the smallest one takes longest to find.
    settings.register_profile(
        "mutants",
        phases=(Phase.explicit, Phase.generate),
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],  # of a machine with other work
    )


def run(todo: list[Mutant], trees: list[Path]) -> Iterator[Outcome]:
    """The outcomes as they come, after a run of each room's tests without a mutant."""
    rooms = sorted({mutant.file.parts[1] for mutant in todo})
    without: dict[str, Run] = dict(
        spread(lambda room, tree: (room, tested(TESTS[room], tree, 10 * LEAST)), rooms, trees)
    )
    for room, bare in without.items():
        if bare.code != 0:
            raise SystemExit(f"the tests of {room} fail without a mutant: {bare.failed}")
    yield from spread(
        lambda mutant, tree: tried(mutant, tree, LEAST + 4 * without[mutant.file.parts[1]].seconds), todo, trees
    )


def spread(work: Callable[[Any, Path], Any], items: Sequence[Any], trees: list[Path]) -> Iterator[Any]:
    """What ``work`` makes of each item, as it comes, a process to a tree."""
    context = get_context("fork")
    tasks, results = context.SimpleQueue(), context.SimpleQueue()
    for index in [*range(len(items)), *[None] * len(trees)]:
        tasks.put(index)

    def worker(tree: Path) -> None:
        while (index := tasks.get()) is not None:
            results.put(work(items[index], tree))

    workers = [context.Process(target=worker, args=(tree,)) for tree in trees]
    for process in workers:
        process.start()
    for _ in items:
        yield results.get()
    for process in workers:
        process.join()


def tried(mutant: Mutant, tree: Path, limit: float) -> Outcome:
    """What becomes of a mutant: the tests named like its file first, since what is collected is paid for too."""
    room = mutant.file.parts[1]
    own = f"tests/{room}/test_{mutant.file.stem}.py"
    seconds = 0.0
    with mutant.applied(tree):
        for tests in ((own,) if (tree / own).exists() else (), TESTS[room][:1], TESTS[room][1:]):
            ended = tested(tests, tree, limit)
            seconds += ended.seconds
            if ended.code != 0:
                return Outcome(mutant, "timed out" if ended.code is None else "killed", seconds, ended.failed)
    return Outcome(mutant, "survived", seconds, "")


def tested(tests: tuple[str, ...], tree: Path, limit: float) -> Run:
    """A run of pytest on a tree. The limit is of the processor's time, which other work on the machine does not use up;
    a run that waits instead of computing is ended too, much later.
    """
    if not tests:
        return Run(0, 0.0, "")
    start, note = time.monotonic(), tree / "failed.txt"
    note.write_text("", "utf-8")
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(pytest_in(tests, tree, note))
    while True:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() - start > IDLE * limit:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.05)
    code = os.waitstatus_to_exitcode(status)
    timed_out = code in (-signal.SIGXCPU, -signal.SIGKILL)
    return Run(None if timed_out else code, used.ru_utime + used.ru_stime, note.read_text("utf-8"))


class Noted:
    """A plugin of pytest: writes down which test failed."""

    def __init__(self, note: Path) -> None:
        self.note = note

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.note.write_text(f"{report.nodeid}\n{report.longreprtext}", "utf-8")


def pytest_in(tests: tuple[str, ...], tree: Path, note: Path) -> int:
    """Run pytest in this process, in silence."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(tree)
    os.environ["PYTHONPATH"] = str(tree)
    main_module = sys.modules["__main__"]  # a test's own processes are to know nothing of this one
    main_module.__file__, main_module.__spec__ = None, None
    sys.path[:] = [str(tree), *(path for path in sys.path if not path.startswith(str(ROOT)))]
    options = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0", *QUIET]
    try:
        return int(pytest.main([*options, *tests], plugins=[Noted(note)]))
    except BaseException:
        return 1


if __name__ == "__main__":
    sys.exit(main())
