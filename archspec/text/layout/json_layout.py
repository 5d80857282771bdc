"""A tree as JSON: every number and string as it is written, lines broken where YAML's would be."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.text.layout.shapes import STEP, WIDTH
from archspec.text.layout.tree import Item
from archspec.text.layout.wrapping import wrap


def json_layout(root: Item) -> str:
    """The text of a document."""
    return "\n".join(_lines(root, 0, "", always=True)) + "\n"


def _lines(item: Item, indent: int, comma: str, always: bool = False) -> Iterator[str]:
    """The lines of an item, with what follows it."""
    head = " " * indent + (f"{item.key}: " if item.key else "")
    flat = item.text or item.flat
    if not item.items or (flat and not always and len(head) + len(flat) + 1 <= WIDTH):
        yield f"{head}{flat}{comma}"
    elif not always and not item.spread and item.shape.spread == "wrapped" and (wrapped := wrap(head, item)):
        yield from wrapped[:-1]
        yield wrapped[-1] + comma
    else:
        yield head + item.brackets[0]
        for child in item.items:
            yield from _lines(child, indent + STEP, "," if child is not item.items[-1] else "")
        yield " " * indent + item.brackets[1] + comma
