"""Whether a network fits into a memory, as a table and as Markdown."""

from __future__ import annotations

from archspec.errors import printable
from archspec.hardware.fits import Fit
from archspec.render.markdown import escaped
from archspec.render.numbers import binary, exact
from archspec.render.tables import compact_table, ruled_table
from archspec.render.totals import heading

HEAD = ("what", "amount", "exactly")
RIGHT = (False, True, True)


def table(fit: Fit) -> str:
    """What is added up, what there is, and what that comes to."""
    lines = [heading(fit.memory.report)[0], "", *ruled_table([HEAD, *rows(fit)], RIGHT), "", *verdict(fit)]
    return "\n".join([*lines, *(f"note: {printable(text)}" for text in fit.memory.warnings)]) + "\n"


def markdown(fit: Fit) -> str:
    """The same as a pipe table."""
    parts = [escaped(heading(fit.memory.report)[0]), compact_table(HEAD, rows(fit), RIGHT)]
    parts += [escaped(text) for text in verdict(fit)]
    notes = "\n".join(f"- {escaped(text)}" for text in fit.memory.warnings)
    return "\n\n".join([*parts, *([notes] if notes else [])]) + "\n"


def rows(fit: Fit) -> list[tuple[str, str, str]]:
    """A line for each total, then the sums."""
    place, left = fit.place, fit.place.free - fit.needed
    lines = [(name.removesuffix("_bytes").replace("_", " "), size) for name, size in fit.needs.items()]
    lines += [("needed", fit.needed), (f"memory of {place.name}" if place.name != "memory" else "memory", place.bytes)]
    lines += [("kept in reserve", place.reserve)] if place.reserve else []
    lines.append(("left", left) if left >= 0 else ("too much", -left))
    return [(name, binary(size), exact(size)) for name, size in lines]


def verdict(fit: Fit) -> list[str]:
    """What comes of it, in words."""
    if fit.solved is None:
        return ["it fits" if fit.fits else "it does not fit"]
    of, number, beyond = fit.solved
    if not number:
        return [f"no {of} fits: {of} 1 needs {exact(beyond)} bytes"]
    return [f"the largest {of} that fits: {exact(number)}", f"{of} {exact(number + 1)} needs {exact(beyond)} bytes"]
