"""Blocks by name: those of the spec's own file first, then the standard ones in archspec/blocks, then the zoo's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from archspec.errors import MAX_NAME, SpecError, clipped, suggestion
from archspec.language.find import network
from archspec.language.nodes import Block, Home, UseNode
from archspec.language.parts import as_block, is_file
from archspec.text.shipped import shipped


def find_block(name: str, home: Home) -> Block:
    """The block a file means by a name. Raises SpecError."""
    block = home.blocks.get(name) or (standard(name) if name in standard_names() else of_zoo(name))
    if block is None:
        if is_file(name):
            raise SpecError("a file is named as it is, by no expression")
        hint = suggestion(name, [*home.blocks, *standard_names()])
        raise SpecError(f"no block is called `{clipped(name, MAX_NAME)}`", hint=hint)
    return block


def block_called(name: str, node: UseNode) -> Block:
    """The block of that name that a call is one of. Raises SpecError."""
    return node.part or find_block(name, node.home)


def standard_names() -> Iterable[str]:
    """The standard blocks. Helpers beside the block that a file is named for are its own."""
    return shipped("blocks")


@cache
def standard(name: str) -> Block:
    """A standard block, read from its file."""
    from archspec.language.load import load_blocks

    return load_blocks(shipped("blocks")[name].read_text("utf-8"), f"archspec/blocks/{name}.yaml")[name]


@lru_cache(maxsize=64)
def of_zoo(name: str) -> Block | None:
    """The network of the zoo that a name means, as a block; None where there is none."""
    place = network(name)
    if place is None:
        return None
    from archspec.language.load import load_spec

    return as_block(name, load_spec(place.file), place.variant)
