"""`archspec diff` of a one-file change against `archspec summary` of that file, in a repository with history.

    python benchmarks/diff.py [--specs 200] [--commits 1000] [--rounds 15]

The repository is made in a temporary folder: copies of the zoo's networks, and commits that each change a line of one.
Then one file is edited, and both commands run by turns in fresh processes.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from measure import ROOT, Figure, process, table, timed

DEPTHS = "resnet50: {block: bottleneck, depths: [3, 4, %d, 3]}"
# A spec, the variant that is summed up, the edit, and the limit.
CASES = (
    ("alexnet", None, "kernel: 11", "kernel: 9", 1.3),
    ("llama3", "8b", "kv_heads: 8,", "kv_heads: 4,", 1.3),
    ("resnet", "resnet50", DEPTHS % 6, DEPTHS % 9, 1.3),
    ("resnet", "resnet50", "kernel: 7, stride: 2", "kernel: 5, stride: 2", None),  # ten variants, two sides
)


def make(folder: Path, specs: int, commits: int) -> None:
    """A repository with so many specs and commits, by git's own import: a thousand calls take a minute."""
    zoo = sorted((ROOT / "specs").glob("*.yaml"))
    stream = bytearray()

    def blob(text: bytes) -> bytes:
        return b"data %d\n%s\n" % (len(text), text)

    def commit(files: dict[str, bytes], number: int) -> None:
        stream.extend(b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\n" % (1_700_000_000 + number))
        stream.extend(blob(b"change %d" % number))
        for path, text in files.items():
            stream.extend(b"M 100644 inline %s\n" % path.encode() + blob(text))
        stream.extend(b"\n")

    contents = {
        f"specs/{index // 20}/{zoo[index % len(zoo)].stem}_{index}.yaml": zoo[index % len(zoo)].read_bytes()
        for index in range(specs)
    }
    contents |= {f"specs/{name}.yaml": (ROOT / "specs" / f"{name}.yaml").read_bytes() for name, *_ in CASES}
    commit(contents, 0)
    paths = sorted(contents)
    for number in range(1, commits):
        path = paths[number % len(paths)]
        contents[path] += b"# change %d\n" % number
        commit({path: contents[path]}, number)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=bytes(stream), check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=folder, check=True)
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=folder, check=True)


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
        make(folder, options.specs, options.commits)
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
