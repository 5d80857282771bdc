"""A tree as YAML.

What fits into the width stands on one line inside brackets, unless its shape or a comment in it wants an entry a line.
A comment behind a value stays behind its line; behind one of several lines it goes above. Of two on one line the last
stays. Comments of neighbouring lines stand in one column.
"""

from __future__ import annotations

from archspec.records import NamedTuple
from archspec.text.layout.quoting import block_scalar, fold
from archspec.text.layout.shapes import STEP, WIDTH
from archspec.text.layout.tree import Item
from archspec.text.layout.wrapping import wrap


class Line(NamedTuple):
    """A line, and the comment behind it."""

    text: str
    comment: str = ""


class Entry(NamedTuple):
    """The lines of an item; ``above`` are comments over them. ``whole`` where the first line takes no comment."""

    above: list[str]
    lines: list[Line]
    whole: bool = False


def yaml_layout(root: Item) -> str:
    """The text of a document."""
    notes = root.noted()
    lines = [Line(comment) for comment in notes.above]
    if root.items:
        above, inner, _ = _block(root, 0)
        lines += [*map(Line, above), *inner]
    else:
        *above, last = notes.behind or [""]
        lines += [*map(Line, above), Line(root.flat or root.text, last), *map(Line, notes.tail)]
    while not lines[0].text:
        del lines[0]
    return "\n".join(_aligned(lines)) + "\n"


def _block(item: Item, indent: int) -> Entry:
    """The items of a collection, each from a column on; comments above the first are left out of the lines."""
    pad = " " * indent
    result: Entry | None = None
    for child in item.items:
        entry = _entry(child, indent)
        if result is None:
            result = Entry(entry.above, entry.lines, entry.whole)
        else:
            result.lines.extend(Line(pad + comment if comment else "") for comment in entry.above)
            result.lines.extend(entry.lines)
    assert result is not None
    if item.notes:
        result.lines.extend(Line(pad + comment if comment else "") for comment in item.notes.tail)
    return result


def _entry(item: Item, indent: int) -> Entry:
    """An item as an entry of a block collection at a column."""
    head = " " * indent + (f"{item.key}:" if item.key else "-")
    above = list(item.notes.above) if item.notes else []
    behind = item.notes.behind if item.notes else []
    alone = item.shape.layer and len(item.items) == 1 and not item.key
    whole = False
    if item.flat is not None and not alone and len(head) + 1 + len(item.flat) <= WIDTH:
        lines = [Line(f"{head} {item.text or item.flat}".rstrip())]
    elif item.block:
        sign, content = block_scalar(item.block, WIDTH - indent - STEP)
        pad = " " * (indent + STEP)
        lines = [Line(f"{head} {sign}"), *(Line(pad + line if line else "") for line in content)]
    elif not item.items:
        lines = _folded(head, item.text, indent + STEP)
        whole = len(lines) > 1
    elif wrapped := [] if item.spread or item.shape.spread != "wrapped" else wrap(f"{head} ", item):
        lines, whole = [Line(line) for line in wrapped], True
    else:
        inner = _block(item, indent + STEP)
        lines = inner.lines
        if item.key:
            pad = " " * (indent + STEP)
            lines = [Line(head), *(Line(pad + comment if comment else "") for comment in inner.above), *lines]
        else:
            above += inner.above
            first = lines[0]
            lines[0] = Line(f"{head} {first.text[indent + STEP :]}", first.comment)
            whole = inner.whole or bool(first.comment)
    if behind:
        above += behind if whole else behind[:-1]
        if not whole:
            lines[0] = Line(lines[0].text, behind[-1])
    return Entry(above, lines, whole or bool(behind))


def _folded(head: str, text: str, indent: int) -> list[Line]:
    """A text over several lines where it is too long for one; an expression stays on one."""
    if len(head) + 1 + len(text) <= WIDTH or "$" in text:
        return [Line(f"{head} {text}")]
    first, *rest = fold(text, WIDTH - len(head) - 1, WIDTH - indent)
    return [Line(f"{head} {first}"), *(Line(" " * indent + line) for line in rest)]


def _aligned(lines: list[Line]) -> list[str]:
    """The lines with their comments, those of neighbours in one column where that is within the width."""
    texts: list[str] = []
    group: list[Line] = []
    for line in [*lines, Line("")]:
        if group and (not line.comment or _indent(line.text) != _indent(group[0].text)):
            column = max(len(member.text) for member in group)
            apart = any(
                len(member.text) + 2 + len(member.comment) <= WIDTH < column + 2 + len(member.comment)
                for member in group
            )
            texts += [f"{member.text if apart else member.text.ljust(column)}  {member.comment}" for member in group]
            group = []
        if line.comment:
            group.append(line)
        else:
            texts.append(line.text)
    return texts[:-1]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
