"""Every tool's own figure for each of 47 single layers, to the unit."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from goldens import DATA, GOLDEN, HERE, target

from archspec.api import analyze
from archspec.compare import compare

LAYERS: dict[str, list[Any]] = yaml.safe_load((HERE / "layers.yaml").read_text("utf-8"))
COLUMNS = {column: entry if isinstance(entry, list) else [entry] for column, entry in DATA["single_layers"].items()}
with (GOLDEN / "single_layers.csv").open(encoding="utf-8", newline="") as file:
    CASES = {case["case"]: case for case in csv.DictReader(file)}


def test_every_case_is_written_out() -> None:
    assert list(LAYERS) == list(CASES)
    for case, columns in DATA["single_exceptions"].items():
        assert case in CASES
        assert set(columns) <= set(COLUMNS)


@pytest.mark.parametrize("case", LAYERS)
def test_figures_are_those_of_the_tools(case: str, tmp_path: Path) -> None:
    given, *layers = LAYERS[case]
    text = yaml.safe_dump({"archspec": 1, "name": "case", "inputs": {"x": given}, "layers": layers})
    path = tmp_path / "case.yaml"
    path.write_text(text)
    entries = {column: [target(entry) for entry in listed] for column, listed in COLUMNS.items()}
    names = sorted({one.convention for listed in entries.values() for one in listed})
    tallies = {tally.convention.name: tally.columns for tally in compare(analyze(path, batch=2), names)}
    excepted = DATA["single_exceptions"].get(case, {})
    for column, listed in entries.items():
        wanted = [int(value) for value in CASES[case][column].split("/")]
        found = [tallies[one.convention][one.column] for one in listed]
        if column in excepted:
            assert found != wanted, f"{column}: is reached, and no exception"
        else:
            assert found == wanted, f"{column} of {CASES[case]['torch']}"
