"""docs/kinds.md: the reference of kinds."""

from __future__ import annotations

from itertools import groupby

from archspec.render import kinds
from archspec.studies.catalog import entries, family_text
from pages import NOTICE, regions


def page() -> str:
    """The reference of kinds, a section for each family."""
    families = [(family, list(members)) for family, members in groupby(entries(), key=lambda entry: entry.family)]
    parts = [
        NOTICE + "# Kinds of layers",
        "One section for each family, one for each kind. `archspec kinds NAME` prints the same in a terminal. How "
        "arguments are written, and what an expression may say, is in [the language](language.md); other ways of "
        "counting are in [conventions](conventions.md).",
        "An argument marked *main* can stand alone: `linear: 1000` is `linear: {out: 1000}`. Axis 0 is the batch, "
        "which no argument may name: axis 1 is the first axis of a shape as written, -1 the last. Weights are named as "
        "in PyTorch; their sizes are formulas over the facts of the layer. Besides the facts listed, every layer has:",
        regions.facts_table().rstrip(),
        "\n".join(
            f"- [{family.capitalize()}](#{family}): " + ", ".join(f"`{member.name}`" for member in members)
            for family, members in families
        ),
    ]
    for family, members in families:
        summary, text = family_text(family)
        parts += [f"## {family.capitalize()}", summary, *([text] if text else [])]
        parts += [kinds.markdown(member, "###").rstrip() for member in members]
    return "\n\n".join(parts) + "\n"
