"""The chips that come with archspec, or a file of one's own."""

from __future__ import annotations

from fnmatch import fnmatchcase

from archspec.errors import UsageError, did_you_mean, suggestion
from archspec.hardware.model import Chip
from archspec.memory.files import load, names

ROOM, FAMILY = "hardware", "chips"
FILES = (".yaml", ".yml", ".json")


def chip_names() -> tuple[str, ...]:
    """The ids of the chips that come with archspec."""
    return names(FAMILY, ROOM)


def chip(name: str) -> Chip:
    """A chip by its id or the path of a file, in the power mode behind an `@`. Raises ArchspecError."""
    place, at, mode = name.rpartition("@")
    if not at or name.endswith(FILES):
        return load(FAMILY, name, Chip, "chip", ROOM)
    return in_mode(load(FAMILY, place, Chip, "chip", ROOM), mode)


def in_mode(chip: Chip, mode: str) -> Chip:
    """The chip with a mode's figures. Raises UsageError."""
    if mode and mode == chip.mode:
        return chip
    if mode not in chip.modes:
        known = [name for name in (chip.mode, *chip.modes) if name]
        hint = did_you_mean(mode, known) or (f"it has {', '.join(known)}" if known else "it has one mode")
        raise UsageError(f"{chip.chip} has no mode `{mode}`", hint=hint)
    other = chip.modes[mode]
    memory = chip.memory
    if memory is not None and other.bandwidth is not None:
        memory = memory.model_copy(update={"bandwidth": other.bandwidth})
    return chip.model_copy(update={"mode": mode, "rates": other.rates or chip.rates, "memory": memory})


def chips(pattern: str | None = None) -> list[Chip]:
    """The chips whose ids a pattern such as `h100*` fits, all without one. Raises UsageError where none does."""
    fitting = [name for name in chip_names() if pattern is None or fnmatchcase(name, pattern)]
    if not fitting:
        raise UsageError(f"no chip fits `{pattern}`", hint=suggestion(pattern or "", chip_names()))
    return [chip(name) for name in fitting]
