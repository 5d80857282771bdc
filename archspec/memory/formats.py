"""Formats that weights and caches are stored in: so many bytes for so many elements of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any

from archspec.conventions.model import Formula
from archspec.errors import UsageError, did_you_mean
from archspec.memory.files import table
from archspec.models.base import Model
from archspec.models.types import Text
from archspec.records import NamedTuple

_GROUPED = re.compile(r"(.+)-g([1-9][0-9]{0,8})")


class FormatEntry(Model):
    """A format as its table has it."""

    elements: Formula
    """Elements of a row that share a block; over `group` where the name ends in one."""
    bytes: Formula | None = None
    """Bytes of a block."""
    stores: dict[str, Formula] = {}
    """In place of `bytes`, the tensors stored for a matrix and their bytes, over `rows`, `columns` and `group`."""
    divides: dict[str, int] = {}
    """What must divide the matrix' `rows` and `columns` beside the block."""
    fallback: Text = ""
    """What llama.cpp takes where a block does not divide a row (tensor_type_fallback in src/llama-quant.cpp)."""
    source: Text
    """Where that is said."""


class FormatTable(Model):
    """The formats there are."""

    aliases: dict[str, Text]
    """Other names."""
    formats: dict[str, FormatEntry]
    """Each format by its name."""
    grouped: dict[str, FormatEntry]
    """Those whose name ends in the size of a group: int4-g128."""


class Format(NamedTuple):
    """A format with its numbers; ``bytes`` is None where what it stores is no block."""

    name: str
    elements: int
    bytes: int | None
    entry: FormatEntry
    values: Mapping[str, int]

    def of(self, shape: tuple[int, ...]) -> dict[str, int] | None:
        """Bytes of what is stored for a tensor, by name; None where the format does not fit its shape."""
        columns = shape[-1] if shape else 1
        rows = prod(shape[:-1])
        if columns % self.elements or (self.bytes is None and len(shape) < 2):
            return None
        if self.bytes is not None:
            return {"": rows * (columns // self.elements) * self.bytes}
        sizes = {"rows": rows, "columns": columns, **self.values}
        if any(sizes[name] % divisor for name, divisor in self.entry.divides.items()):
            return None
        return {name: _value(formula, sizes) for name, formula in self.entry.stores.items()}

    def wants(self) -> str:
        """What it asks of a tensor, in words."""
        if self.bytes is not None:
            return f"blocks of {self.elements} along the last axis"
        more = "".join(f", {divisor} of its {name}" for name, divisor in self.entry.divides.items())
        return f"a matrix, groups of {self.elements} along its last axis{more}"

    def stored(self, pieces: Mapping[str, int]) -> str:
        """What is stored, in words."""
        if self.bytes is None:
            return " + ".join(f"{name} {size:,}" for name, size in pieces.items())
        size = f"{self.bytes} byte{'s' * (self.bytes != 1)}"
        return f"{size} for each {self.elements}" if self.elements > 1 else f"{size} each"

    @property
    def itemsize(self) -> Fraction | int:
        """Bytes of an element, scales included."""
        share = Fraction(self.bytes or 0, self.elements)
        return share.numerator if share.denominator == 1 else share


def format_names() -> tuple[str, ...]:
    """The formats there are; those with a group as `int4-gN`."""
    known = table("formats", FormatTable)
    return (*known.formats, *(f"{name}-gN" for name in known.grouped))


@cache
def find_format(name: str) -> Format | None:
    """The format of that name, in any case, or None. Raises UsageError for a group without a whole number of bytes."""
    known = table("formats", FormatTable)
    name = known.aliases.get(name.lower(), name.lower())
    group = _GROUPED.fullmatch(name)
    values: dict[str, int] = {}
    if group and group[1] in known.grouped:
        entry, values = known.grouped[group[1]], {"group": int(group[2])}
    elif name in known.formats:
        entry = known.formats[name]
    else:
        return None
    block = None if entry.bytes is None else _value(entry.bytes, values)
    if not isinstance(block, int | None):
        raise UsageError(f"`{name}`: a group of {values['group']} takes {block} bytes, no whole number")
    return Format(name, _value(entry.elements, values), block, entry, values)


def format_of(name: str) -> Format:
    """The format of that name. Raises UsageError where there is none."""
    found = find_format(name)
    if found is None:
        raise unknown(name, format_names(), "weight format")
    return found


def unknown(name: str, names: tuple[str, ...], what: str) -> UsageError:
    """What to say of a name that there is not."""
    near = did_you_mean(name.lower(), names)
    known = "known: " + ", ".join(names)
    return UsageError(f"no {what} is called `{name}`", hint=f"{near} {known}" if near else known)


def _value(formula: Any, values: Mapping[str, int]) -> Any:
    return formula.evaluate(lambda path: values[str(path[0])])
