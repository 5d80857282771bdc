"""`model.safetensors.index.json`: which file each tensor of a sharded model is in; the files stand beside it."""

from __future__ import annotations

import os
from typing import Any

from archspec.errors import SpecError, show
from archspec.importers.headers import safetensors
from archspec.importers.headers.base import (
    MAX_JSON,
    MAX_TENSORS,
    Entry,
    Header,
    Pieces,
    named,
    named_few,
    parsed,
    place_of,
)

MAX_SHARDS = 10_000


def read(path: str) -> Header:
    """The tensors an index names, with what the files beside it say of them. Raises SpecError."""
    with Pieces(path) as pieces:
        if pieces.size > MAX_JSON:
            pieces.fail(f"an index of {pieces.size:,} bytes: at most {MAX_JSON:,} are read")
        said = parsed(pieces.read(pieces.size, "the index"), path, "index")
    return index(said, path)


def index(said: Any, path: str) -> Header:
    """An index with the headers of the files it names. Raises SpecError."""
    places = said.get("weight_map") if isinstance(said, dict) else None
    if not isinstance(places, dict):
        raise SpecError("an index has a mapping `weight_map` of tensors to files", file=path, path="index")
    if len(places) > MAX_TENSORS:
        raise SpecError(f"{len(places):,} tensors: at most {MAX_TENSORS:,} are read", file=path, path="weight_map")
    shards: dict[str, list[str]] = {}
    for name, shard in places.items():
        if not isinstance(shard, str) or shard in ("", ".", "..") or "\0" in shard or {"/", "\\"} & {*shard}:
            message = f"must be the name of a file beside the index, got {show(shard)}"
            raise SpecError(message, file=path, path=f"weight_map.{place_of(named(name, path))}")
        shards.setdefault(shard, []).append(name)
    if len(shards) > MAX_SHARDS:
        raise SpecError(f"{len(shards):,} files: at most {MAX_SHARDS:,} are read", file=path, path="weight_map")
    tensors = {name: Entry(name, None, "") for name in places}
    absent: list[str] = []
    for shard, names in shards.items():
        file = os.path.join(os.path.dirname(path), shard)
        if not os.path.lexists(file):
            absent.append(shard)
            continue
        there = safetensors.read(file).tensors
        for name in names:
            if name not in there:
                message = f"`{show(shard)}` has no such tensor"
                raise SpecError(message, file=path, path=f"weight_map.{place_of(name)}")
            tensors[name] = there[name]
        more = next((name for name in there if places.get(name) != shard), None)
        if more is not None:
            raise SpecError("the index has no such tensor in this file", file=file, path=place_of(more))
    metadata = said.get("metadata")
    notes = []
    if absent:
        unknown = sum(entry.shape is None for entry in tensors.values())
        files = f"{len(absent):,} of {len(shards):,} files are not here ({named_few(absent)})"
        notes.append(f"{files}: of {unknown:,} tensors the name alone is known, no shape and no dtype")
    return Header("safetensors", tensors, metadata if isinstance(metadata, dict) else {}, tuple(notes))
