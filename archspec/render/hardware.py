"""What chips can do: as text for a terminal, as Markdown for the docs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from archspec.errors import printable
from archspec.hardware.model import Chip, Mode, Rates
from archspec.render.markdown import code, escaped
from archspec.render.numbers import binary, exact, fixed, short
from archspec.render.outputs.base import written
from archspec.render.outputs.hardware import hardware_document
from archspec.render.tables import plain_table, reference_table, ruled_table, width

HEAD = ("chip", "memory", "bytes/s", "16-bit", "8-bit", "float32", "ridge")
MORE = ("figures of", "what it is")
RIGHT = (False, True, True, True, True, True, True, False, False)
SAID = (
    "bytes/s of the memory; dense operations/s of the matrix unit in bfloat16 (float16 where it has none) and in int8"
    " (float8 where it has none); float32 of the vector units; ridge: 16-bit operations for each byte of memory"
)
WIDTH = 100
WHOLE: Any = {"break_long_words": False, "break_on_hyphens": False}  # an address stays in one piece
SIXTEEN, EIGHT = ("bfloat16", "float16"), ("int8", "float8")


def listing(chips: Sequence[Chip], form: str, room: int | None = None) -> str:
    """Chips, one row each: as a table of ``room`` columns, Markdown or JSON (``archspec.hardware/1``)."""
    if form == "json":
        return written(hardware_document(chips))
    rows = [(*figures(chip), chip.part, chip.name) for chip in chips]
    if form == "md":
        cells = [(code(row[0]), *row[1:]) for row in rows]
        return reference_table((*HEAD, *MORE), cells)
    lines = ruled_table([(*HEAD, *MORE), *rows], RIGHT)
    if room is not None and width(lines) > room:
        lines = ruled_table([HEAD, *(row[: len(HEAD)] for row in rows)], RIGHT)
    return "\n".join([*lines, "", *wrap(SAID, room or WIDTH)]) + "\n"


def figures(chip: Chip) -> tuple[str, ...]:
    """A chip's row; empty where a figure is not known."""
    memory, bandwidth = chip.memory, chip.memory and chip.memory.bandwidth
    sixteen = matrix_rate(chip, SIXTEEN)
    vector = chip.rates["float32"].vector if "float32" in chip.rates else None
    return (
        chip.chip,
        binary(memory.bytes) if memory and memory.bytes else "",
        *(short(value) if value else "" for value in (bandwidth, sixteen, matrix_rate(chip, EIGHT), vector)),
        fixed(sixteen, bandwidth, 1) if sixteen and bandwidth else "",
    )


def matrix_rate(chip: Chip, dtypes: Sequence[str]) -> int | None:
    """The dense rate of the matrix unit in the first of the dtypes that it has."""
    rates = (chip.rates[name].matrix_dense for name in dtypes if name in chip.rates)
    return next((rate for rate in rates if rate), None)


def full(chip: Chip, form: str, room: int | None = None) -> str:
    """One chip in full, in the same forms."""
    if form == "json":
        return written(hardware_document([chip]))
    return markdown(chip) if form == "md" else text(chip, room or WIDTH)


def text(chip: Chip, room: int) -> str:
    """One chip for reading in a terminal."""
    lines = [f"{chip.chip}  {chip.name} ({chip.sort}, {chip.place}, {chip.year}; figures of one {chip.part})", ""]
    lines += [f"  {name:10} {value}" for name, value in facts(chip)]
    lines += ["", *(f"  {line}" for line in plain_table([RATES, *rates(chip.rates)], (False, True, True, True)))]
    for name, mode in chip.modes.items():
        lines += ["", *(f"  {line}" for line in in_mode(name, mode, room - 2))]
    lines.append("")
    for word, remarks in (("note", chip.notes), ("source", cited(chip)), ("unconfirmed", [chip.unconfirmed])):
        for remark in filter(None, remarks):
            said = f"{word}: {remark}"
            lines += wrap(said, room, subsequent_indent="    ", initial_indent="  ", **WHOLE)
    return "\n".join(printable(line) for line in [*lines, f"  checked: {chip.checked}"]) + "\n"


RATES = ("operations/s", "matrix, dense", "matrix, sparse", "vector")


def rates(table: dict[str, Rates]) -> list[tuple[str, ...]]:
    """A row for each dtype."""
    return [
        (dtype, *(short(rate) if rate else "" for rate in (of.matrix_dense, of.matrix_sparse, of.vector)))
        for dtype, of in table.items()
    ]


def facts(chip: Chip) -> list[tuple[str, str]]:
    """What there is to say beside its rates."""
    said = [("mode", chip.mode)] if chip.mode else []
    if memory := chip.memory:
        usable = f", {exact(memory.usable)} of them usable" if memory.usable else ""
        installed = (
            f"{binary(memory.bytes)} {memory.sort}, {exact(memory.bytes)} bytes" if memory.bytes else memory.sort
        )
        said.append(("memory", installed + usable))
        if memory.bandwidth:
            said.append(("bandwidth", f"{short(memory.bandwidth)}B/s"))
    if chip.link:
        said.append(("link", f"{chip.link.name}, {short(chip.link.bandwidth)}B/s"))
    return said


def in_mode(name: str, mode: Mode, room: int) -> list[str]:
    """A power mode's lines."""
    bandwidth = f", {short(mode.bandwidth)}B/s" if mode.bandwidth else ""
    lines = [f"mode {name}{bandwidth}", *wrap(mode.says, room)]
    return lines + (plain_table([RATES, *rates(mode.rates)], (False, True, True, True)) if mode.rates else [])


def cited(chip: Chip) -> list[str]:
    """The sources, a line each."""
    return [f"{source.address}: {source.says}" for source in chip.sources]


def markdown(chip: Chip) -> str:
    """One chip as a section of the docs."""
    parts = [
        f"# {code(chip.chip)}",
        escaped(f"{chip.name} ({chip.sort}, {chip.place}, {chip.year}; figures of one {chip.part})."),
        "\n".join(f"- {name}: {escaped(value)}" for name, value in facts(chip)),
        reference_table(RATES, rates(chip.rates)).rstrip("\n"),
    ]
    for name, mode in chip.modes.items():
        head, *said = in_mode(name, mode, WIDTH)
        parts.append(escaped(" ".join([f"{head}.", mode.says]).strip()) if said else escaped(head))
        parts += [reference_table(RATES, rates(mode.rates)).rstrip("\n")] if mode.rates else []
    remarks = [*chip.notes, *cited(chip), *([chip.unconfirmed] if chip.unconfirmed else []), f"checked {chip.checked}"]
    return "\n\n".join([*parts, "\n".join(f"- {escaped(remark)}" for remark in remarks)]) + "\n"
