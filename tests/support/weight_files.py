"""Files of weights written by hand."""

from __future__ import annotations

import json
import struct
from math import prod
from pathlib import Path
from typing import Any

BYTES = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}
Shapes = dict[str, tuple[int, ...]]


def safetensors(path: Path, shapes: Shapes, dtype: str = "F32", *, data: bool = True) -> Path:
    """A file of tensors of these shapes, their bytes zeros that take no room on the disk."""
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + prod(shape) * BYTES[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    return raw_safetensors(path, json.dumps(entries).encode(), end if data else 0)


def raw_safetensors(path: Path, header: bytes, data: int = 0) -> Path:
    """A file with a header of any text."""
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with path.open("r+b") as stream:
        stream.truncate(8 + len(header) + data)
    return path


def text(value: str) -> bytes:
    """A text as GGUF has it."""
    return struct.pack("<Q", len(value.encode())) + value.encode()


def pair(key: str, value: Any) -> bytes:
    """A key of GGUF with a text, a whole number, or a list of such."""
    sort, packed = packed_value(value)
    return text(key) + struct.pack("<I", sort) + packed


def packed_value(value: Any) -> tuple[int, bytes]:
    """The sort of a value and its bytes."""
    if isinstance(value, str):
        return 8, text(value)
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    parts = [packed_value(item) for item in value]
    head = struct.pack("<IQ", parts[0][0] if parts else 4, len(parts))
    return 9, head + b"".join(part for _, part in parts)


def gguf(path: Path, shapes: Shapes, metadata: dict[str, Any] | None = None, *, data: bool = True) -> Path:
    """A file of float32 tensors of these shapes, as PyTorch has them."""
    infos, offset = [], 0
    for name, shape in shapes.items():
        row = shape[::-1]
        infos.append(text(name) + struct.pack(f"<I{len(row)}QIQ", len(row), *row, 0, offset))
        offset += -(-prod(shape) * 4 // 32) * 32
    pairs = [pair(key, value) for key, value in (metadata or {}).items()]
    return raw_gguf(
        path, struct.pack("<IQQ", 3, len(infos), len(pairs)) + b"".join([*pairs, *infos]), offset if data else 0
    )


def raw_gguf(path: Path, rest: bytes, data: int = 0) -> Path:
    """A file with anything behind the magic number, then bytes of tensors."""
    header = b"GGUF" + rest
    path.write_bytes(header)
    with path.open("r+b") as stream:
        stream.truncate(-(-len(header) // 32) * 32 + data if data else len(header))
    return path


def varint(value: int) -> bytes:
    """A number as protocol buffers have it."""
    return bytes([value & 127 | 128 * (value > 127)]) + (varint(value >> 7) if value > 127 else b"")


def field(number: int, value: int | bytes) -> bytes:
    """A field of a message: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def initializer(name: str, shape: tuple[int, ...], dtype: int = 1, more: bytes = b"") -> bytes:
    """An initializer of an ONNX graph."""
    return field(5, b"".join(field(1, size) for size in shape) + field(2, dtype) + more + field(8, name.encode()))


def onnx(path: Path, shapes: Shapes) -> Path:
    """A model that has initializers of these shapes, and nothing else."""
    path.write_bytes(field(1, 8) + field(7, b"".join(initializer(name, shape) for name, shape in shapes.items())))
    return path
