"""Blocks by name: those of the spec's own file first, then the standard ones in archspec/blocks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from archspec.errors import MAX_NAME, SpecError, clipped, suggestion
from archspec.language.nodes import Block, Home
from archspec.text.shipped import shipped


def find_block(name: str, home: Home) -> Block:
    """The block a file means by a name. Raises SpecError."""
    block = home.blocks.get(name) or (standard(name) if name in standard_names() else None)
    if block is None:
        hint = suggestion(name, [*home.blocks, *standard_names()])
        raise SpecError(f"no block is called `{clipped(name, MAX_NAME)}`", hint=hint)
    return block


def standard_names() -> Iterable[str]:
    """The standard blocks. Helpers beside the block that a file is named for are its own."""
    return shipped("blocks")


@cache
def standard(name: str) -> Block:
    """A standard block, read from its file."""
    from archspec.language.load import load_blocks

    return load_blocks(shipped("blocks")[name].read_text("utf-8"), f"archspec/blocks/{name}.yaml")[name]
