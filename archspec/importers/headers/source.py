"""Files of weights as sources: a GGUF whose keys say an architecture is a network, all else is a list of tensors."""

from __future__ import annotations

import json
from math import prod
from typing import Any

from archspec.errors import UsageError
from archspec.importers.headers import gguf, index, safetensors
from archspec.importers.headers.base import Header
from archspec.importers.headers.gguf_configs import config_of
from archspec.importers.headers.gguf_names import is_made_up
from archspec.importers.headers.listing import listed
from archspec.importers.sources import Converted
from archspec.importers.transformers.config import convert as of_config
from archspec.text.document import Document
from archspec.text.reader import read_text


def convert(source: str | Document, architecture: str | None) -> Converted:
    """The spec of a file of weights, or of an index. Raises ArchspecError."""
    if isinstance(source, Document):
        return _listed(index.index(source.data, source.name), source.name, architecture, "an index says no more")
    if source.lower().endswith(".gguf"):
        return _of_gguf(gguf.read(source), source, architecture)
    return _listed(safetensors.read(source), source, architecture, "a file of weights says no more")


def _of_gguf(header: Header, file: str, architecture: str | None) -> Converted:
    """The network of a GGUF, where all of it is known."""
    config, why = config_of(header) if header.complete else (None, "some of its files are not here")
    if config is None:
        return _listed(header, file, architecture, why)
    made = of_config(read_text(json.dumps(config), f"{file} (its keys as a config)"), architecture)
    name = header.metadata.get("general.name")
    spec: dict[str, Any] = {**made.spec, "summary": f"{made.spec['summary'].rstrip('.')}, from the keys of a GGUF."}
    if architecture in (None, config["architectures"][0]):
        shapes = [entry.shape or () for name, entry in header.tensors.items() if not is_made_up(name)]
        spec["expect"] = {"params": sum(map(prod, shapes))}
    note = f"from the keys of {name}" if isinstance(name, str) else "from its keys"
    return Converted(spec, (*header.notes, f"{note}: names are transformers', every tensor's shape was compared"))


def _listed(header: Header, file: str, architecture: str | None, why: str) -> Converted:
    if architecture is not None:
        raise UsageError(f"--architecture is of configs: {file} is taken as a list of tensors, {why}")
    return listed(header, file, why)
