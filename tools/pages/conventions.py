"""docs/conventions.md, a page for each convention, and what they count of each kind side by side."""

from __future__ import annotations

from archspec.conventions.loader import convention, convention_names
from archspec.render import by_kind, conventions
from archspec.render.tables import reference_table
from pages import NOTICE


def overview() -> str:
    """The list of conventions, each linked to its page."""
    listed = [convention(name) for name in convention_names()]
    rows = [
        (
            f"[{counting.name}](conventions/{counting.name}.md)",
            counting.version,
            ", ".join(f"`{name}`" for name in counting.columns),
            " ".join(counting.summary.split()),
        )
        for counting in listed
    ]
    return "\n\n".join(
        [
            NOTICE + "# Counting conventions",
            "What a tool or a textbook counts as a FLOP is a file of formulas. `--convention NAME` counts any network "
            "by one of these, `--convention FILE` by one of your own; `archspec conventions NAME` prints it in a "
            "terminal. [What is counted, and how](counting.md) says why they differ, "
            "[writing a convention](writing-a-convention.md) how to make your own.",
            reference_table(("convention", "version", "columns", "what it is"), rows).rstrip(),
            "What they count of each kind of layer stands side by side in [kind by kind](conventions/by-kind.md), "
            "how many of the tools' own figures they reproduce in [cells reached](conventions/cells.md), and why "
            "they differ on a network in [why do two profilers disagree](why-profilers-disagree.md).\n",
        ]
    )


def page(name: str) -> str:
    """All that one convention says."""
    return NOTICE + conventions.markdown(convention(name))


def kind_by_kind() -> str:
    """What each convention counts of each kind, side by side."""
    return "\n\n".join(
        [
            NOTICE + "# What each convention counts, kind by kind",
            "The formulas of operations, one table for each kind of layer. `archspec compare SPEC --layers "
            "--between A B` shows two of them with the values of a network's layers. A convention that hooks "
            "modules counts them where the reference implementation calls a module; what it does otherwise, where "
            "its formulas were read and what else it counts stand on its own page. Under *known bug* the figure "
            "is the tool's, and not what it is meant to be.",
            by_kind.page([convention(name) for name in convention_names()]),
        ]
    )
