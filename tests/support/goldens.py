"""The cells: every network of the golden files, every figure of every tool that a convention reproduces."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from archspec.analysis.report import Report
from archspec.api import analyze
from archspec.errors import UsageError
from archspec.studies.compare import compare
from figures import DATA, GOLDEN, Target, target

STATES = ("equal", "excepted", "different", "no answer", "no spec")


class Cell(NamedTuple):
    """One figure of one network. ``state`` is one of STATES; ``no answer``: the tool itself gave none."""

    network: str
    tool: str
    figure: str
    wanted: Any
    found: Any
    state: str
    reason: str


@cache
def networks() -> dict[str, dict[str, Any]]:
    """Every network with its golden figures."""
    found: dict[str, dict[str, Any]] = {}
    for file in ("torchvision.json", "torchvision_rest.json", "torchvision_counters.json", "fusionnet.json"):
        for name, golden in json.loads((GOLDEN / file).read_text("utf-8")).items():
            found.setdefault(name, {}).update(golden)
    return dict(sorted(found.items()))


@cache
def settled(network: str) -> Report | None:
    """The network as it was measured; None where the zoo has no spec of it."""
    _, channels, height, width = networks()[network]["input"]
    try:
        report = analyze(network, dims={"H": height, "W": width}, vars=DATA["settings"].get(network))
    except UsageError as error:
        if f"`{network}`" in str(error) or "no such file" in str(error):
            return None
        raise
    assert next(iter(report.graph.inputs.values())).shape == (1, channels, height, width)
    return report


@cache
def columns(network: str) -> dict[str, dict[str, Any]] | None:
    """The network's totals by convention and column, at the golden input; None where the zoo has no spec of it."""
    report = settled(network)
    if report is None:
        return None
    names = sorted({target(entry).convention for tool in DATA["networks"].values() for entry in tool.values()})
    return {tally.convention.name: tally.columns for tally in compare(report, names)}


@cache
def cells(network: str) -> tuple[Cell, ...]:
    """The network's cells, of the tools that it was measured with."""
    found = columns(network)
    golden = networks()[network]
    result = []
    for tool, figures in DATA["networks"].items():
        if tool not in golden:
            continue
        for figure, entry in figures.items():
            wanted = golden[tool].get(figure)
            if "error" in golden[tool] or wanted is None:
                result.append(Cell(network, tool, figure, None, None, "no answer", golden[tool].get("error", "")))
            elif found is None:
                result.append(Cell(network, tool, figure, wanted, None, "no spec", ""))
            else:
                result.append(judged(Cell(network, tool, figure, wanted, None, "", ""), found, target(entry)))
    return tuple(result)


def judged(cell: Cell, found: dict[str, dict[str, Any]], wanted: Target) -> Cell:
    """The cell with what archspec finds and whether that is the tool's figure."""
    value = in_unit(found[wanted.convention][wanted.column], wanted.unit)
    reason = next(
        (each["reason"] for each in DATA["exceptions"]
         if cell.network in each["networks"] and f"{cell.tool}.{cell.figure}" in each["figures"]), "",
    )  # fmt: skip
    state = "equal" if value == cell.wanted else "excepted" if reason else "different"
    return cell._replace(found=value, state=state, reason=reason)


def in_unit(value: int, unit: str) -> float:
    """A figure as its tool gives it."""
    if unit == "MB/2":
        return float(f"{value / 2**20:.2f}")
    return value / 2**20 if unit == "MiB" else value
