"""Mutation testing: change one thing in the code at random, run the tests of its room, see whether one fails.

    python tools/mutate.py -n 50 --seed 7 --rooms kinds conventions

Every mutant runs in a copy of the tree; the checkout is never touched. What survives is printed as a diff. Mutants that
change nothing anybody could see are listed in mutants.yaml with a reason, and count as killed by it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
EQUIVALENT = Path(__file__).parent / "mutants.yaml"
ROOMS = ("kinds", "graph", "analysis", "conventions", "change", "policy")
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
    "graph": ("tests/graph", "tests/language", "tests/test_cases.py", "tests/analysis", "tests/studies/test_unroll.py"),
    "analysis": ("tests/analysis", "tests/conventions/test_goldens.py", "tests/policy", "tests/studies"),
    "conventions": (
        "tests/conventions/test_convention.py",
        "tests/conventions/test_convention_facts.py",
        "tests/test_cases.py",
        "tests/conventions/test_single_layers.py",
        "tests/analysis",
        "tests/studies",
    ),
    "change": ("tests/change",),
    "policy": ("tests/policy",),
}
QUIET = (
    "--hypothesis-profile=mutants",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)  # what a run finds imported already
SLOWEST = 240  # seconds, whatever a run without a mutant takes


class Outcome(NamedTuple):
    """What became of a mutant: killed, survived, or ran out of time (which counts as killed)."""

    mutant: Mutant
    word: str
    seconds: float


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
                print(f"{outcome.word} {outcome.seconds:.0f} s  {outcome.mutant.place(ROOT)}", flush=True)
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
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=ROOMS, help="packages to draw from")
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
    from hypothesis import Phase, settings

    # One failure is enough, the smallest one takes longest to find.
    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None, deadline=None)


def run(todo: list[Mutant], trees: list[Path]) -> Any:
    """The outcomes as they come, a process to a tree."""
    context = get_context("fork")
    tasks, results = context.SimpleQueue(), context.SimpleQueue()
    for index in range(len(todo)):
        tasks.put(index)
    for _ in trees:
        tasks.put(None)

    def work(tree: Path) -> None:
        without: dict[tuple[str, ...], tuple[int | None, float]] = {}
        while (index := tasks.get()) is not None:
            mutant, start = todo[index], time.monotonic()
            room, word = mutant.file.parts[1], "survived"
            own = f"tests/{room}/test_{mutant.file.stem}.py"
            for names in ((own,), TESTS[room][:1], TESTS[room][1:]):  # what is collected is paid for too
                tests = tuple(name for name in names if (tree / name).exists())
                if tests not in without:
                    without[tests] = tested(tests, tree, 10 * SLOWEST)
                code, seconds = without[tests]
                if code != 0:
                    word = f"not run: {' '.join(tests)} fail without a mutant"
                    break
                with mutant.applied(tree):
                    code, _ = tested(tests, tree, min(SLOWEST, 20 + 4 * seconds))
                if code != 0:
                    word = "timed out" if code is None else "killed"
                    break
            results.put((index, word, time.monotonic() - start))

    workers = [context.Process(target=work, args=(tree,)) for tree in trees]
    for worker in workers:
        worker.start()
    for _ in todo:
        index, word, seconds = results.get()
        yield Outcome(todo[index], word, seconds)
    for worker in workers:
        worker.join()


def tested(tests: tuple[str, ...], tree: Path, limit: float) -> tuple[int | None, float]:
    """The exit code of pytest on a tree, None where it took longer than ``limit`` seconds; and the seconds."""
    start = time.monotonic()
    if not tests:
        return 0, 0.0
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(pytest_in(tests, tree))
    while time.monotonic() - start < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), time.monotonic() - start
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None, limit


def pytest_in(tests: tuple[str, ...], tree: Path) -> int:
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
        return int(pytest.main([*options, *tests]))
    except BaseException:
        return 1


if __name__ == "__main__":
    sys.exit(main())
