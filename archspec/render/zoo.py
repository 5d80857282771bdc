"""The list of networks as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.render.numbers import exact, short
from archspec.render.tables import csv_text, markdown_table, plain_table

HEAD = ("name", "family", "input", "params", "MACs")
RIGHT = (False, False, False, True, True)


def render(networks: Sequence[dict[str, Any]], form: str) -> str:
    """The networks as table, Markdown, CSV or JSON (``archspec.list/1``)."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.zoo import list_document

        return written(list_document(networks))
    if form == "csv":
        head = ("name", "family", "input", "params", "macs", "flops")
        rows = [
            [
                network["name"],
                network["family"],
                _inputs(network).replace(", ", "x").replace(" ", ""),
                *map(network.get, head[3:]),
            ]
            for network in networks
        ]
        return csv_text([head, *rows])
    rows = [
        [network["name"], network["family"], _inputs(network), exact(network["params"]), short(network["macs"])]
        for network in networks
    ]
    if form == "md":
        return markdown_table(HEAD, rows, RIGHT) + "\n"
    return "\n".join(plain_table([HEAD, *rows], RIGHT)) + "\n"


def _inputs(network: dict[str, Any]) -> str:
    return "; ".join(", ".join(map(str, sizes)) for sizes in network["inputs"].values())
