"""Safetensors: eight bytes that say how long the header is, JSON, then the tensors' bytes without a gap.

https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from archspec.errors import SpecError, show, suggestion
from archspec.importers.headers.base import (
    MAX_JSON,
    MAX_TENSORS,
    Entry,
    Header,
    Pieces,
    named,
    numbers,
    overlapping,
    parsed,
    place_of,
    sizes,
)

# Bits of an element, and archspec's name where it has one: Dtype in safetensors/src/tensor.rs of 0.8.0.
DTYPES = {
    "BOOL": (8, "bool"),
    "F4": (4, ""),
    "F6_E2M3": (6, ""),
    "F6_E3M2": (6, ""),
    "U8": (8, "uint8"),
    "I8": (8, "int8"),
    "F8_E5M2": (8, "float8"),
    "F8_E4M3": (8, "float8"),
    "F8_E5M2FNUZ": (8, "float8"),
    "F8_E4M3FNUZ": (8, "float8"),
    "F8_E8M0": (8, ""),
    "I16": (16, "int16"),
    "U16": (16, ""),
    "F16": (16, "float16"),
    "BF16": (16, "bfloat16"),
    "I32": (32, "int32"),
    "U32": (32, ""),
    "F32": (32, "float32"),
    "C64": (64, ""),
    "F64": (64, "float64"),
    "I64": (64, "int64"),
    "U64": (64, ""),
}
KEYS = {"dtype", "shape", "data_offsets"}


def read(path: str) -> Header:
    """The header of a file. Raises SpecError."""
    with Pieces(path) as pieces:
        length = int.from_bytes(pieces.read(8, "the length of the header"), "little")
        if length > min(MAX_JSON, pieces.size - 8):
            pieces.at = 0
            if length > pieces.size - 8:
                pieces.fail(
                    f"the header should have {length:,} bytes, the file has {pieces.size:,}: cut off, or no safetensors"
                )
            pieces.fail(f"a header of {length:,} bytes: at most {MAX_JSON:,} are read")
        text = pieces.read(length, "the header")
        data = pieces.size - pieces.at
    return header(parsed(text, path, "header"), data, path)


def header(said: Any, data: int, path: str) -> Header:
    """What a header says of ``data`` bytes behind it. Raises SpecError."""
    if not isinstance(said, dict):
        raise SpecError("a header is a mapping of tensors", file=path, path="header")
    metadata = said.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise SpecError("must be a mapping of texts", file=path, path="__metadata__")
    if len(said) > MAX_TENSORS:
        raise SpecError(f"{len(said):,} tensors: at most {MAX_TENSORS:,} are read", file=path, path="header")
    tensors: dict[str, Entry] = {}
    spans: list[tuple[int, int, str]] = []
    for name, entry in said.items():
        tensors[named(name, path)], span = _tensor(name, entry, path)
        spans.append((*span, name))
    overlapping(spans, path)
    end = max((behind for _, behind, _ in spans), default=0)
    if end != sum(behind - first for first, behind, _ in spans):
        raise SpecError("there are bytes between the tensors that are none's", file=path, path="header")
    if data == 0 and end:
        return Header("safetensors", tensors, metadata, (f"the header alone: {end:,} bytes of tensors are not here",))
    if data != end:
        message = f"the tensors have {end:,} bytes, behind the header stand {data:,}"
        raise SpecError(message, file=path, path="header", hint="the file is cut off" if data < end else None)
    return Header("safetensors", tensors, metadata)


def _tensor(name: str, entry: Any, file: str) -> tuple[Entry, tuple[int, int]]:
    """A tensor and its bytes' first place and the one behind them. Raises SpecError."""
    place = place_of(name)
    if not isinstance(entry, dict) or entry.keys() != KEYS:
        raise SpecError(f"a tensor has {', '.join(sorted(KEYS))}, got {show(entry)}", file=file, path=place)
    dtype = entry["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        hint = suggestion(dtype, DTYPES) if isinstance(dtype, str) else None
        raise SpecError(f"unknown dtype {show(dtype)}", file=file, path=f"{place}.dtype", hint=hint)
    shape = sizes(entry["shape"], file, f"{place}.shape")
    span = numbers(entry["data_offsets"], file, f"{place}.data_offsets")
    if len(span) != 2 or span[0] > span[1]:
        raise SpecError(f"must be a first and a last byte, got {show(span)}", file=file, path=f"{place}.data_offsets")
    bits, known = DTYPES[dtype]
    size = Fraction(prod(shape) * bits, 8)
    if size != span[1] - span[0]:
        message = f"{list(shape)} of {dtype} takes {size} bytes, {list(span)} are {span[1] - span[0]:,}"
        raise SpecError(message, file=file, path=f"{place}.data_offsets")
    return Entry(name, shape, known or dtype), (span[0], span[1])
