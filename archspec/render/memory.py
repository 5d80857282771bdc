"""What a network needs of memory, as a table and as Markdown."""

from __future__ import annotations

from textwrap import wrap

from archspec.errors import printable
from archspec.memory.measured import FIGURES, Memory, Part
from archspec.render.markdown import escaped
from archspec.render.numbers import binary, exact, short
from archspec.render.tables import markdown_table, ruled_table
from archspec.render.totals import heading

HEAD = ("figure", "amount", "exactly", "how")
RIGHT = (False, True, True, False)
ALIVE = ("alive at the peak", "amount", "exactly", "until")
MOST_ALIVE = 12  # tensors that are listed
NARROWEST = 24  # columns that are left for how a figure comes about


def table(memory: Memory, room: int | None = None) -> str:
    """A line for each part, those of one total below each other, the total where it has several."""
    lines = [*heading(memory.report), "", *ruled_table(folded([HEAD, *rows(memory)], room), RIGHT)]
    for head, lines_beside in beside(memory):
        lines += ["", *ruled_table(folded([head, *lines_beside], room), RIGHT)]
    lines += ["", *ruled_table([ALIVE, *alive(memory)], (False, True, True, False))] if memory.schedule.alive else []
    lines += ["", *(f"note: {printable(text)}" for text in memory.warnings)] if memory.warnings else []
    return "\n".join(lines) + "\n"


def markdown(memory: Memory) -> str:
    """The same as a pipe table."""
    cells = [[escaped(text) for text in row] for row in rows(memory)]
    notes = "".join(f"\n- {escaped(text)}" for text in memory.warnings)
    shown = markdown_table(HEAD, cells, RIGHT)
    for head, lines_beside in beside(memory):
        shown += "\n\n" + markdown_table(head, [[escaped(text) for text in row] for row in lines_beside], RIGHT)
    held = markdown_table(ALIVE, [[escaped(text) for text in row] for row in alive(memory)], (False, True, True, False))
    held = f"\n{held}\n" if memory.schedule.alive else ""
    return f"{escaped(heading(memory.report)[0])}\n\n{shown}\n{held}" + (f"{notes}\n" if notes else "")


def rows(memory: Memory) -> list[tuple[str, str, str, str]]:
    """The parts in the order of their totals."""
    found = []
    for total, value in memory.totals.items():
        parts = [part for part in memory.parts if part.total == total]
        found += [row(part) for part in parts]
        if len(parts) != 1:
            found.append((total, amount(total, value), exact(value), FIGURES[total]))
    return found


def beside(memory: Memory) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Of each total that several models are asked about, what each says."""
    totals = dict.fromkeys(part.total for part in memory.beside)
    return [
        ((f"{total} by", *HEAD[1:]), [row(part) for part in memory.beside if part.total == total]) for total in totals
    ]


def alive(memory: Memory) -> list[tuple[str, str, str, str]]:
    """The tensors that make the peak, the largest first."""
    tensors = sorted(memory.schedule.alive, key=lambda tensor: -tensor.bytes)
    lines = [
        (tensor.tensor, binary(tensor.bytes), exact(tensor.bytes), tensor.until or "the end, it is a result")
        for tensor in tensors[:MOST_ALIVE]
    ]
    rest = sum(tensor.bytes for tensor in tensors[MOST_ALIVE:])
    more = [(f"and {len(tensors) - MOST_ALIVE} more", binary(rest), exact(rest), "")] if rest else []
    return lines + more


def folded(lines: list[tuple[str, ...]], room: int | None) -> list[tuple[str, ...]]:
    """Rows whose last cell goes on below itself where the terminal ends."""
    if room is None:
        return lines
    before = sum(max(len(line[column]) for line in lines) + 2 for column in range(3))
    found = []
    for *cells, last in lines:
        first, *rest = wrap(last, max(NARROWEST, room - before)) or [""]
        found += [(*cells, first), *(("", "", "", more) for more in rest)]
    return found


def row(part: Part) -> tuple[str, str, str, str]:
    """A part as a line."""
    return part.name, amount(part.total, part.value), exact(part.value), part.formula


def amount(total: str, value: int) -> str:
    """A figure as it is read."""
    return binary(value) if total.endswith("_bytes") else short(value)
