"""`archspec ci` in a repository of 200 specs, 730 variants and 1,000 commits: processor seconds of whole runs.

    python benchmarks/ci.py [--specs 200] [--commits 1000] [--rounds 3] [--folder FOLDER]

One pull request changes 6 files, one 525 variants; the first is run with ``--strict`` too, which looks at every spec.
``--folder`` keeps the repository, on its branches `few` and `many` of `main`, for runs by hand.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import ROOT, Figure, process, table
from repository import edited, make

FEW, MANY = 6, 525  # files, variants
RUNS = (("few", (), 3.0), ("many", (), 10.0), ("few", ("--strict",), None))  # branch, options, seconds


def variants(file: Path) -> int:
    """How many variants a spec has."""
    from archspec.analysis.setting import cases
    from archspec.language.load import load_spec

    return len(cases(load_spec(file)))


def branch(folder: Path, name: str, files: Sequence[str]) -> None:
    """A branch of `main` that changes some specs."""
    subprocess.run(["git", "checkout", "-q", "-B", name, "main"], cwd=folder, check=True)
    for file in files:
        edited(folder / file)
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, "commit", "-qam", f"Change {name}"], cwd=folder, check=True)


def chosen(folder: Path, paths: Sequence[str]) -> tuple[int, list[str], list[str]]:
    """How many variants there are; a few files, and those that many variants are of."""
    count = {path: variants(folder / path) for path in paths}
    able = [path for path in paths if edited(folder / path)]
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)
    many: list[str] = []
    for path in able:
        if sum(count[other] for other in many) + count[path] <= MANY:
            many.append(path)
    return sum(count.values()), able[3::11][:FEW], many


def main() -> None:
    """Make the repository, measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=200)
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name) / "specs"
        paths = make(folder, options.specs, options.commits)
        total, few, many = chosen(folder, paths)
        branch(folder, "few", few)
        branch(folder, "many", many)
        print(f"{len(paths)} specs, {total} variants; changed: {len(few)} files, {len(many)} files\n")
        for on, words, limit in RUNS:
            subprocess.run(["git", "checkout", "-q", on], cwd=folder, check=True)
            command = ("-m", "archspec", "ci", "--base", "main", "--out", f"{name}/report", *words)
            seconds = min(process(ROOT, *command, cwd=folder, codes=(0, 1)).seconds for _ in range(options.rounds))
            goal = limit or seconds
            title = " ".join((f"ci, {on}", *words))
            figures.append(Figure(title, f"{seconds:.2f} s", f"{goal:.0f} s", seconds / goal, 1 if limit else None))
    print(table(figures))


if __name__ == "__main__":
    main()
