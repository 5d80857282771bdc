"""The time and memory of this checkout as ratios to another one, all measured in one run.

    python benchmarks/paired.py --against 77c5a7a [--only analysis] [--rounds 15]

``--against`` is a commit, or a folder with a checkout. A round measures one side and then the other; a ratio is the
median over the rounds. The reference is the other checkout, unless the line names another one after a stroke.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measure import ROOT, Figure, checkout, process, table, timed, workers

IMPORTS = ("-c", "from pydantic import BaseModel; import yaml, click, tabulate")
SUMMARY = ("-m", "archspec", "summary", "resnet50")
# Spec of the zoo, variant, and how many analyses make one measurement.
NETWORKS = (("resnet50", "resnet50", 30), ("swin_t", "swin_t", 8), ("densenet201", "densenet201", 3))
MIB_LIMIT = 45


def startup(other: Path, rounds: int) -> Iterator[Figure]:
    """A whole command against importing the libraries that it is built on."""
    for side in (ROOT, other):  # the first run writes the bytecode
        process(side, *SUMMARY)
    own, others, imports = [], [], []
    for _ in range(rounds):
        own.append(process(ROOT, *SUMMARY))
        imports.append(process(ROOT, *IMPORTS).seconds)
        others.append(process(other, *SUMMARY))
    times, others_times = [used.seconds for used in own], [used.seconds for used in others]
    yield timed("summary resnet50 / importing its libraries", times, imports, 1.4)
    yield timed("summary resnet50", times, others_times)
    peak, others_peak = (max(used.peak for used in column) for column in (own, others))
    yield Figure("summary resnet50, peak", f"{peak:.1f} MiB", f"{others_peak:.1f} MiB", peak / others_peak)
    yield Figure(
        f"summary resnet50, peak / {MIB_LIMIT} MiB", f"{peak:.1f} MiB", f"{MIB_LIMIT} MiB", peak / MIB_LIMIT, 1
    )


def analysis(other: Path, rounds: int) -> Iterator[Figure]:
    """Networks analysed again and again from loaded specs."""
    with workers(ROOT, other) as sides:
        for path, variant, times in NETWORKS:
            for side in sides:
                side.ask("analysis", path, variant, times)
            taken = [[side.ask("analysis", path, variant, times) for side in sides] for _ in range(rounds)]
            yield timed(f"analysis of {variant}", *zip(*taken, strict=True), 0.6)


def to_dict(other: Path, rounds: int) -> Iterator[Figure]:
    """The dictionary for JSON of a network with many equal layers."""
    with workers(ROOT, other) as sides:
        taken = [[side.ask("to_dict", "llama3", "70b") for side in sides] for _ in range(rounds + 1)][1:]
    yield timed("to_dict of llama3@70b", *zip(*taken, strict=True), 0.2)


def flat(other: Path, rounds: int) -> Iterator[Figure]:
    """A spec of 100,000 layers, loaded and analysed by fresh processes."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        file = written(folder, layers(100_000))
        for _ in range(max(1, rounds // 3)):
            with workers(ROOT, other) as sides:
                taken.append([side.ask("whole", file) for side in sides])
    name = "100,000 flat layers"
    loads = [[side["load"] for side in row] for row in taken]
    analyses = [[side["analysis"] for side in row] for row in taken]
    both = [[side["load"] + side["analysis"] for side in row] for row in taken]
    yield timed(f"{name}, load", *zip(*loads, strict=True))
    yield timed(f"{name}, analysis", *zip(*analyses, strict=True))
    yield timed(f"{name}, load and analysis", *zip(*both, strict=True), 1)
    for when, limit in (("loaded", None), ("analysed", 1)):
        own, others = (statistics.median(row[side][when] for row in taken) for side in (0, 1))
        yield Figure(f"{name}, peak when {when}", f"{own:,.0f} MiB", f"{others:,.0f} MiB", own / others, limit)


def scaling(other: Path, rounds: int) -> Iterator[Figure]:
    """This checkout alone: more instances cost nothing, ten times the layers ten times the time."""
    block = {"residual": [{"linear": 64}, {"relu": None}, {"linear": 64}]}
    with tempfile.TemporaryDirectory() as folder, workers(ROOT) as [worker]:
        few, many = (written(folder, [{"seq": [block], "repeat": times}], [64]) for times in (2, 1_000_000))
        short, long = (written(folder, layers(count)) for count in (3_000, 30_000))
        repeats = [[worker.ask("analysis", file, None, 20) for file in (many, few)] for _ in range(rounds)]
        lengths = [
            [worker.ask("analysis", file, None, 1) for file in (long, short)] for _ in range(max(1, rounds // 3))
        ]
    yield timed("repeat: 1000000 / repeat: 2", *zip(*repeats, strict=True), 1.2)
    yield timed("30,000 layers / 3,000 layers", *zip(*lengths, strict=True), 13)


def layers(count: int) -> list[dict[str, Any]]:
    """So many layers, no two neighbours alike: widths go through 97 values."""
    pairs = [({"conv": {"out": 16 + 2 * i % 97, "kernel": 3, "padding": 1}}, {"relu": None}) for i in range(count // 2)]
    return [layer for pair in pairs for layer in pair]


def written(folder: str, layers: list[dict[str, Any]], shape: tuple[int, ...] | list[int] = (3, 32, 32)) -> str:
    """The path of a new spec of these layers."""
    content = {"archspec": 1, "name": "made", "inputs": {"x": shape}, "layers": layers}
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=folder, delete=False) as file:
        json.dump(content, file)
    return file.name


PARTS: dict[str, Callable[[Path, int], Iterator[Figure]]] = {
    "startup": startup,
    "analysis": analysis,
    "to_dict": to_dict,
    "flat": flat,
    "scaling": scaling,
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", required=True, metavar="COMMIT", help="a commit, or a folder with a checkout")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part of the table; may be repeated")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with checkout(options.against) as other:
        print(table([figure for part in options.only or PARTS for figure in PARTS[part](other, options.rounds)]))


if __name__ == "__main__":
    main()
