"""``archspec.hardware/1``: what chips can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archspec.hardware.model import Chip
from archspec.render.outputs.base import Output


class RatesEntry(Output):
    """Operations a second in one dtype, a multiply-accumulate being two; what is not known is absent."""

    matrix_dense: int = 0
    matrix_sparse: int = 0
    """Where two of four weights are 0, counted as if they were not."""
    vector: int = 0


class ChipMemoryEntry(Output):
    """The memory that it works from."""

    bytes: int = 0
    usable: int = 0
    """What a program can have of it, where that is less."""
    sort: str
    bandwidth: int = 0
    """Bytes a second."""


class LinkEntry(Output):
    """What joins it to its like."""

    name: str
    bandwidth: int
    """Bytes a second, both directions and all links together."""


class ModeEntry(Output):
    """Another power mode: what differs in it."""

    rates: dict[str, RatesEntry] = {}
    bandwidth: int = 0
    says: str = ""


class ChipSourceEntry(Output):
    """Where figures are from."""

    address: str
    says: str


class ChipEntry(Output):
    """A chip; what is not known of it is absent."""

    chip: str
    name: str
    sort: str
    place: str
    part: Literal["die", "package", "superchip"]
    """What the figures are of."""
    year: int
    mode: str = ""
    memory: ChipMemoryEntry | None = None
    link: LinkEntry | None = None
    rates: dict[str, RatesEntry]
    modes: dict[str, ModeEntry] = {}
    notes: list[str] = []
    sources: list[ChipSourceEntry]
    unconfirmed: str = ""
    """Why a second source is missing."""
    checked: str


class HardwareDocument(Output):
    """Chips."""

    schema_: Literal["archspec.hardware/1"]
    chips: list[ChipEntry]


def hardware_document(chips: Sequence[Chip]) -> HardwareDocument:
    """Chips as their contract has them."""
    return HardwareDocument(
        schema_="archspec.hardware/1",
        chips=[ChipEntry(**chip.model_dump(exclude_none=True, exclude_defaults=True)) for chip in chips],
    )
