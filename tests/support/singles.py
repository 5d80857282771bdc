"""The cells of single_layers.csv: 47 single layers, each under every tool that a convention reproduces."""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

import yaml

from archspec.api import analyze
from archspec.language.load import load_text
from archspec.studies.compare import compare
from figures import DATA, GOLDEN, HERE, target

LAYERS: dict[str, list[Any]] = yaml.safe_load((HERE / "layers.yaml").read_text("utf-8"))
COLUMNS = {column: entry if isinstance(entry, list) else [entry] for column, entry in DATA["single_layers"].items()}
OTHERS: dict[str, str] = DATA["single_others"]
with (GOLDEN / "single_layers.csv").open(encoding="utf-8", newline="") as file:
    CASES = {case["case"]: case for case in csv.DictReader(file)}


@cache
def figures(case: str) -> dict[str, tuple[list[int], list[int]]]:
    """By column of the file: the tool's figures, and those found by its convention."""
    given, *layers = LAYERS[case]
    text = yaml.safe_dump({"archspec": 1, "name": "case", "inputs": {"x": given}, "layers": layers})
    entries = {column: [target(entry) for entry in listed] for column, listed in COLUMNS.items()}
    names = sorted({one.convention for listed in entries.values() for one in listed})
    report = analyze(load_text(text, "case.yaml"), batch=2)
    tallies = {tally.convention.name: tally.columns for tally in compare(report, names)}
    return {
        column: (
            [int(value) for value in CASES[case][column].split("/")],
            [tallies[one.convention][one.column] for one in listed],
        )
        for column, listed in entries.items()
    }
