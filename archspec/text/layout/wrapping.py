"""A collection inside brackets over several lines."""

from __future__ import annotations

from archspec.text.layout.shapes import WIDTH
from archspec.text.layout.tree import Item


def wrap(head: str, item: Item) -> list[str]:
    """The lines, each filled, those below the first under its first item; none where an item is too long for one."""
    start = head + item.brackets[0]
    pad = " " * len(start)
    line = start
    lines = []
    for child in item.items:
        if child.flat is None or len(pad) + len(child.entry) + 2 > WIDTH:
            return []
        if line is start:
            line += child.entry
        elif len(line) + len(child.entry) + 4 > WIDTH:
            lines.append(f"{line},")
            line = pad + child.entry
        else:
            line += f", {child.entry}"
    return [*lines, line + item.brackets[1]]
