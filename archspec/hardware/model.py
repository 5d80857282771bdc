"""What a chip's file holds; the docstrings are its manual."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from archspec.errors import show, suggestion
from archspec.hardware.amount import Amount
from archspec.models.base import Model
from archspec.models.describe import file_schema
from archspec.models.types import Invalid, Json, Taken, Text, Texts, unfit

DTYPES = ("float64", "float32", "tfloat32", "bfloat16", "float16", "float8", "float6", "float4", "int8", "int4")


_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,60}")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise unfit(f"must be letters a to z, digits, `.`, `_` and `-`, got {show(value)}")
    return value


Name = Annotated[str, Taken(_name, {"type": "string", "pattern": f"^{_NAME.pattern}$"})]


class Rates(Model):
    """Operations a second in one dtype; a multiply-accumulate is two."""

    matrix_dense: Amount | None = None
    """Of the matrix unit, every operand there."""
    matrix_sparse: Amount | None = None
    """Of the matrix unit where two of four weights are 0 and left out, counted as if they were not."""
    vector: Amount | None = None
    """Of the units that work element by element."""

    @model_validator(mode="after")
    def _some(self) -> Rates:
        if self.matrix_dense is self.matrix_sparse is self.vector is None:
            raise Invalid("rates of no unit", hint="matrix_dense, matrix_sparse or vector")
        if self.matrix_dense and self.matrix_sparse and self.matrix_sparse <= self.matrix_dense:
            cause = f"{self.matrix_sparse} is not above matrix_dense, {self.matrix_dense}"
            raise Invalid(f"matrix_sparse {cause}", "matrix_sparse", hint="public tables often have the two as one")
        return self


def _of_dtypes(table: dict[str, Rates]) -> dict[str, Rates]:
    for name in table:
        if name not in DTYPES:
            raise Invalid(f"unknown dtype `{name}`", name, hint=suggestion(name, DTYPES), of_key=True)
    return table


Table = Annotated[
    dict[str, Rates], AfterValidator(_of_dtypes), Field(json_schema_extra={"propertyNames": {"enum": [*DTYPES]}})
]


class ChipMemory(Model):
    """The memory that a chip works from."""

    bytes: Amount | None = None
    """What is installed; left out where that is the machine's affair."""
    usable: Amount | None = None
    """What a program can have of it, where that is less: what the driver reports."""
    sort: Text
    """HBM3, GDDR6X, LPDDR5, ..."""
    bandwidth: Amount | None = None
    """Bytes a second, reads and writes together."""

    @model_validator(mode="after")
    def _within(self) -> ChipMemory:
        if self.bytes and self.usable and self.usable > self.bytes:
            raise Invalid(f"usable, {self.usable}, is more than the {self.bytes} bytes there are", "usable")
        return self


class Link(Model):
    """What joins it to its like."""

    name: Text
    bandwidth: Amount
    """Bytes a second, both directions and all links together."""


class Mode(Model):
    """A power mode: what differs from the figures above. Rates that it gives replace all others."""

    rates: Table = {}
    bandwidth: Amount | None = None
    """Bytes a second of the memory."""
    says: Text = ""


class ChipSource(Model):
    """Where figures are from."""

    address: Text
    says: Text


class Chip(Model):
    """A chip, or what is sold as one."""

    chip: Name
    """Its id."""
    name: Text
    """What it is called, and what of it the figures are."""
    sort: Literal["GPU", "TPU", "CPU", "NPU", "accelerator"]
    """What sort of chip it is."""
    place: Literal["data centre", "desktop", "edge", "phone", "laptop"]
    """Where it is found."""
    part: Literal["die", "package", "superchip"]
    """What the figures are of: one die, one package of dies, or a board of several."""
    year: int
    """When it came out."""
    mode: Name = ""
    """The power mode that the figures hold in, where it has several."""
    memory: ChipMemory | None = None
    """`bytes`, `usable`, `sort` and `bandwidth`. Left out where it has none of its own to speak of."""
    link: Link | None = None
    """`name` and `bandwidth` of what joins it to its like."""
    rates: Table
    """`matrix_dense`, `matrix_sparse` and `vector` in each dtype: of the operands, sums being float32 or int32."""
    modes: dict[Name, Mode] = {}
    """Other power modes by name, `CHIP@MODE`: the `rates` and the `bandwidth` in it, and what it `says`."""
    notes: Texts = []
    """How figures that public tables contradict each other on were settled, and what to know."""
    sources: list[ChipSource]
    """`address` of each, and what it `says`."""
    unconfirmed: Text = ""
    """Why a second source is missing, where it is."""
    checked: Text
    """The day on which the sources were read, as 2026-11-21."""

    @model_validator(mode="after")
    def _whole(self) -> Chip:
        if not self.rates:
            raise Invalid("rates of no dtype", "rates")
        for name, mode in self.modes.items():
            if mode.bandwidth is not None and self.memory is None:
                raise Invalid("a bandwidth without a memory", "modes", name, "bandwidth")
        return self


def chip_schema() -> Json:
    """The JSON Schema of a chip's file."""
    return file_schema(Chip, "chip")
