"""docs/conventions/cells.md: which of the tools' own figures are reached, as the tests compute them."""

from __future__ import annotations

import singles
from archspec.render.tables import reference_table
from figures import DATA
from goldens import STATES, Cell, cells, networks
from pages import NOTICE


def page() -> str:
    """A row for each network, a column for each tool; then the single layers."""
    parts = [
        NOTICE + "# Cells reached",
        "Every figure that a tool gave for a network when it was run itself (tests/golden), against the same figure "
        "computed from the network's spec by the tool's convention. A cell says how many of a tool's figures are equal "
        "to the unit, of how many it gave. `-`: the tool stops with an error on this network; nothing: not measured. "
        "[Single layers](#single-layers) follow.",
        *of_networks(),
        "## Single layers",
        *of_single_layers(),
    ]
    return "\n\n".join(parts) + "\n"


def of_networks() -> list[str]:
    """The table of networks, its sum in words, and what is missing."""
    tools = tuple(DATA["networks"])
    computed = {name: cells(name) for name in networks()}
    everything = [cell for some in computed.values() for cell in some]
    rows = [(name, *(summed(some, tool) for tool in tools)) for name, some in computed.items()]
    total = ("**all**", *(f"**{summed(everything, tool)}**" for tool in tools))
    missing = [
        f"- {', '.join(exception['networks'])}: "
        + ", ".join(f"`{figure}`" for figure in exception["figures"])
        + f". {in_line(exception['reason'])}"
        for exception in DATA["exceptions"]
    ]
    parts = [reference_table(("network", *tools), [*rows, total]).rstrip(), counted(everything)]
    return [*parts, "## What is missing", "\n".join(missing)] if missing else parts


def summed(some: list[Cell] | tuple[Cell, ...], tool: str) -> str:
    """How many of a tool's cells are reached; nothing where there are none, or no spec."""
    states = [cell.state for cell in some if cell.tool == tool]
    answered = [state for state in states if state != "no answer"]
    if states and not answered:
        return "-"
    return f"{answered.count('equal')}/{len(answered)}" if set(answered) - {"no spec"} else ""


def counted(some: list[Cell]) -> str:
    """All cells by state, in a sentence."""
    count = {state: sum(cell.state == state for cell in some) for state in STATES}
    text = f"{count['equal']} of {len(some) - count['no answer']} cells are reached"
    text += f", {count['excepted']} are listed below with their reason" if count["excepted"] else ""
    text += f", {count['different']} differ" if count["different"] else ""
    text += f", {count['no spec']} are of networks that the zoo does not have" if count["no spec"] else ""
    return f"{text}. The tools themselves gave no answer for {count['no answer']} more."


def of_single_layers() -> list[str]:
    """The table of single layers, a row for each tool, and what is missing."""
    rows = []
    for column in singles.COLUMNS:
        pairs = [singles.figures(case)[column] for case in singles.CASES]
        rows.append((column, f"{sum(wanted == computed for wanted, computed in pairs)}/{len(pairs)}"))
    missing = [
        f"- {case}, `{column}`: {in_line(reason)}."
        for case, columns in DATA["single_exceptions"].items()
        for column, reason in columns.items()
    ]
    missing += [f"- All, `{column}`: {in_line(reason)}." for column, reason in singles.OTHERS.items()]
    head = f"{len(singles.CASES)} layers and functions on a batch of 2."
    return [head, reference_table(("tool", "cells"), rows).rstrip(), "Missing:", "\n".join(missing)]


def in_line(text: str) -> str:
    """A text of several lines as one."""
    return " ".join(text.split())
