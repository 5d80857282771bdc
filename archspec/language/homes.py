"""Blocks that are kept for other versions of a file: written the same, they are the same, and so is what follows."""

from __future__ import annotations

import re
from typing import Any

from archspec.language.building import frozen
from archspec.language.nodes import Home
from archspec.text.document import LINE_BREAK, Document, Map

MOST = 4096  # layers in all; beyond it all are forgotten


class Homes:
    """The blocks of files by all that is written of them, and by where."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], Home] = {}
        self.layers = 0

    def keep(self, key: tuple[Any, ...], home: Home) -> None:
        """Keep the blocks of a file, all of them read."""
        if self.layers + home.layers > MOST:
            self.known.clear()
            self.layers = 0
        if home.layers <= MOST:
            self.known[key] = home
            self.layers += home.layers


HOMES = Homes()


def written(document: Document, defaults: Any) -> tuple[Any, ...] | None:
    """What tells the blocks of a file from others, their lines among it; None where there are none, or no text."""
    data = document.data
    if not document.text or not isinstance(data, Map) or not isinstance(data.get("blocks"), Map):
        return None
    lines = [span.line for span in data.key_spans.values()]
    first = data.key_spans["blocks"].line
    last = min((line for line in lines if line > first), default=None)
    text = re.split(LINE_BREAK, document.text)[first - 1 : last]
    return document.name, first, "\n".join(text), frozen(defaults)
