"""A file of weights, whatever its format: known by what it holds."""

from __future__ import annotations

from archspec.errors import SpecError
from archspec.importers.headers import gguf, index, onnx, safetensors
from archspec.importers.headers.base import Header, Pieces

FORMATS = "safetensors, its index, GGUF, ONNX or a config.json"
PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def read(path: str) -> Header | None:
    """The header of a file of weights; None for a text that is no index. Raises SpecError."""
    with Pieces(path) as pieces:
        start = pieces.read(min(pieces.size, 4096), "the file")
    if start.startswith(gguf.MAGIC):
        return gguf.read(path)
    if path.lower().endswith(".onnx"):
        return onnx.read(path)
    if path.lower().endswith(".safetensors") or start[8:9] == b"{":
        return safetensors.read(path)
    if start.startswith(PICKLES):
        hint = "convert it to safetensors"
        raise SpecError("a pickle or an archive of such: loading one runs what it says", hint=hint, file=path)
    if path.lower().endswith(".index.json") or b'"weight_map"' in start:
        return index.read(path)
    if b"\0" in start:
        raise SpecError("no file of weights that archspec knows", hint=f"it reads {FORMATS}", file=path)
    return None
