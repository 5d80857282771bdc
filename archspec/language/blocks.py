"""Blocks by name: those of the spec's own file first, then the standard ones in archspec/blocks."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from archspec.errors import MAX_NAME, SpecError, clipped, suggestion
from archspec.language.nodes import Block, Home

if TYPE_CHECKING:
    from collections.abc import Mapping


def find_block(name: str, home: Home) -> Block:
    """The block a file means by a name. Raises SpecError."""
    block = home.blocks.get(name) or (standard(name) if name in standard_names() else None)
    if block is None:
        hint = suggestion(name, [*home.blocks, *standard_names()])
        raise SpecError(f"no block is called `{clipped(name, MAX_NAME)}`", hint=hint)
    return block


@cache
def standard_names() -> Mapping[str, str]:
    """Standard blocks: name -> file name. Helpers beside the block a file is named for are its own."""
    folder = files("archspec") / "blocks"
    return {
        entry.name.removesuffix(".yaml"): entry.name
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }


@cache
def standard(name: str) -> Block:
    """A standard block, read from its file."""
    from archspec.language.load import load_blocks

    text = (files("archspec") / "blocks" / standard_names()[name]).read_text("utf-8")
    return load_blocks(text, f"archspec/blocks/{name}.yaml")[name]
