"""``archspec.list/1``: the networks that come with archspec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from archspec.render.outputs.base import Output, Shape, Size


class Network(Output):
    """One network, at its nominal input."""

    name: str
    family: str
    inputs: dict[str, Shape]
    """Sizes of each input without the batch axis."""
    params: Size
    macs: Size
    flops: Size


class ListDocument(Output):
    """Networks, by name."""

    schema_: Literal["archspec.list/1"]
    networks: list[Network]


def list_document(networks: Sequence[dict[str, Any]]) -> ListDocument:
    """The networks."""
    return ListDocument(schema_="archspec.list/1", networks=[Network(**network) for network in networks])
