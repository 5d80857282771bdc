"""`archspec diff` of a one-file change against `archspec summary` of that file, in a repository with history.

    python benchmarks/diff.py [--specs 200] [--commits 1000] [--rounds 15]

The repository is made in a temporary folder: copies of the zoo's networks, and commits that each change a line of one.
Then one file is edited, and both commands run by turns in fresh processes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from measure import ROOT, Figure, process, table, timed
from repository import make

DEPTHS = "resnet50: {block: bottleneck, depths: [3, 4, %d, 3]}"
# A spec, the variant that is summed up, the edit, and the limit.
CASES = (
    ("alexnet", None, "kernel: 11", "kernel: 9", 1.3),
    ("llama3", "8b", "kv_heads: 8,", "kv_heads: 4,", 1.3),
    ("resnet", "resnet50", DEPTHS % 6, DEPTHS % 9, 1.3),
    ("resnet", "resnet50", "kernel: 7, stride: 2", "kernel: 5, stride: 2", None),  # ten variants, two sides
)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=200)
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zoo = {f"specs/{name}.yaml": (ROOT / "specs" / f"{name}.yaml").read_bytes() for name, *_ in CASES}
        make(folder, options.specs, options.commits, zoo)
        for spec, variant, old, new, limit in CASES:
            file = folder / "specs" / f"{spec}.yaml"
            before = file.read_text("utf-8")
            assert old in before
            file.write_text(before.replace(old, new, 1), "utf-8")
            target = f"specs/{spec}.yaml" + (f"@{variant}" if variant else "")
            commands = (("-m", "archspec", "diff"), ("-m", "archspec", "summary", target))
            taken = [
                [process(ROOT, *command, cwd=folder).seconds for command in commands] for _ in range(options.rounds)
            ]
            file.write_text(before, "utf-8")
            figures.append(timed(f"diff / summary, {target}: {new:.24}", *zip(*taken, strict=True), limit))
    print(table(figures))


if __name__ == "__main__":
    main()
